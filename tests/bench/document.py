"""Writes the table of a run into docs/performance.md, between two marks."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from deploy.local.instance import ROOT
from tests.bench.rows import Row
from tests.bench.table import markdown

BEGIN, END = '<!-- bench: written by `make bench o="--document"` -->', "<!-- end of the bench -->"
PAGE = ROOT / "docs" / "performance.md"


def write_document(rows: Sequence[Row], facts: Mapping[str, object]) -> None:
    """Replace what stands between the marks."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{_section(rows, facts)}\n\n{END}{after}", encoding="utf-8")


def _section(rows: Sequence[Row], facts: Mapping[str, object]) -> str:
    machine = facts["machine"]
    assert isinstance(machine, dict)
    about = (
        f"Commit {facts['commit']}, {datetime.now(UTC):%d %B %Y}; {machine['cores']} cores "
        f"({machine['processor']}), {machine['memory']}, Python {machine['python']}. Load average of the "
        f"minute before: {machine['load_average'][0]:.1f}."
    )
    return f"{about}\n\n{markdown(rows)}"

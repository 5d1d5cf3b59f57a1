"""The names that spans carry are OpenTelemetry's own, current ones, or marked as ours."""

import importlib
import pkgutil
import re
from pathlib import Path

from opentelemetry.semconv import _incubating, attributes

from shared.telemetry.attributes import MAY_LEAVE

ROOT = Path(__file__).parents[3]
DECLARED = re.compile(r'^[A-Z0-9_]+: Final = "([\w.]+)"\n"""(.*?)"""', re.M | re.S)


def _current() -> set[str]:
    """Every attribute of the pinned conventions that is stable, or not deprecated yet."""
    found: set[str] = set()
    for package in (attributes, importlib.import_module(f"{_incubating.__name__}.attributes")):
        for module in pkgutil.iter_modules(package.__path__):
            source = Path(f"{package.__path__[0]}/{module.name}.py").read_text(encoding="utf-8")
            texts = DECLARED.findall(source)
            found |= {name for name, text in texts if not text.strip().startswith("Deprecated")}
    return found


def test_every_name_is_a_current_one_of_the_conventions_or_ours() -> None:
    """promise A7"""
    current = _current()
    assert len(current) > 500
    assert {name for name in MAY_LEAVE if not name.startswith("care.")} <= current


def test_every_name_is_documented() -> None:
    documented = re.findall(r"^\| `([\w.]+)` \|", (ROOT / "docs" / "tracing.md").read_text(), re.M)
    assert sorted(documented) == sorted(MAY_LEAVE)

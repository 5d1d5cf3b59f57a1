"""The kept plans: a text file for each question, with its statements and how the database runs them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from shared.database.kept_plans import Prepared, prepare
from shared.database.transaction import Transaction
from tests.plans.listening import Statement
from tests.plans.whole_reads import whole_reads

DOCS = Path(__file__).parents[2] / "docs" / "plans"
NOT_PLANNED = ("SET ", "LOCK ")
"""Statements without a plan; what they set holds for the plans that follow."""

# What differs from run to run: ids, instants, numbers and lists of them.
_VARIABLE = (
    (r"'\{[^']*\}'", "'{...}'"),
    (r"'[0-9a-f-]{36}'", "'<id>'"),
    (r"'[^']*\d{4}-\d\d-\d\d[^']*'", "'<time>'"),
    (r"'-?\d+'::bigint", "'<number>'::bigint"),
    (r"'(?:[0-9a-f]{64}|[0-9a-f]{32})'", "'<digest>'"),
    (r"'\{\"[^']*'::jsonb?", "'<json>'::jsonb"),
    (r"'[^'\s]*[0-9a-f]{8}-[0-9a-f-]{27}[^'\s]*'", "'<name with an id>'"),
    (r"'[a-z]+_[^'\s]*-[0-9a-f]{4}-[^'\s]*'", "'<name with an id>'"),
)
_PARAMETER = r"%\(\w+\)s(?:::\w+)?"
_ROW = r"\((?:[^()]|\([^()]*\))*\)"


@dataclass(frozen=True)
class KeptPlans:
    """Those of one service. `growing`: its tables that are never read from end to end.

    `once`: a statement that a question sends again, about another row, is kept once, so that it does not
    matter how many there are. `fine`: questions that may
    read a table so; docs/plans/README.md says why.
    """

    service: str
    growing: frozenset[str]
    partial: frozenset[str] = frozenset()
    once: bool = False
    fine: frozenset[tuple[str, str]] = frozenset()

    @property
    def folder(self) -> Path:
        return DOCS / self.service

    def files(self) -> dict[str, str]:
        """Their content by question."""
        return {path.stem: path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("*.txt"))}

    def asked(self, sent: dict[str, list[Statement]]) -> dict[str, list[str]]:
        """What was sent, by question, as `kept` tells it."""
        found = {name: [normal(one.text) for one in self._counted(all_)] for name, all_ in sent.items()}
        return self._comparable(found)

    def kept(self) -> dict[str, list[str]]:
        """The statements of the files by question."""
        return self._comparable({name: statements_in(content) for name, content in self.files().items()})

    def whole_tables(self) -> dict[str, list[str]]:
        """Tables that grow and of which a kept plan reads everything, by question."""
        found = {name: self._whole_in(name, content) for name, content in self.files().items()}
        return {name: tables for name, tables in found.items() if tables}

    def _whole_in(self, question: str, content: str) -> list[str]:
        read = [table for table in whole_reads(content, self.partial) if table in self.growing]
        return [table for table in read if (question, table) not in self.fine]

    def write(self, transaction: Transaction, sent: dict[str, list[Statement]]) -> None:
        """The files anew, and no others."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self.folder.glob("*.txt"):
            path.unlink()
        for name, statements in sent.items():
            with transaction() as connection:
                content = render(connection, self._counted(statements))
            (self.folder / f"{name}.txt").write_text(content, encoding="utf-8")

    def _comparable(self, found: dict[str, list[str]]) -> dict[str, list[str]]:
        """In which order statements come that are kept once, rows decide that others left."""
        return {name: sorted(one) for name, one in found.items()} if self.once else found

    def _counted(self, statements: list[Statement]) -> list[Statement]:
        if not self.once:
            return statements
        first: dict[str, Statement] = {}
        for one in statements:
            first.setdefault(normal(one.text), one)
        return list(first.values())


def normal(statement: str) -> str:
    """A statement on one line, without the numbers of SQLAlchemy's parameters and the length of its lists."""
    line = re.sub(r"(?:_\d+)+\)s", ")s", " ".join(statement.split()))
    line = re.sub(rf"({_PARAMETER})(?:, \1)+(?=\))", r"\1, ...", line)
    return re.sub(rf"(VALUES {_ROW})(?:, {_ROW})+", r"\1, ...", line)


def render(connection: Connection, statements: list[Statement]) -> str:
    """Each statement with its plan, as EXPLAIN gives it without costs and without any planner switch."""
    parts = []
    for number, one in enumerate(statements, 1):
        parts.append(f"-- {number}\n{normal(one.text)}\n\n{_plan(connection, one)}\n")
    return "\n".join(parts)


def statements_in(content: str) -> list[str]:
    """The statements of a kept file, as `normal` writes them."""
    parts = re.split(r"(?m)^(?=-- \d+$)", content)
    return [normal(part.split("\n", 2)[1]) for part in parts if part.strip()]


def _plan(connection: Connection, asked: Statement) -> str:
    statement, values, kept_types = asked
    if statement.lstrip().startswith(NOT_PLANNED):
        if "LOCAL" in statement:
            connection.exec_driver_sql(statement)
        return "(nothing to plan)"
    if isinstance(values, list | tuple):
        values = values[0] if values else {}
    if kept_types is None:
        rows = connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {statement}", values or {}).scalars().all()
    else:
        rows = _plan_for_any_values(connection, prepare(statement, kept_types), values)
    plan = "\n".join(rows)
    for pattern, text in _VARIABLE:
        plan = re.sub(pattern, text, plan)
    return plan


def _plan_for_any_values(connection: Connection, prepared: Prepared, values: Any) -> Sequence[str]:
    """Under a name of its own: the session knows by the other what it has prepared itself."""
    name = f"{prepared.name}_explained"
    connection.exec_driver_sql(prepared.preparing.replace(prepared.name, name).replace("%", "%%"))
    asked = f"EXPLAIN (COSTS OFF) {prepared.executing.replace(prepared.name, name)}"
    rows: Sequence[str] = connection.exec_driver_sql(asked, values).scalars().all()
    connection.exec_driver_sql(f"DEALLOCATE {name}")
    return rows

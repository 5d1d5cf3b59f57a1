"""Statements that each session plans once: of one with many parts the plan takes longer than the rows.

psycopg2 sends every statement as text, which PostgreSQL plans each time. `kept` marks one that is prepared in
a session at its first use there and executed by name from then on, always by one plan for any values
(`plan_cache_mode`): by itself PostgreSQL would go on planning what takes a list, since it expects ten
elements where there is one. Nothing but time changes: what listens to statements sees their text.

A plan is made anew when a table that it reads is analysed or altered. One that was made while its tables were
empty reads them whole until then: autovacuum analyses what has grown within a minute or two, and
`shared.database.analyze` does after an import.
"""

import functools
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Engine, Executable, event

_Statement = TypeVar("_Statement", bound=Executable)

TYPES = "kept_types"
"""The execution option of what is marked."""
_PARAMETER = re.compile(r"%\((\w+)\)s")
_CAST = re.compile(r"CAST\(%\((\w+)\)s AS ([\w\[\]]+)\)")


def kept(statement: _Statement, **types: str) -> _Statement:
    """The statement, with its plan kept. `types`: of each parameter that stands in no CAST of the statement.

    Its result must have the same columns as long as a process runs, else each session that has it refuses it
    ("cached plan must not change result type"): it names them, and no migration changes the type of one.
    """
    return statement.execution_options(**{TYPES: types})


def keep_plans(engine: Engine) -> None:
    """Let the engine's sessions (`shared.database.session`) keep the plans of what is marked."""
    event.listen(engine, "do_execute", _execute)


def _execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool | None:
    types = context.execution_options.get(TYPES)
    if types is None:
        return None
    prepared = prepare(statement, types)
    cursor.connection.prepare(prepared)
    cursor.execute(prepared.executing, parameters)
    return True


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is sent instead of the statement: once in a session, and then each time."""

    name: str
    preparing: str
    executing: str
    """With the parameters of the statement itself."""


def prepare(statement: str, types: Mapping[str, str]) -> Prepared:
    """By the types that `kept` was given. Raises KeyError for a parameter without a type: the server would
    guess it by what is next to it."""
    return _prepare(statement, tuple(sorted(types.items())))


@functools.cache
def _prepare(statement: str, given: tuple[tuple[str, str], ...]) -> Prepared:
    names = list(dict.fromkeys(_PARAMETER.findall(statement)))
    types: Mapping[str, str] = {**dict(_CAST.findall(statement)), **dict(given)}
    numbered = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement).replace("%%", "%")
    values = ", ".join(f"CAST(%({one})s AS {types[one]})" for one in names)
    prepared = f"({', '.join(types[one] for one in names)}) AS {numbered}"
    name = f"kept_{hashlib.sha256(prepared.encode()).hexdigest()[:16]}"
    return Prepared(
        name,
        f"PREPARE {name} {prepared}",
        f"EXECUTE {name} ({values})",
    )

"""Statements that are written as text go to psycopg2 as they are.

SQLAlchemy looks at each anew: of which objects it is made, what its parameters have to become, what its
result is like. That takes 0.1 to 0.2 ms of processor each time, and of a text there is nothing to find out.
Whatever is not that plain (typed parameters or columns, many rows of parameters, a savepoint, a trace that is
kept, a test that listens) goes SQLAlchemy's own way.
"""

import functools
import weakref
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg2
from opentelemetry.trace import get_current_span
from sqlalchemy import Connection, Engine, TextClause
from sqlalchemy.dialects.postgresql import psycopg2 as dialect
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.types import NullType

from shared.database.kept_plans import TYPES, Prepared, prepare

_DIALECT = dialect.dialect()  # type: ignore[no-untyped-call]
_OWN_LISTENERS = 1
"""That of `shared.telemetry.statements`, which has nothing to tell outside of a kept trace."""


def send_directly(engine: Engine) -> None:
    """Let the connections of this engine do so."""
    engine._connection_cls = _DirectConnection


class _Rows(IteratorResult[Any]):
    """What a statement answered, all of it fetched."""

    def __init__(self, columns: Iterable[str], rows: Sequence[Any], rowcount: int) -> None:
        super().__init__(_described(tuple(columns)), iter(rows))
        self.rowcount = rowcount


class _DirectConnection(Connection):
    def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """As `Connection.execute`; the rows are here when it returns."""
        ready = _ready(statement) if type(statement) is TextClause and not execution_options else None
        if ready is None or type(parameters or {}) is not dict or not self._may_go_directly():
            return super().execute(statement, parameters, execution_options=execution_options)
        return self._send(ready, parameters or {})

    def _may_go_directly(self) -> bool:
        transaction = self.get_transaction()
        return (
            transaction is not None
            and transaction.is_active
            and not self.in_nested_transaction()
            and not get_current_span().is_recording()
            and len(self.dispatch.before_cursor_execute) == _OWN_LISTENERS
        )

    def _send(self, ready: "_Ready", parameters: dict[str, Any]) -> _Rows:
        text = ready.text
        cursor = self.connection.cursor()
        try:
            if ready.prepared is not None:
                cursor.connection.prepare(ready.prepared)
                text = ready.prepared.executing
            cursor.execute(text, parameters)
            if cursor.description is None:
                return _Rows((), [], cursor.rowcount)
            return _Rows([column[0] for column in cursor.description], cursor.fetchall(), cursor.rowcount)
        except BaseException as error:
            if isinstance(error, Exception) and not isinstance(error, psycopg2.Error):
                raise
            # SQLAlchemy's own: a broken connection is given up, an error of the database gets its name.
            self._handle_dbapi_exception(error, ready.text, parameters, cursor, None)
        finally:
            cursor.close()


class _Ready:
    """What is sent instead of a statement; None of it for one that SQLAlchemy has to look at."""

    __slots__ = ("prepared", "text")

    def __init__(self, text: str, prepared: Prepared | None) -> None:
        self.text = text
        self.prepared = prepared


_known: weakref.WeakKeyDictionary[TextClause, _Ready | None] = weakref.WeakKeyDictionary()


def _ready(statement: TextClause) -> _Ready | None:
    try:
        return _known[statement]
    except KeyError:
        ready = _known[statement] = _look_at(statement)
        return ready


def _look_at(statement: TextClause) -> _Ready | None:
    options = statement.get_execution_options()
    is_plain = all(type(one.type) is NullType and one.required for one in statement._bindparams.values())
    if not is_plain or options.keys() - {TYPES}:
        return None
    text = str(statement.compile(dialect=_DIALECT))
    return _Ready(text, prepare(text, options[TYPES]) if TYPES in options else None)


@functools.lru_cache(maxsize=1024)
def _described(columns: tuple[str, ...]) -> SimpleResultMetaData:
    return SimpleResultMetaData(columns)

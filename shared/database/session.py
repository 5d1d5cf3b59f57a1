"""A session in which as much as possible goes to PostgreSQL in one trip.

A trip costs both sides a wait, two changes of greenlets and more processor time than most statements.
psycopg2 makes one for BEGIN and one for each statement. Here BEGIN goes with the first statement of a
transaction, and what nobody reads an answer of goes with whatever comes next, at last with COMMIT. Statements
that go together are carried out one after the other, each on a snapshot of its own.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from psycopg2 import Error, NotSupportedError, errors, extensions
from sqlalchemy import Connection

from shared.database.kept_plans import Prepared, prepare

_IDLE = extensions.TRANSACTION_STATUS_IDLE


@dataclass(frozen=True, slots=True)
class Unread:
    """A statement whose answer nobody reads, with psycopg2's placeholders; its plan is kept."""

    text: str
    types: Mapping[str, str]
    """Of each parameter."""


def unread(text: str, **types: str) -> Unread:
    """See Unread."""
    return Unread(text, types)


def send_with_next(connection: Connection, statement: Unread, parameters: Mapping[str, Any]) -> None:
    """Carry out a statement before the next one of this transaction, or before its commit; that one raises
    what is wrong with it. Within a savepoint it goes at once, so that its rollback takes that back."""
    session: Any = connection.connection.dbapi_connection
    try:
        session.send_with_next(statement, parameters)
        if connection.in_nested_transaction():
            session.send_waiting()
    except Error as error:
        # To prepare it takes a trip, on which what waits goes. SQLAlchemy's own: a broken connection is given
        # up, an error of the database gets its name.
        connection._handle_dbapi_exception(error, statement.text, parameters, None, None)


@contextmanager
def each_by_itself(connection: Connection) -> Iterator[None]:
    """Within the block each statement is a transaction of its own: nothing begins one."""
    session: Any = connection.connection.dbapi_connection
    session.begins = False
    try:
        yield
    finally:
        session.begins = True


class Session(extensions.connection):
    """psycopg2's connection, for `connection_factory`: who uses it sees no difference.

    It is in autocommit, so that psycopg2 begins nothing by itself.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.autocommit = True
        self.cursor_factory = _Cursor
        self.begins = True
        self._prepared: set[str] = set()
        self._unread: list[bytes] = []

    def prepare(self, statement: Prepared) -> None:
        """Once in this session, in a trip of its own: when that fails, nothing is prepared."""
        if statement.name not in self._prepared:
            with self.cursor() as cursor:
                cursor.execute(statement.preparing)
            self._prepared.add(statement.name)

    def send_with_next(self, statement: Unread, parameters: Mapping[str, Any]) -> None:
        """See `send_with_next` of this module."""
        prepared = prepare(statement.text, statement.types)
        self.prepare(prepared)
        with self.cursor() as cursor:
            self._unread.append(cursor.mogrify(prepared.executing, parameters))

    def goes_first(self) -> bytes:
        """What has to be sent before a statement; from now on it counts as sent."""
        first, self._unread = self._unread, []
        if self.begins and self.get_transaction_status() == _IDLE:
            first.insert(0, b"BEGIN")
        return b"".join(one + b";" for one in first)

    def send_waiting(self) -> None:
        """Carry out what waits for the next statement."""
        self._send(self.goes_first())

    def commit(self) -> None:
        """Raises InFailedSqlTransaction when a statement has failed before: PostgreSQL only warns then."""
        if self.get_transaction_status() == _IDLE and not self._unread:
            return
        try:
            if self._send(self.goes_first() + b"COMMIT") != "COMMIT":
                raise errors.InFailedSqlTransaction("nothing is committed: a statement has failed before")
        except BaseException:
            # What went first has failed. SQLAlchemy takes a failed commit for the end of the transaction.
            # Of a lost connection it is the server that rolls back.
            with suppress(Error):
                self.rollback()
            raise

    def rollback(self) -> None:
        self._unread.clear()
        if self.get_transaction_status() != _IDLE:
            self._send(b"ROLLBACK")

    def _send(self, statements: bytes) -> str | None:
        """What PostgreSQL answers of the last one."""
        with self.cursor() as cursor:
            extensions.cursor.execute(cursor, statements)
            return cursor.statusmessage


class _Cursor(extensions.cursor):
    connection: Session

    def execute(self, query: Any, vars: Any = None) -> None:
        # Before anything counts as sent: what can't be written in SQL fails by itself.
        own = self.mogrify(query, vars)
        super().execute(self.connection.goes_first() + own)

    # psycopg2's own would send each by itself, past `execute` and so in no transaction.
    def executemany(self, query: Any, vars_list: Any) -> None:
        for vars in vars_list:
            self.execute(query, vars)

    def copy_expert(self, *_: Any, **__: Any) -> None:
        raise NotSupportedError("COPY would not be part of a transaction here")

    copy_from = copy_to = callproc = copy_expert

"""What a service sends to its database when it is asked something: one list of statements by question."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from unittest import mock

from sqlalchemy import event

from shared.database.kept_plans import TYPES
from shared.database.session import Session, Unread
from shared.database.transaction import Database


class Statement(NamedTuple):
    """As it is sent; `kept_types` when the session keeps its plan."""

    text: str
    values: Any
    kept_types: Mapping[str, str] | None


Asking = tuple[str, Callable[[], Any]]
"""A question's name, and what asks it."""


def statements_of(database: Database, questions: Iterable[Asking]) -> dict[str, list[Statement]]:
    """The statements of each question, in the order in which they were sent."""
    sent: dict[str, list[Statement]] = {}
    with _listening(database) as heard:
        for name, ask in questions:
            assert name not in sent, name
            heard.clear()
            ask()
            sent[name] = list(heard)
    return sent


@contextlib.contextmanager
def _listening(database: Database) -> Iterator[list[Statement]]:
    heard: list[Statement] = []

    def note(*arguments: Any) -> None:
        if "SAVEPOINT" not in arguments[2]:
            kept_types = arguments[4].execution_options.get(TYPES)
            heard.append(Statement(arguments[2], arguments[3], kept_types))

    send = Session.send_with_next

    def note_unread(session: Session, statement: Unread, parameters: Mapping[str, Any]) -> None:
        heard.append(Statement(statement.text, parameters, statement.types))
        send(session, statement, parameters)

    event.listen(database._engine, "before_cursor_execute", note)
    try:
        with mock.patch.object(Session, "send_with_next", note_unread):
            yield heard
    finally:
        event.remove(database._engine, "before_cursor_execute", note)

"""A second delivery of an event changes nothing (rule C16)."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.database import schema
from shared.database.batches import delete_some
from shared.database.kept_plans import kept
from shared.messages.tables import inbox_table

_table = inbox_table(schema.metadata())
_NOTE = kept(
    text("""
INSERT INTO inbox (event_id, handler) VALUES (CAST(:event_id AS uuid), :handler)
ON CONFLICT ON CONSTRAINT pk_inbox DO NOTHING RETURNING event_id
"""),
    handler="text",
)


def first_time(connection: Connection, event_id: str, handler: str) -> bool:
    """Note in the transaction of the effect that `handler` applies the event.

    False: it is applied already, do nothing. Two deliveries at the same moment wait for each
    other: the second gets False once the first has committed, True if it rolled back.
    """
    noted = connection.execute(_NOTE, {"event_id": event_id, "handler": handler})
    return noted.one_or_none() is not None


def forget_before(connection: Connection, instant: datetime) -> int:
    """Delete some of what was received before `instant`; returns how many (`shared.database.batches`).

    Keep it longer than the broker can keep an event: retries last an hour, a parked event until
    an operator replays it, and that one was not applied.
    """
    return delete_some(connection, _table, _table.c.received_at < instant)

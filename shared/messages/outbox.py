"""Events leave a transaction as rows that commit or roll back with the effect (rule C17)."""

import dataclasses

import orjson
from sqlalchemy import Connection

from shared.database.session import send_with_next, unread
from shared.database.transaction import wake_after_commit
from shared.messages.envelope import Event
from shared.messages.event_spans import created

_ADD = unread(
    """
INSERT INTO outbox (id, routing_key, body, trace)
SELECT * FROM unnest(%(ids)s::uuid[], %(routing_keys)s::varchar[], %(bodies)s::text[], %(traces)s::jsonb[])
""",
    ids="uuid[]",
    routing_keys="varchar[]",
    bodies="text[]",
    traces="jsonb[]",
)


def append(connection: Connection, event: Event) -> None:
    """Write the event in this transaction; the relay sends it after the commit, at least once.

    Raises marshmallow's ValidationError when the data breaks the event's contract.
    """
    append_all(connection, [event])


def append_all(connection: Connection, events: list[Event]) -> None:
    """Write several events with one statement, which waits for no answer. Raises like `append`."""
    if not events:
        return
    traced = [event if event.trace else dataclasses.replace(event, trace=created(event)) for event in events]
    rows = {
        "ids": [event.id for event in traced],
        "routing_keys": [event.routing_key() for event in traced],
        "bodies": [orjson.dumps(event.to_wire()).decode() for event in traced],
        "traces": [orjson.dumps(dict(event.trace)).decode() for event in traced],
    }
    send_with_next(connection, _ADD, rows)
    wake_after_commit(connection)

"""Events leave a transaction as rows that commit or roll back with the effect (rule C17)."""

import dataclasses

import orjson
from sqlalchemy import Connection, insert

from shared.database import schema
from shared.database.transaction import wake_after_commit
from shared.messages.envelope import Event
from shared.messages.event_spans import created
from shared.messages.tables import outbox_table

_ADD = insert(outbox_table(schema.metadata()))


def append(connection: Connection, event: Event) -> None:
    """Write the event in this transaction; the relay sends it after the commit, at least once.

    Raises marshmallow's ValidationError when the data breaks the event's contract.
    """
    append_all(connection, [event])


def append_all(connection: Connection, events: list[Event]) -> None:
    """Write several events with one statement. Raises like `append`."""
    if not events:
        return
    rows = []
    for event in events:
        traced = event if event.trace else dataclasses.replace(event, trace=created(event))
        rows.append(
            {
                "id": traced.id,
                "routing_key": traced.routing_key(),
                "body": orjson.dumps(traced.to_wire()).decode(),
                "trace": dict(traced.trace),
            }
        )
    connection.execute(_ADD, rows)
    wake_after_commit(connection)

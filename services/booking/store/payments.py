"""The copy of what payment last reported about each of its payments."""

from sqlalchemy import Connection, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from services.booking.store.tables import payment_copy as table
from shared.messages.envelope import Event


def note_payment(connection: Connection, event: Event) -> bool:
    """Keep the newest report; False: a newer one is known, whatever the order of arrival."""
    statement = insert(table).values(
        payment_id=event.data["payment_id"],
        booking_id=event.data["booking_id"],
        version=event.aggregate_version,
        status=event.data["status"],
    )
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        constraint="pk_payment_copy",
        set_={"version": new.version, "status": new.status},
        where=table.c.version < new.version,
    )
    return connection.execute(statement.returning(table.c.payment_id)).one_or_none() is not None


def another_is_in_work(connection: Connection, event: Event) -> bool:
    """Whether a payment of the same booking, besides the event's own, was last reported as in work.

    Ask under the booking's lock: who reports another waits for it, or is seen.
    """
    statement = select(table.c.payment_id).where(
        table.c.booking_id == event.data["booking_id"],
        table.c.payment_id != event.data["payment_id"],
        table.c.status == literal_column("'processing'"),
    )
    return connection.execute(statement.limit(1)).one_or_none() is not None

"""The copy of what payment last reported about each of its payments."""

from collections.abc import Collection

from sqlalchemy import Connection, select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.booking.domain.booking import Booking
from services.booking.domain.refunds import Paid
from services.booking.store.tables import payment_copy as table
from shared.messages.envelope import Event
from shared.money import Money

_IN_WORK = text("""
SELECT booking_id::text FROM payment_copy
WHERE booking_id = ANY(CAST(:booking_ids AS uuid[])) AND status = 'processing'
""")


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


def in_work(connection: Connection, booking_ids: Collection[str]) -> set[str]:
    """Those of these bookings of which a payment was last reported as in work.

    Ask under their locks: who reports another waits for them, or is seen.
    """
    return set(connection.execute(_IN_WORK, {"booking_ids": list(booking_ids)}).scalars())


def note_refund(connection: Connection, event: Event) -> None:
    """Keep what was given back so far; an older report than the one that is known changes nothing.

    Beside `note_payment`, since reports of other kinds say nothing about it.
    """
    so_far = event.data["refunded_so_far"]
    for_moves = so_far.get("for_moves")
    connection.execute(
        update(table)
        .where(
            table.c.payment_id == event.data["payment_id"],
            table.c.refund_version <= event.aggregate_version,
        )
        .values(
            refund_version=event.aggregate_version,
            refunded_service=so_far["service"]["amount"],
            refunded_tip=so_far["tip"]["amount"],
            refunded_for_moves=for_moves["amount"] if for_moves else 0,
        )
    )


def returned_of(connection: Connection, booking: Booking) -> Paid:
    """What was given back so far of the payment that secured this booking, beside what its price has fallen.

    Of that only what has gone back: as long as it is owed, it is no part of what was given back.
    """
    payment_id = booking.payment.payment_id if booking.payment else None
    columns = table.c.refunded_service, table.c.refunded_tip, table.c.refunded_for_moves
    row = connection.execute(select(*columns).where(table.c.payment_id == payment_id)).one_or_none()
    service, tip, for_moves = row if row else (0, 0, 0)
    currency = booking.quote.total.currency
    returned = Paid(Money(service, currency), Money(tip, currency))
    if booking.reduction is None:
        return returned
    of_price = Money(min(for_moves, booking.reduction.amount), currency)
    return returned.less(Paid(of_price, Money(0, currency)))

"""Reading and writing what booking cancelled, and the money that is owed for it."""

import dataclasses

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from services.payment.store.rows import Cancellation, Payment
from services.payment.store.tables import booking_cancellation, refund
from shared.ids import new_id
from shared.money import Money

_COLUMNS = tuple(booking_cancellation.c[field.name] for field in dataclasses.fields(Cancellation))


def remember_cancellation(connection: Connection, cancellation: Cancellation) -> None:
    """Keep what booking said is due; a later version of the booking replaces it."""
    values = dataclasses.asdict(cancellation)
    connection.execute(
        insert(booking_cancellation)
        .values(**values)
        .on_conflict_do_update(
            index_elements=["booking_id"],
            set_=values,
            where=booking_cancellation.c.version < cancellation.version,
        )
    )


def cancellation_of(connection: Connection, booking_id: str) -> Cancellation | None:
    query = select(*_COLUMNS).where(booking_cancellation.c.booking_id == booking_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else Cancellation(**row._mapping)


def add_due(connection: Connection, payment: Payment, cause: str | None, service: Money, tip: Money) -> bool:
    """Write that this is owed to the customer; False when it is written already for this cancellation."""
    statement = (
        insert(refund)
        .values(
            id=new_id(),
            payment_id=payment.id,
            request_key=f"booking_cancelled:{payment.booking_id}",
            cause=cause,
            service_amount=service.amount,
            tip_amount=tip.amount,
            status="due",
        )
        .on_conflict_do_nothing(index_elements=["payment_id", "request_key"])
        .returning(refund.c.id)
    )
    return connection.execute(statement).one_or_none() is not None

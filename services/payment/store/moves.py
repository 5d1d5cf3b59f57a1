"""Reading and writing what booking said of visits that were moved."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, String, cast, exists, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from services.payment.domain.refunds import RESCHEDULED
from services.payment.domain.states import PaymentKind, State
from services.payment.store.tables import booking_move as table
from services.payment.store.tables import payment, refund


@dataclass(frozen=True)
class BookingMove:
    """One move: `service_refund` is due back by it, and the visit counts as done at `done_by`.
    `unpaid_price`: it was not paid then, and costs so much since."""

    booking_id: str
    version: int
    currency: str
    service_refund: int
    done_by: datetime
    unpaid_price: int | None = None


def refund_key(version: int) -> str:
    """Under which the refund of a move is owed, once per payment."""
    return f"{RESCHEDULED}:{version}"


def remember(connection: Connection, move: BookingMove) -> None:
    """Keep it; booking says each once."""
    connection.execute(insert(table).values(asdict(move)).on_conflict_do_nothing())


def of_booking(connection: Connection, booking_id: str) -> Sequence[BookingMove]:
    """All that we heard of, the first first."""
    statement = select(table).where(table.c.booking_id == booking_id).order_by(table.c.version)
    return [BookingMove(**row._mapping) for row in connection.execute(statement)]


def not_owed_since(connection: Connection, instant: datetime, limit: int) -> list[str]:
    """Ids of payments that took their money and of which a move makes something due that is not written down;
    of visits that count as done after the instant, the first done first."""
    key = literal(f"{RESCHEDULED}:") + cast(table.c.version, String)
    written = exists().where(refund.c.payment_id == payment.c.id, refund.c.request_key == key)
    query = (
        select(payment.c.id)
        .join(table, table.c.booking_id == payment.c.booking_id)
        .where(
            table.c.service_refund > literal_column("0"),
            table.c.done_by >= instant,
            payment.c.kind == PaymentKind.BOOKING,
            payment.c.state.in_((State.CAPTURED, State.PARTIALLY_REFUNDED)),
            ~payment.c.paid_twice,
            ~written,
        )
        .group_by(payment.c.id)
        .order_by(func.min(table.c.done_by))
        .limit(limit)
    )
    return list(connection.execute(query).scalars())

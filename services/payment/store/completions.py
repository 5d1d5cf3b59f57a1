"""Reading and writing which visits took place, and how a booking ended."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, literal, select
from sqlalchemy.dialects.postgresql import insert

from services.payment.store import refunds
from services.payment.store.rows import Cancellation
from services.payment.store.tables import booking_cancellation, booking_completion

_COMPLETED = select(booking_completion.c.completed_at).where(
    booking_completion.c.booking_id == bindparam("booking")
)
_END = select(_COMPLETED.scalar_subquery().label("completed_at"), *refunds.COLUMNS).select_from(
    select(literal(1))
    .subquery("one")
    .outerjoin(booking_cancellation, booking_cancellation.c.booking_id == bindparam("booking"))
)


@dataclass(frozen=True)
class BookingEnd:
    """How a booking ended, as far as we heard: neither while it is ahead."""

    completed_at: datetime | None
    cancellation: Cancellation | None

    @property
    def over_at(self) -> datetime | None:
        """When the visit was over, or was called off."""
        return self.completed_at or (self.cancellation.cancelled_at if self.cancellation else None)


def remember(connection: Connection, booking_id: str, version: int, completed_at: datetime) -> None:
    """Keep that booking said so; it says it once."""
    statement = insert(booking_completion).values(
        booking_id=booking_id, version=version, completed_at=completed_at
    )
    connection.execute(statement.on_conflict_do_nothing(index_elements=["booking_id"]))


def completed_at(connection: Connection, booking_id: str) -> datetime | None:
    """When the visit of a booking was said to have taken place; None: not so far."""
    return connection.execute(_COMPLETED, {"booking": booking_id}).scalar_one_or_none()


def end_of(connection: Connection, booking_id: str) -> BookingEnd:
    """How a booking ended."""
    completed_at, *cancellation = connection.execute(_END, {"booking": booking_id}).one()
    is_cancelled = cancellation[0] is not None
    return BookingEnd(completed_at, Cancellation(*cancellation) if is_cancelled else None)

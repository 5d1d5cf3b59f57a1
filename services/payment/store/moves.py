"""Reading and writing what booking said of visits that were moved."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from services.payment.store.tables import booking_move as table


@dataclass(frozen=True)
class BookingMove:
    """One move: `service_refund` is due back by it, and the visit counts as done at `done_by`."""

    booking_id: str
    version: int
    currency: str
    service_refund: int
    done_by: datetime


def remember(connection: Connection, move: BookingMove) -> None:
    """Keep it; booking says each once."""
    connection.execute(insert(table).values(asdict(move)).on_conflict_do_nothing())


def of_booking(connection: Connection, booking_id: str) -> Sequence[BookingMove]:
    """All that we heard of, the first first."""
    statement = select(table).where(table.c.booking_id == booking_id).order_by(table.c.version)
    return [BookingMove(**row._mapping) for row in connection.execute(statement)]

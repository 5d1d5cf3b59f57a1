"""What the holds look like as a whole, read from the partial index of those that are live."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

_LIVE = text("""
SELECT count(*) AS holds,
    coalesce(extract(epoch FROM app_now() - min(greatest(hold_ends_at, processing_until))), 0) AS late
FROM booking WHERE state = 'pending'
""")


@dataclass(frozen=True)
class LiveHolds:
    """How many there are; and how long the one that ended first is still there, 0 when none has ended."""

    count: int
    overdue_seconds: float


def live_holds(connection: Connection) -> LiveHolds:
    """All bookings that hold a slot until they are paid or answered, those that wait to be swept too."""
    row = connection.execute(_LIVE).one()
    return LiveHolds(row.holds, max(0.0, float(row.late)))

"""Tells the metrics what is held and what waits to be decided, and for how long (promise I1)."""

from services.booking.domain.no_shows import CONTESTABLE
from services.booking.store.contests import count_open_contests
from services.booking.store.live_holds import live_holds
from shared.database.transaction import Transaction, read_app_now
from shared.telemetry import metrics


def measure_holds(transaction: Transaction) -> None:
    """Every process says the same: the figures are of the service, not of the process."""
    with transaction() as connection:
        holds = live_holds(connection)
    metrics.holds_live.set(holds.count)
    metrics.holds_overdue_seconds.set(holds.overdue_seconds)


def measure_contests(transaction: Transaction) -> None:
    """The money of a provider waits from when they said that nobody came."""
    with transaction() as connection:
        count, first = count_open_contests(connection)
        age = read_app_now(connection) - (first - CONTESTABLE) if first else None
    metrics.contests_open.set(count)
    metrics.contests_oldest_seconds.set(age.total_seconds() if age else 0)

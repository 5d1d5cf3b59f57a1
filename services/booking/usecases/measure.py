"""Tells the metrics how many slots are held, and whether the sweeper keeps up (promise I1)."""

from services.booking.store.live_holds import live_holds
from shared.database.transaction import Transaction
from shared.telemetry import metrics


def measure_holds(transaction: Transaction) -> None:
    """Every process says the same: the figures are of the service, not of the process."""
    with transaction() as connection:
        holds = live_holds(connection)
    metrics.holds_live.set(holds.count)
    metrics.holds_overdue_seconds.set(holds.overdue_seconds)

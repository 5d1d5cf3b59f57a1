"""How much a provider may keep: every list of free times reads all of it."""

from services.booking.domain.local_time import local_day
from services.booking.store.supply_bounds import Kept, count_kept
from services.booking.usecases.change_supply import Change
from shared.contracts.booking_supply import too_much_kept

MOST: dict[Kept, int] = {
    Kept.STAFF: 500,
    Kept.RESOURCES: 200,
    Kept.UNITS: 500,
    Kept.WINDOWS: 10_000,
    Kept.DATES: 10_000,
    Kept.TIME_OFF: 1_000,
}
"""Rows, those of people who left and of units that are used no more too. Far more than any agency has."""


def check_bound(made: Change, *some: Kept, resource_id: str | None = None) -> None:
    """Call it after adding, under the lock of the supply. Raises `too_much_kept`; then nothing was added."""
    today = local_day(made.now, made.time_zone)
    for kept in some:
        owner_id = resource_id or made.provider_id
        if count_kept(made.connection, kept, owner_id, made.now, today) > MOST[kept]:
            raise too_much_kept(kept=kept.value, most=MOST[kept])

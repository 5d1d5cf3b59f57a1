"""Visits that a change of supply would leave without what they rest on are listed, whatever they rest on."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts import booking as contract
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, Provider
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import NAME, ProviderDesk, every_day


@pytest.fixture
def provider(desk: Desk) -> Provider:
    return desk.open_provider()


@pytest.fixture
def mine(transaction: Transaction, provider: Provider) -> ProviderDesk:
    return ProviderDesk(transaction, provider)


def _stranding(mine: ProviderDesk, method: Any, **members: Any) -> tuple[list[str], str]:
    """The bookings that the change would strand, and what confirms it."""
    with pytest.raises(ServiceError) as refused:
        mine.do(method, **members)
    assert refused.value.code == "bookings_stranded"
    details = refused.value.details
    return [entry["booking_id"] for entry in details["bookings"]], details["confirmation"]


@pytest.mark.parametrize("table", ["service", "provider"])
def test_visits_of_what_is_offered_no_more_are_listed(
    desk: Desk, mine: ProviderDesk, provider: Provider, ledger: Ledger, table: str
) -> None:
    """promise F3: withdrawn is closed for new bookings; what was agreed takes place."""
    booking = desk.hold(provider, "09:00")
    withdrawn = {"service": provider.services[0], "provider": provider.provider_id}[table]
    ledger.run(f"UPDATE {table} SET withdrawn = true WHERE id = :id", id=withdrawn)
    windows = every_day("12:00", "18:00")
    listed, confirmation = _stranding(mine, contract.CHANGE_HOURS, windows=windows)
    assert listed == [booking["booking_id"]]
    assert mine.hours(windows, confirmation=confirmation)["stranded"] == 1


def test_an_ended_hold_is_not_listed(
    desk: Desk, mine: ProviderDesk, provider: Provider, move_clock: MoveClock
) -> None:
    """promise F3 and rule C7: the sweeper has not come by, but nobody will come."""
    desk.hold(provider, "09:00")
    with move_clock(timedelta(minutes=16)):
        assert mine.hours(every_day("12:00", "18:00"))["stranded"] == 0


def test_visits_in_a_room_that_is_used_no_more_are_listed(
    desk: Desk, mine: ProviderDesk, provider: Provider
) -> None:
    """promise F3: a unit that is not active, that is not named, or all of a resource; not the free ones."""
    room = mine.rooms(2)
    mine.service_rules(needs=[{"resource_id": room}])
    booking = desk.hold(provider, "09:00")
    units = mine.supply()["resources"][0]["units"]
    used, free = units
    same: dict[str, Any] = {"resource_id": room, "kind": "room", "name": NAME}
    for change in (
        {"units": [{**used, "active": False}, free]},
        {"units": [free]},
        {"units": units, "active": False},
    ):
        listed, confirmation = _stranding(mine, contract.PUT_RESOURCE, **same, **change)
        assert listed == [booking["booking_id"]]
    assert mine.do(contract.PUT_RESOURCE, **same, units=[used])["stranded"] == 0
    done = mine.do(contract.PUT_RESOURCE, **same, units=units, active=False, confirmation=confirmation)
    assert done["stranded"] == 1

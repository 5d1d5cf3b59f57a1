"""Sessions that several customers share: who joins one takes it as it is, whatever the rules are by now."""

from datetime import timedelta
from typing import Any

import pytest

from services.booking.usecases.expiry import sweep_expired_holds
from shared.contracts import booking as contract
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import ADDRESS, Desk, Provider
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import NAME, ProviderDesk

LATE = timedelta(minutes=16)


def _seats_left(desk: Desk, provider: Provider) -> int:
    [slot] = [one for one in desk.availability(provider)["slots"] if one["local_time"] == "10:00"]
    return int(slot["seats_left"])


def test_who_joins_a_session_comes_for_as_long_as_that_takes(
    desk: Desk, transaction: Transaction, ledger: Ledger
) -> None:
    """rule C10: the service has become longer meanwhile; what is shown, and booked, is the session's time."""
    provider = desk.open_provider()
    mine = ProviderDesk(transaction, provider)
    mine.service_rules(capacity=3)
    first = desk.hold(provider, "10:00")
    change = "UPDATE service SET duration_minutes = 90 WHERE id = :id"
    ledger.run(change, id=provider.services[0])
    mine.service_rules(capacity=3, buffer_after_minutes=30)
    slots = {slot["local_time"]: slot for slot in desk.availability(provider)["slots"]}
    assert slots["10:00"]["ends_at"] == first["ends_at"]
    assert slots["11:00"]["ends_at"] - slots["11:00"]["starts_at"] == timedelta(minutes=90)
    second = desk.hold(provider, "10:00")
    assert (second["starts_at"], second["ends_at"]) == (first["starts_at"], first["ends_at"])
    blocked = "SELECT DISTINCT blocked::text FROM allocation WHERE resource_id = CAST(:staff AS uuid)"
    assert len(ledger.rows(blocked, staff=provider.staff[0])) == 1


@pytest.mark.parametrize("change", ["more people", "fewer rooms"])
def test_a_seat_that_is_listed_can_be_booked_when_no_new_session_could_be_opened(
    desk: Desk, transaction: Transaction, change: str
) -> None:
    """rule B16: it takes two people by now and there is one; or a room less than it needs."""
    provider = desk.open_provider()
    mine = ProviderDesk(transaction, provider)
    room = mine.rooms(2)
    rules: dict[str, Any] = {"capacity": 3, "needs": [{"resource_id": room, "count": 2}]}
    mine.service_rules(**rules)
    opener = desk.hold(provider)
    desk.payment_succeeds(opener)
    if change == "more people":
        mine.service_rules(**rules, staff_count=2)
    else:
        [pool] = mine.supply()["resources"]
        fewer = {"resource_id": room, "kind": "room", "name": NAME, "units": pool["units"][:1]}
        with pytest.raises(ServiceError) as stranding:
            mine.do(contract.PUT_RESOURCE, **fewer)
        mine.do(contract.PUT_RESOURCE, **fewer, confirmation=stranding.value.details["confirmation"])
    assert desk.free_times(provider) == ["10:00"]
    assert _seats_left(desk, provider) == 2
    assert desk.hold(provider)["staff_id"] == opener["staff_id"]
    desk.hold(provider)
    with pytest.raises(ServiceError) as refused:
        desk.hold(provider)
    assert refused.value.code == "session_full"


def test_a_session_is_at_one_place(
    desk: Desk, transaction: Transaction, ledger: Ledger, move_clock: MoveClock
) -> None:
    """promise C7: that of whoever came first; another is refused, and late money for another is due back."""
    provider = desk.open_provider()
    ProviderDesk(transaction, provider).service_rules(capacity=3, places=["provider", "customer", "online"])
    elsewhere = desk.hold(provider, place="customer", address=ADDRESS)
    with move_clock(LATE):
        sweep_expired_holds(transaction)
        here = [desk.hold(provider, place=place) for place in ("online", None)]
        assert [booking["place"] for booking in here] == ["online", "online"]
        with pytest.raises(ServiceError) as refused:
            desk.hold(provider, place="customer", address=ADDRESS)
        assert (refused.value.code, refused.value.details["places"]) == ("place_not_offered", ["online"])
        assert list(refused.value.details["errors"]) == ["place"]
        desk.payment_succeeds(elsewhere)
        assert ledger.state(elsewhere["booking_id"]) == "cancelled"
        assert _seats_left(desk, provider) == 1
        for booking in here:
            desk.cancel(booking)


def test_the_seat_of_an_ended_hold_comes_before_a_session_anew(
    desk: Desk, transaction: Transaction, move_clock: MoveClock
) -> None:
    """rules C7 and C10: the sweeper has not come by; somebody else is free, but there is room."""
    provider = desk.open_provider(staff=2)
    ProviderDesk(transaction, provider).service_rules(capacity=2)
    opener = desk.hold(provider)
    desk.payment_succeeds(opener)
    assert desk.hold(provider)["staff_id"] == opener["staff_id"]
    with move_clock(LATE):
        assert _seats_left(desk, provider) == 1
        joined = desk.hold(provider)
        assert joined["staff_id"] == opener["staff_id"]
        desk.cancel(joined)

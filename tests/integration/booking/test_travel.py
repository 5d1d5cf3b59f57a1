"""The way between home visits: what is listed can be held, and of many at once nobody gets too far."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from services.booking.usecases.expiry import sweep_expired_holds
from services.booking.usecases.explanations import explain_availability
from services.booking.usecases.free_providers import find_free_providers
from shared.contracts import booking as contract
from shared.contracts.declaration import read
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import ADDRESS, Desk, Provider, windows
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk

SPEED = 30
MINUTE = timedelta(minutes=1)
LATE = timedelta(minutes=16)


def _at(minutes: float) -> dict[str, Any]:
    """As far north of ADDRESS as one gets in so many minutes, and not quite."""
    return ADDRESS | {"latitude": ADDRESS["latitude"] + minutes * SPEED / 60 / 111.2}


@pytest.fixture
def provider(desk: Desk, transaction: Transaction) -> Provider:
    """Two people on a grid of 15 minutes; service 0 is given at home, service 1 at the provider's place."""
    made = desk.open_provider(staff=2)
    works = ProviderDesk(transaction, made)
    works.service_rules(places=["customer"])
    works.do(contract.CHANGE_RULES, travel_speed_kmh=SPEED)
    assert works.supply()["rules"]["travel_speed_kmh"] == SPEED
    return made


def _hold(
    desk: Desk, provider: Provider, start: str, minutes: float, staff: int | None = 0
) -> dict[str, Any]:
    staff_id = None if staff is None else provider.staff[staff]
    return desk.hold(provider, start, address=_at(minutes), staff_id=staff_id)


def _refused(act: Callable[[], object]) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        act()
    return refused.value


def _listed(desk: Desk, provider: Provider, minutes: float) -> list[str]:
    place = _at(minutes)
    point = {"latitude": place["latitude"], "longitude": place["longitude"]}
    return desk.free_times(provider, staff_id=provider.staff[0], **point)


def test_between_two_home_visits_of_one_person_lies_the_way(desk: Desk, provider: Provider) -> None:
    """promise C7, rule B16: what is listed for a place can be held there, and what is not is refused."""
    _hold(desk, provider, "10:00", 0)
    assert "11:00" in desk.free_times(provider, staff_id=provider.staff[0])
    assert [clock for clock in _listed(desk, provider, 25) if "08:00" < clock < "12:00"] == ["11:30", "11:45"]
    error = _refused(lambda: _hold(desk, provider, "11:15", 25))
    assert (error.code, error.details["reason"]) == ("too_far", "travel")
    assert error.details["alternatives"][0]["local_time"] == "11:30"
    assert _hold(desk, provider, "11:30", 25)["state"] == "pending"
    assert _hold(desk, provider, "11:15", 25, staff=1)["staff_id"] == provider.staff[1]


def test_a_search_by_date_counts_the_way_too(
    desk: Desk, provider: Provider, transaction: Transaction
) -> None:
    """rule B16, promises B1 and C7: the first time of each is that of the day's free times there; who
    has none in reach is not found, who has no speed is."""
    ProviderDesk(transaction, provider).hours(windows("09:00", "12:00"))
    for number in (0, 1):
        _hold(desk, provider, "10:00", 0, number)
    other = desk.open_provider(opening_hours=windows("09:00", "12:00"))
    for minutes in (0, 10, 25, 65):
        place = _at(minutes)
        point = {"latitude": place["latitude"], "longitude": place["longitude"]}
        free = desk.free_times(provider, **point)
        found = _free_by_date(transaction, desk, (provider, other), point)
        assert found == {other.provider_id: "09:00"} | ({provider.provider_id: free[0]} if free else {})
    assert not free
    assert provider.provider_id in _free_by_date(transaction, desk, (provider, other), {})


def _free_by_date(
    transaction: Transaction, desk: Desk, providers: Sequence[Provider], point: dict[str, Any]
) -> dict[str, str]:
    """The first start of service 0 by provider."""
    wanted = [{"provider_id": one.provider_id, "service_ids": [one.services[0]]} for one in providers]
    request = {"date": desk.day.isoformat(), "wanted": wanted, **point}
    answer = find_free_providers(transaction, read(contract.FIND_FREE_PROVIDERS.request, request))
    return {one["provider_id"]: one["local_time"] for one in answer["free"]}


def test_anyone_is_who_can_be_there(desk: Desk, provider: Provider) -> None:
    """promise C7, rule C11: of two people the one who is near enough."""
    _hold(desk, provider, "10:00", 0, staff=0)
    _hold(desk, provider, "10:00", 60, staff=1)
    assert _hold(desk, provider, "11:00", 60, staff=None)["staff_id"] == provider.staff[1]
    # One is too far, the other busy: as near to free as each other.
    error = _refused(lambda: _hold(desk, provider, "11:00", 30, staff=None))
    assert error.code in ("too_far", "slot_taken")


def test_a_way_is_blocked_for_whatever_else(desk: Desk, provider: Provider, ledger: Ledger) -> None:
    """promises C2 and C7: the constraint refuses a visit at the provider's place in the time of the way."""
    _hold(desk, provider, "09:00", 0)
    there = _hold(desk, provider, "12:15", 45)
    assert ledger.rows(
        "SELECT lower(blocked), travel_before, travel_after FROM allocation WHERE booking_id = :id",
        id=there["booking_id"],
    ) == [(there["starts_at"] - 45 * MINUTE, 45 * 60, 0)]
    sam = provider.staff[0]
    error = _refused(lambda: desk.hold(provider, "10:15", service=1, staff_id=sam))
    assert error.code == "slot_taken"
    assert (
        desk.hold(provider, "10:00", service=1, staff_id=sam)["ends_at"] == there["starts_at"] - 45 * MINUTE
    )


def test_why_a_place_is_too_far_is_told(desk: Desk, provider: Provider, transaction: Transaction) -> None:
    """promise C7, rule B16."""
    _hold(desk, provider, "10:00", 0)
    place = _at(25)
    wanted = {
        "provider_id": provider.provider_id,
        "service_id": provider.services[0],
        "date": desk.day.isoformat(),
        "time": "11:15",
        "staff_id": provider.staff[0],
    }
    method = contract.EXPLAIN_AVAILABILITY
    point = {"latitude": place["latitude"], "longitude": place["longitude"]}
    told = explain_availability(transaction, read(method.request, wanted | point))
    assert [(reason["rule"], reason["code"]) for reason in told["reasons"]] == [("travel", "too_far")]
    assert explain_availability(transaction, read(method.request, wanted))["is_free"]
    half = read(method.request, wanted | {"latitude": 1.0})
    assert _refused(lambda: explain_availability(transaction, half)).code == "validation_failed"


def test_without_a_speed_no_way_counts(desk: Desk, provider: Provider, transaction: Transaction) -> None:
    """promise C7: 0 takes the speed away."""
    ProviderDesk(transaction, provider).do(contract.CHANGE_RULES, travel_speed_kmh=0)
    _hold(desk, provider, "10:00", 0)
    assert _hold(desk, provider, "11:00", 300)["state"] == "pending"


def test_late_money_finds_out_whether_the_way_is_still_free(
    desk: Desk, provider: Provider, move_clock: MoveClock, transaction: Transaction
) -> None:
    """promise C7, rule W5: somebody may have come between; then everything is due back."""
    near, far = _hold(desk, provider, "11:15", 5), _hold(desk, provider, "14:00", 0)
    with move_clock(LATE):
        sweep_expired_holds(transaction)
        _hold(desk, provider, "10:00", 0)
        taken = _hold(desk, provider, "12:30", 60)
        desk.payment_succeeds(near)
        desk.payment_succeeds(far)
    assert taken["state"] == "pending"
    assert (desk.look(near)["state"], desk.look(near)["refund"]["refund_percent"]) == ("cancelled", 100)
    assert desk.look(far)["state"] == "cancelled"


def test_late_money_is_not_held_up_by_an_ended_hold_on_its_way(
    desk: Desk, provider: Provider, ledger: Ledger, move_clock: MoveClock, transaction: Transaction
) -> None:
    """promise C7, rules C7 and W5: what has ended blocks nobody, swept or not, the way there neither."""
    desk.payment_succeeds(_hold(desk, provider, "10:00", 60))
    late = _hold(desk, provider, "14:00", 0)
    with move_clock(LATE):
        sweep_expired_holds(transaction)
        on_the_way = desk.hold(provider, "12:30", service=1, staff_id=provider.staff[0])
    with move_clock(2 * LATE):
        desk.payment_succeeds(late)
    assert desk.look(late)["state"] == "confirmed"
    assert ledger.state(on_the_way["booking_id"]) == "expired"
    query = "SELECT travel_before FROM allocation WHERE booking_id = :id"
    assert ledger.one(query, id=late["booking_id"]) == 60 * 60


def test_of_many_at_once_nobody_gets_too_far(desk: Desk, provider: Provider, ledger: Ledger) -> None:
    """promises C2 and C7: who try at the same moment, at places half an hour from each other."""
    starts = [f"{hour:02d}:{minute:02d}" for hour in range(9, 17) for minute in (0, 15, 30, 45)]
    wishes = [(start, 30 * (number % 3)) for number, start in enumerate(starts)]

    def attempt(wish: tuple[str, int]) -> str:
        try:
            _hold(desk, provider, *wish)
        except ServiceError as error:
            return error.code
        return "held"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, wishes))
    assert set(outcomes) <= {"held", "slot_taken", "too_far"}
    assert outcomes.count("held") >= 3
    rows = ledger.rows(
        "SELECT lower(visit), upper(visit), latitude FROM booking JOIN care ON booking_id = booking.id "
        "WHERE provider_id = :id ORDER BY lower(visit)",
        id=provider.provider_id,
    )
    for (_, ended, one), (begins, _, other) in pairwise(rows):
        assert begins - ended >= _way(one, other)


def _way(one: float, other: float) -> timedelta:
    """Degrees of latitude as time."""
    return abs(one - other) * 111.19 / SPEED * timedelta(hours=1)


def test_the_clock_of_a_way_is_elapsed_time(desk: Desk, provider: Provider, ledger: Ledger) -> None:
    """rule T6: what a way blocks is seconds, whatever local clocks show."""
    _hold(desk, provider, "10:00", 0)
    booking = _hold(desk, provider, "11:30", 29.5)
    blocked: datetime = ledger.one(
        "SELECT lower(blocked) FROM allocation WHERE booking_id = :id", id=booking["booking_id"]
    )
    assert booking["starts_at"] - blocked == 30 * MINUTE


def test_a_home_visit_is_moved_where_its_carer_can_be(desk: Desk, provider: Provider, ledger: Ledger) -> None:
    """promise C7, rule C8: the ways of its new time are blocked with it, what it had is in nobody's way."""
    _hold(desk, provider, "10:00", 0)
    booking = _hold(desk, provider, "14:00", 25)
    desk.payment_succeeds(booking)
    error = _refused(lambda: desk.reschedule(booking, "11:15", staff_id=provider.staff[0]))
    assert error.code == "too_far"
    assert error.details["alternatives"][0]["local_time"] == "11:30"
    assert desk.reschedule(booking, "11:30", staff_id=provider.staff[0])["local_time"] == "11:30"
    assert ledger.rows(
        "SELECT upper(blocked), travel_before, travel_after FROM allocation WHERE booking_id = :id",
        id=booking["booking_id"],
    ) == [(booking["ends_at"] - 150 * MINUTE, 25 * 60, 0)]
    assert desk.reschedule(booking, "11:45", staff_id=provider.staff[0])["local_time"] == "11:45"

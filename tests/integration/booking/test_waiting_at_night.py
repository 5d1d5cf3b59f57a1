"""Whoever waits for a night waits for all of it: what is past midnight belongs to the evening's day."""

from datetime import timedelta
from typing import Any

import pytest

from shared.errors import ServiceError
from tests.integration.booking.desk import Desk, Provider, customer_of, windows
from tests.integration.booking.series_desk import Waiting, offer


@pytest.fixture
def night(desk: Desk) -> Provider:
    offer(desk)
    return desk.open_provider(opening_hours=windows("22:00", "26:00"))


def _after_midnight(desk: Desk, provider: Provider, nights: int = 0) -> dict[str, Any]:
    """A paid visit at 00:30 of the night that is listed with the desk's day, or of one before or after it."""
    date = desk.day + timedelta(days=1 + nights)
    visit = desk.hold(provider, "00:30", booking_date=date.isoformat())
    desk.payment_succeeds(visit)
    return visit


@pytest.mark.parametrize("hours", [{"from_time": "23:30"}, {"from_time": "23:30", "to_time": "00:30"}])
def test_what_gets_free_past_midnight_is_offered(desk: Desk, night: Provider, hours: dict[str, Any]) -> None:
    """rule T8, promise C6: from an hour on, or to one past midnight, counted from the day's midnight."""
    for start in ("22:00", "23:00"):
        desk.hold(night, start)
    waiting = Waiting(desk, night, **hours)
    assert offer(desk) == 1
    offered = waiting.entry["booking"]
    assert (offered["local_date"], offered["local_time"]) == (
        (desk.day + timedelta(days=1)).isoformat(),
        "00:00",
    )


def test_what_is_not_wished_of_a_night_is_not_offered(desk: Desk, night: Provider) -> None:
    """rule T8, promise C6: hours past midnight end where they are said to."""
    for start in ("22:45", "23:45"):
        desk.hold(night, start)
    waiting = Waiting(desk, night, from_time="23:30", to_time="00:30")
    assert (offer(desk), waiting.state) == (0, "waiting")


def test_hours_past_midnight_are_refused_where_the_day_ends_before(desk: Desk) -> None:
    """promise C6: a slip is said, instead of a wait in vain."""
    with pytest.raises(ServiceError) as refused:
        Waiting(desk, desk.open_provider(), from_time="17:00", to_time="09:00")
    assert (refused.value.code, list(refused.value.details["errors"])) == ("validation_failed", ["to"])


def test_a_visit_of_the_night_before_is_none_of_this_night(desk: Desk, night: Provider) -> None:
    """rule T8, promise C6: half past midnight is the calendar's date of this night, and the other's hour."""
    had = _after_midnight(desk, night, nights=-1)
    waiting = Waiting(desk, night, customer_of(had))
    offer(desk)
    assert waiting.state == "offered"


def test_a_visit_past_midnight_is_one_of_its_night(desk: Desk, night: Provider) -> None:
    """rule T8, promise C6: who has what they would wait for joins no line, and is passed by in it."""
    has = _after_midnight(desk, night)
    with pytest.raises(ServiceError) as refused:
        Waiting(desk, night, customer_of(has))
    assert refused.value.code == "already_booked"
    full = desk.open_provider(opening_hours=windows("22:00", "26:00"))
    first, last = desk.hold(full, "22:00"), desk.hold(full, "23:00")
    night_hour = (desk.day + timedelta(days=1)).isoformat()
    held = desk.hold(full, "00:30", booking_date=night_hour)
    line = [Waiting(desk, full, customer_of(held), to_time="23:59"), Waiting(desk, full, to_time="23:59")]
    desk.payment_succeeds(held)
    desk.cancel(first)
    desk.cancel(last)
    offer(desk)
    assert [one.state for one in line] == ["waiting", "offered"]

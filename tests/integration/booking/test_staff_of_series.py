"""Another of the staff is asked for, and no other time: no visit of a series moves by that."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.booking.domain.local_time import zone
from shared import clock
from tests.integration.booking.desk import Desk, Provider, windows
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.series_desk import SeriesDesk
from tests.integration.booking.test_series import NEW_YORK, visits

Value = dict[str, Any]
FIRST, SECOND = "-04:00", "-05:00"
"""What New York's clocks show of an hour that they repeat, and again."""


def _repeated_day() -> date:
    """The next day on which New York's clocks show an hour twice."""
    day = clock.now().date() + timedelta(days=20)
    while True:
        before, after = (
            datetime(day.year, day.month, day.day, hour, tzinfo=zone(NEW_YORK)) for hour in (0, 12)
        )
        if after.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=13):
            return day
        day += timedelta(days=1)


def _agreed(customer: SeriesDesk, series: Value) -> list[Value]:
    for visit in visits(series):
        customer.desk.payment_succeeds(visit)
    return visits(customer.get(series))


def _starts(seen: list[Value]) -> list[datetime]:
    return [one["starts_at"] for one in seen]


def _told(instances: list[Value]) -> list[str]:
    return [one["code"] or one["outcome"] for one in instances]


@pytest.fixture
def at_the_second(desk: Desk) -> tuple[SeriesDesk, Value, tuple[str, ...]]:
    """Two agreed visits of the first of two carers: at 01:30 of a plain day, and at the second 01:30 of a day
    that has two."""
    day = _repeated_day()
    provider = desk.open_provider(
        staff=2, zone=NEW_YORK, opening_hours=windows("00:00", "24:00"), window_days=400
    )
    customer, time = SeriesDesk(desk), {"start_time": "01:30", "utc_offset": SECOND}
    decisions = [{"local_date": day.isoformat(), "choice": "alternative", **time}]
    members = {"staff_id": provider.staff[0], "decisions": decisions}
    series = customer.create(provider, day - timedelta(weeks=1), "FREQ=WEEKLY;COUNT=2", "01:30", **members)
    assert _agreed(customer, series)[1]["utc_offset"] == SECOND
    return customer, series, provider.staff


@pytest.mark.parametrize("named", [None, "01:30"])
def test_a_visit_in_a_repeated_hour_stays_in_the_second_of_the_two(
    at_the_second: tuple[SeriesDesk, Value, tuple[str, ...]], named: str | None
) -> None:
    """rules T1, T2 and T17: told before and after, also when the time that it has is named."""
    customer, series, (_, other) = at_the_second
    before = _starts(visits(customer.get(series)))
    assert _starts(customer.preview_move(series, "all", staff_id=other, start_time=named)) == before
    assert _told(customer.move(series, "all", staff_id=other, start_time=named)) == ["moved"] * 2
    after = visits(customer.get(series))
    assert (_starts(after), {one["staff_id"] for one in after}) == (before, {other})


def test_the_first_of_a_repeated_hour_is_another_time_than_the_second(
    at_the_second: tuple[SeriesDesk, Value, tuple[str, ...]],
) -> None:
    """rule T2: it shows the same, and is an hour earlier."""
    customer, series, _ = at_the_second
    before = visits(customer.get(series))[1]
    for offset, outcome in ((SECOND, "unchanged"), (FIRST, "moved")):
        time = {"start_time": "01:30", "utc_offset": offset}
        decisions = [{"position": 2, "choice": "alternative", **time}]
        told = customer.move(series, "one", 2, start_time="05:00", decisions=decisions)
        assert _told(told) == [outcome]
    after = visits(customer.get(series))[1]
    assert after["starts_at"] == before["starts_at"] - timedelta(hours=1)


def _to_lagos(ledger: Ledger, provider: Provider) -> None:
    """From Abidjan, whose clocks show an hour less; neither changes them."""
    ledger.run("UPDATE provider SET time_zone = 'Africa/Lagos' WHERE id = :id", id=provider.provider_id)


def test_the_visits_of_a_provider_who_has_moved_keep_their_instants(desk: Desk, ledger: Ledger) -> None:
    """rules T13 and T17: told before and after; a time that is asked for is on the clocks of now."""
    provider, customer = desk.open_provider(staff=2), SeriesDesk(desk)
    one, other = provider.staff
    series = customer.create(provider, desk.day, "FREQ=WEEKLY;COUNT=2", staff_id=one)
    before = _starts(_agreed(customer, series))
    _to_lagos(ledger, provider)

    seen = customer.preview_move(series, "all", staff_id=one)
    assert [instance["prospect"] for instance in seen] == ["unchanged"] * 2
    assert _told(customer.move(series, "all", staff_id=one)) == ["unchanged"] * 2
    assert _starts(customer.preview_move(series, "all", staff_id=other)) == before
    assert _told(customer.move(series, "all", staff_id=other)) == ["moved"] * 2
    moved = visits(customer.get(series))
    assert (_starts(moved), moved[0]["local_time"]) == (before, "11:00")

    assert _told(customer.move(series, "all", start_time="10:00")) == ["moved"] * 2
    assert _starts(visits(customer.get(series))) == [start - timedelta(hours=1) for start in before]


def test_days_are_counted_on_the_clock_of_now(desk: Desk, ledger: Ledger) -> None:
    """rules T13 and T17: of a provider who has moved, a day later is 24 hours later where clocks do not
    change."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    series = customer.create(provider, desk.day, "FREQ=WEEKLY;COUNT=2")
    before = _starts(_agreed(customer, series))
    _to_lagos(ledger, provider)
    assert _told(customer.move(series, "all", shift_days=1)) == ["moved"] * 2
    assert _starts(visits(customer.get(series))) == [start + timedelta(days=1) for start in before]

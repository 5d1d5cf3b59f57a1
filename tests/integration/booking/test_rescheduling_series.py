"""Visits of a series at other times: one, it and the following, or all; a result for each (rule T17)."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.booking.usecases import reschedule_series
from services.booking.usecases.reschedule import reschedule_booking
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, Provider, windows
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.series_desk import SeriesDesk
from tests.integration.booking.test_series import NEW_YORK, skipped_time, visits

Value = dict[str, Any]


def _agreed(
    desk: Desk, provider: Provider, first: date, rule: str, **members: Any
) -> tuple[SeriesDesk, Value]:
    customer = SeriesDesk(desk)
    series = customer.create(provider, first, rule, **members)
    for visit in visits(series):
        desk.payment_succeeds(visit)
    return customer, series


def _told(instances: list[Value]) -> list[str]:
    return [one["code"] or one["outcome"] for one in instances]


def _times(customer: SeriesDesk, series: Value) -> list[str]:
    return [f"{visit['local_date']} {visit['local_time']}" for visit in visits(customer.get(series))]


def _day(series: Value, position: int, later: int = 0) -> str:
    day = date.fromisoformat(series["instances"][position - 1]["local_date"])
    return (day + timedelta(days=later)).isoformat()


def test_each_has_a_result_and_what_can_not_be_moved_stays(desk: Desk, ledger: Ledger) -> None:
    """rules T17 and T1, promise C6: moved, taken, a time that the clocks skip, skipped, an alternative; told
    before and after, and nothing is moved by itself."""
    gap, at = skipped_time()
    provider = desk.open_provider(zone=NEW_YORK, opening_hours=windows("00:00", "24:00"), window_days=400)
    customer, series = _agreed(desk, provider, gap - timedelta(weeks=2), "FREQ=WEEKLY;COUNT=6")
    desk.hold(provider, at, booking_date=_day(series, 2))

    seen = customer.preview_move(series, "following", 2, start_time=at)
    assert [one["prospect"] for one in seen] == ["conflict", "time_does_not_exist", "free", "free", "free"]
    assert (seen[0]["code"], seen[1]["next_existing"]) == ("slot_taken", "03:00")
    assert seen[0]["alternatives"][0]["local_time"] in ("01:30", "03:30")
    assert [bool(one["quote"]) for one in seen] == [False, False, True, True, True]

    decisions = [
        {"position": 5, "choice": "skip"},
        {"position": 6, "choice": "alternative", "start_time": "15:00", "booking_date": _day(series, 6, 1)},
        {"position": 4, "choice": "take", "quote_id": seen[2]["quote"]["quote_id"]},
    ]
    told = customer.move(series, "following", 2, start_time=at, decisions=decisions)
    assert _told(told) == ["slot_taken", "time_does_not_exist", "moved", "skipped", "moved"]
    assert told[0]["alternatives"][0]["local_time"] == "03:30"
    assert [one["booking"] for one in told] == visits(customer.get(series))[1:]
    assert _times(customer, series) == [
        *(f"{_day(series, position)} 10:00" for position in (1, 2, 3)),
        f"{_day(series, 4)} {at}",
        f"{_day(series, 5)} 10:00",
        f"{_day(series, 6, 1)} 15:00",
    ]
    assert ledger.event_names(provider.provider_id).count("booking_rescheduled") == 2


def test_visits_of_one_series_are_not_in_each_others_way(desk: Desk) -> None:
    """rule T17: every day, one day later and one day earlier: each takes the place that another has left."""
    provider = desk.open_provider()
    customer, series = _agreed(desk, provider, desk.day, "FREQ=DAILY;COUNT=3")
    for shift, later in ((1, 1), (-1, 0)):
        seen = customer.preview_move(series, "all", shift_days=shift)
        assert [one["prospect"] for one in seen] == ["free"] * 3
        assert _told(customer.move(series, "all", shift_days=shift)) == ["moved"] * 3
        assert _times(customer, series) == [f"{_day(series, one, later)} 10:00" for one in (1, 2, 3)]


def test_what_has_begun_or_was_moved_enough_is_told(desk: Desk, move_clock: MoveClock) -> None:
    """rules T17 and B2: why each can't be moved; what is over is not asked about by either."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    series = customer.create(provider, desk.day, "FREQ=WEEKLY;COUNT=5")
    for number in (0, 1, 3, 4):
        desk.payment_succeeds(visits(series)[number])
    desk.cancel(visits(series)[4])
    for start in ("11:00", "12:00", "13:00"):
        assert _told(customer.move(series, "one", 2, start_time=start)) == ["moved"]
    with move_clock(timedelta(days=10, hours=12)):
        seen = customer.preview_move(series, "all", start_time="14:00")
        assert [one["prospect"] for one in seen] == ["too_late", "moves_used_up", "free", "free"]
        told = customer.move(series, "all", start_time="14:00")
        assert _told(told) == ["booking_state_conflict", "too_many_moves", "moved", "moved"]
        assert customer.preview_move(series, "one", 4, start_time="14:00")[0]["prospect"] == "unchanged"
        assert _told(customer.move(series, "one", 4, start_time="14:00")) == ["unchanged"]
        with pytest.raises(ServiceError) as nothing:
            customer.move(series, "one", 5, start_time="14:00")
        assert nothing.value.code == "nothing_to_move"


def test_another_of_the_staff_closed_days_and_prices(desk: Desk, ledger: Ledger) -> None:
    """rules T17 and B3, promise C6: who is asked for does it; a lower price goes back with each, exactly as
    shown; a quote that is not so any more moves nothing."""
    provider = desk.open_provider(staff=2, opening_hours=windows("09:00", "18:00", [1, 2, 3, 4, 5]))
    monday = desk.day + timedelta(days=7 - desk.day.weekday())
    one, two = provider.staff
    customer, series = _agreed(desk, provider, monday, "FREQ=DAILY;COUNT=2", staff_id=one)
    [seen, _] = customer.preview_move(series, "all", staff_id=two)
    ledger.run("UPDATE service SET price_amount = 8000 WHERE id = :id", id=provider.services[0])
    stale = [{"position": 1, "choice": "take", "quote_id": seen["quote"]["quote_id"]}]
    told = customer.move(series, "all", staff_id=two, start_time="12:00", decisions=stale)
    assert _told(told) == ["quote_changed", "moved"]
    assert told[0]["quote"]["service_refund"]["amount"] == 2000
    assert [one["booking"]["quote"]["total"]["amount"] for one in told] == [10000, 8000]
    assert told[1]["booking"]["staff_id"] == two
    moved = [data for name, data in ledger.events(provider.provider_id) if name == "booking_rescheduled"]
    assert [data["service_refund"]["amount"] for data in moved] == [2000]
    [closed] = customer.preview_move(series, "one", 1, shift_days=5)
    assert (closed["prospect"], closed["code"]) == ("closed", "closed")
    assert _told(customer.move(series, "one", 1, shift_days=5, staff_id=one)) == ["closed"]


def test_nobody_is_moved_to_where_they_have_another_visit(desk: Desk) -> None:
    """rule C19: told before and after, unless it is allowed."""
    customer, series = _agreed(desk, desk.open_provider(), desk.day, "FREQ=DAILY;COUNT=2")
    desk.hold(desk.open_provider(), "12:30", customer.caller)
    seen = customer.preview_move(series, "all", start_time="12:00")
    code = "customer_in_two_places"
    assert [(one["prospect"], one["code"]) for one in seen] == [("conflict", code), ("free", None)]
    assert _told(customer.move(series, "all", start_time="12:00")) == [code, "moved"]
    [allowed] = customer.preview_move(series, "one", 1, start_time="12:00", allow_overlap=True)
    assert allowed["prospect"] == "free"
    assert _told(customer.move(series, "one", 1, start_time="12:00", allow_overlap=True)) == ["moved"]


@pytest.mark.parametrize("second", ["moved", "slot_taken"])
def test_what_else_they_have_then_is_told_beside_visits_that_are_meant(desk: Desk, second: str) -> None:
    """rule C19: at the time of a visit that will have been moved there is another as well; and a visit that
    is meant and can't be moved stays in the way."""
    provider, code = desk.open_provider(staff=2), "customer_in_two_places"
    customer, series = _agreed(desk, provider, desk.day, "FREQ=DAILY;COUNT=2")
    if second == "moved":
        other = {"booking_date": _day(series, 2), "allow_overlap": True}
        desk.hold(desk.open_provider(), "10:30", customer.caller, **other)
    else:
        for _ in provider.staff:
            desk.hold(provider, booking_date=_day(series, 2, 1))
    seen = customer.preview_move(series, "all", shift_days=1)
    assert [one["code"] or "moved" for one in seen] == [code, second]
    assert _told(customer.move(series, "all", shift_days=1)) == [code, second]


def test_a_repeat_goes_on_where_the_first_one_died(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, ledger: Ledger
) -> None:
    """rule C13: the same key moves each once, counted from where it was when it was asked for."""
    provider, key = desk.open_provider(), new_id()
    customer, series = _agreed(desk, provider, desk.day, "FREQ=DAILY;COUNT=3")
    left = iter(range(1))

    def dies(*arguments: Any) -> Value:
        if next(left, None) is None:
            raise ConnectionError("the process died")
        return reschedule_booking(*arguments)

    monkeypatch.setattr(reschedule_series, "reschedule_booking", dies)
    with pytest.raises(ConnectionError):
        customer.move(series, "all", shift_days=1, start_time="12:00", idempotency_key=key)
    monkeypatch.undo()
    told = customer.move(series, "all", shift_days=1, start_time="12:00", idempotency_key=key)
    assert _told(told) == ["moved"] * 3
    assert customer.move(series, "all", shift_days=1, start_time="12:00", idempotency_key=key) == told
    assert _times(customer, series) == [f"{_day(series, one, 1)} 12:00" for one in (1, 2, 3)]
    assert ledger.event_names(provider.provider_id).count("booking_rescheduled") == 3
    with pytest.raises(ServiceError) as other:
        customer.move(series, "all", shift_days=2, start_time="12:00", idempotency_key=key)
    assert other.value.code == "idempotency_key_reused"


def test_another_ones_series_is_not_moved(desk: Desk) -> None:
    """rule B11: nor is it looked at; and decisions are for the visits that are meant."""
    customer, series = _agreed(desk, desk.open_provider(), desk.day, "FREQ=DAILY;COUNT=2")
    for say in (SeriesDesk(desk).preview_move, SeriesDesk(desk).move):
        with pytest.raises(ServiceError) as refused:
            say(series, "all", start_time="12:00")
        assert refused.value.code == "not_found"
    with pytest.raises(ServiceError) as wrong:
        customer.move(series, "one", 1, start_time="12:00", decisions=[{"position": 2, "choice": "skip"}])
    assert wrong.value.code == "validation_failed"

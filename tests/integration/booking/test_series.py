"""Series of visits: looked at before, booked one by one, kept once one is paid, cancelled in part."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.booking.domain.local_time import zone
from services.booking.usecases import book_series
from services.booking.usecases.expiry import sweep_expired_holds
from services.booking.usecases.hold_slot import hold_part
from services.booking.usecases.series_holds import end_unpaid_keeping
from shared import clock
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, customer_of, somebody, windows
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.series_desk import SeriesDesk

Value = dict[str, Any]
NEW_YORK = "America/New_York"


def outcomes(series: Value) -> list[str]:
    return [one["code"] or one["outcome"] for one in series["instances"]]


def visits(series: Value) -> list[Value]:
    return [one["booking"] for one in series["instances"] if one["booking"]]


def states(series: Value) -> list[str]:
    return [visit["state"] for visit in visits(series)]


def skipped_time() -> tuple[date, str]:
    """The next day on which New York's clocks skip an hour, and a local time within it."""
    day = clock.now().date() + timedelta(days=20)
    while True:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone(NEW_YORK))
        before = datetime(day.year, day.month, day.day, 0, 30, tzinfo=zone(NEW_YORK))
        if (noon.utcoffset() or timedelta(0)) > (before.utcoffset() or timedelta(0)):
            return day, "02:30"
        day += timedelta(days=1)


def test_twelve_weeks_over_a_clock_change(desk: Desk) -> None:
    """One instance is taken, one does not exist: told before, and never moved silently (rules T1, T17)."""
    gap, start = skipped_time()
    first = gap - timedelta(weeks=2)
    provider = desk.open_provider(zone=NEW_YORK, opening_hours=windows("00:00", "24:00"), window_days=400)
    desk.hold(provider, start, booking_date=(first + timedelta(weeks=1)).isoformat())
    customer = SeriesDesk(desk)

    seen = customer.preview(provider, first, "FREQ=WEEKLY;COUNT=12", start)

    expected = ["free", "conflict", "time_does_not_exist", *["free"] * 9]
    assert [one["prospect"] for one in seen] == expected
    assert (seen[1]["code"], seen[2]["code"], seen[2]["next_existing"]) == (
        "slot_taken",
        "time_does_not_exist",
        "03:00",
    )
    assert seen[1]["alternatives"][0]["local_time"] in ("01:30", "03:30")
    assert {one["utc_offset"] for one in seen} == {"-05:00", "-04:00", None}

    decisions = [
        {"local_date": seen[1]["local_date"], "choice": "alternative", "start_time": "03:30"},
        {"local_date": seen[2]["local_date"], "choice": "skip"},
    ]
    series = customer.create(provider, first, "FREQ=WEEKLY;COUNT=12", start, decisions=decisions)

    assert outcomes(series) == ["booked", "booked", "skipped", *["booked"] * 9]
    assert [visit["local_time"] for visit in visits(series)] == ["02:30", "03:30", *["02:30"] * 9]
    assert customer.get(series) == series


def test_the_offset_of_the_first_day_does_not_refuse_the_days_after_a_clock_change(desk: Desk) -> None:
    """It tells the two of a repeated hour apart, and nothing else (rule T2)."""
    gap, _ = skipped_time()
    provider = desk.open_provider(zone=NEW_YORK, opening_hours=windows("00:00", "24:00"), window_days=400)
    first = gap - timedelta(weeks=1)
    series = SeriesDesk(desk).create(provider, first, "FREQ=WEEKLY;COUNT=3", utc_offset="-05:00")
    assert outcomes(series) == ["booked"] * 3
    wrong = SeriesDesk(desk).create(provider, first, "FREQ=WEEKLY;COUNT=2", "12:00", utc_offset="-04:00")
    assert outcomes(wrong) == ["time_does_not_exist", "booked"]


def test_what_is_refused_is_told_and_the_others_are_held(desk: Desk) -> None:
    """A result per instance: taken meanwhile, closed, beyond the window (rule T17)."""
    provider = desk.open_provider(opening_hours=windows("09:00", "18:00", [1, 2, 3, 4, 5]), window_days=30)
    monday = desk.day + timedelta(days=7 - desk.day.weekday())
    desk.hold(provider, booking_date=(monday + timedelta(days=1)).isoformat())

    series = SeriesDesk(desk).create(provider, monday, "FREQ=DAILY;COUNT=6")
    assert outcomes(series) == ["booked", "slot_taken", "booked", "booked", "booked", "closed"]

    far = SeriesDesk(desk).create(provider, monday, "FREQ=WEEKLY;COUNT=6", "12:00")
    assert outcomes(far)[-1] == "beyond_window"


def test_until_one_is_paid_all_end_together(desk: Desk, move_clock: MoveClock) -> None:
    """Nothing of an unpaid series is kept longer than its first hold (promise C6)."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=4")
    assert len({visit["hold_expires_at"] for visit in visits(series)}) == 1

    prepared = desk.prepare(visits(series)[2], customer.caller)
    kept = {visit["hold_expires_at"] for visit in visits(customer.get(series))}
    assert kept == {prepared["hold_expires_at"]}

    desk.payment_processing(visits(series)[2])
    assert len({visit["hold_expires_at"] for visit in visits(customer.get(series))}) == 1
    with move_clock(timedelta(hours=2)):
        sweep_expired_holds(desk.transaction)
        assert states(customer.get(series)) == ["expired"] * 4


def test_once_one_is_paid_each_has_its_own_time(desk: Desk, move_clock: MoveClock) -> None:
    """The others are held until 72 hours before their visit, however far that is (promise C6)."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    series = customer.create(provider, desk.day, "FREQ=WEEKLY;COUNT=3")
    desk.payment_succeeds(visits(series)[0])

    kept = customer.get(series)
    assert states(kept) == ["confirmed", "pending", "pending"]
    assert kept["kept_at"] is not None
    for visit in visits(kept)[1:]:
        assert visit["hold_expires_at"] == visit["starts_at"] - timedelta(hours=72)
    with move_clock(timedelta(days=12)):
        sweep_expired_holds(desk.transaction)
        assert states(customer.get(series)) == ["confirmed", "pending", "pending"]
    with move_clock(timedelta(days=15)):
        sweep_expired_holds(desk.transaction)
        assert states(customer.get(series)) == ["confirmed", "expired", "pending"]


def test_once_what_was_paid_is_given_back_the_rest_is_held_like_any(desk: Desk) -> None:
    """Nothing is kept for months for nothing; while another visit is paid, it is (promise C6)."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    series = customer.create(provider, desk.day + timedelta(days=7), "FREQ=WEEKLY;COUNT=4")
    hold_seconds = desk.settings.hold_seconds
    for visit in visits(series)[:2]:
        desk.payment_succeeds(visit)
    desk.cancel(visits(series)[0])
    end_unpaid_keeping(desk.transaction, hold_seconds)
    kept = customer.get(series)
    assert kept["kept_at"] is not None

    desk.cancel(visits(series)[1])
    end_unpaid_keeping(desk.transaction, hold_seconds)

    held = customer.get(series)
    assert (held["kept_at"], states(held)) == (None, ["cancelled", "cancelled", "pending", "pending"])
    ends = {visit["hold_expires_at"] for visit in visits(held)[2:]}
    assert len(ends) == 1
    assert max(ends) <= clock.now() + timedelta(seconds=hold_seconds)
    desk.payment_succeeds(visits(series)[2])
    assert customer.get(series)["kept_at"] is not None


def test_money_that_comes_too_late_keeps_no_series(desk: Desk, move_clock: MoveClock) -> None:
    """Its visit is gone and the money goes back: no other is kept for it (promise C6)."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2")
    with move_clock(timedelta(hours=2)):
        sweep_expired_holds(desk.transaction)
        desk.hold(provider, "10:00", booking_date=visits(series)[0]["local_date"])
        desk.payment_succeeds(visits(series)[0])
        late = customer.get(series)
        assert (late["kept_at"], states(late)) == (None, ["cancelled", "expired"])


def test_a_payment_that_fails_leaves_the_hold_of_another_that_is_in_work(
    desk: Desk, move_clock: MoveClock
) -> None:
    """The visits of an unpaid series have one hold, for as long as any payment needs it (promise C6)."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=3")
    failing = desk.payment_processing(visits(series)[0]).data["payment_id"]
    desk.payment_processing(visits(series)[1])
    desk.payment_fails(visits(series)[0], payment_id=failing, version=2)
    with move_clock(timedelta(minutes=40)):
        sweep_expired_holds(desk.transaction)
        assert states(customer.get(series)) == ["pending"] * 3


def test_a_series_counts_as_one_hold(desk: Desk) -> None:
    """Whoever holds a series may hold four more and no fifth (rule C18)."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=10")
    assert outcomes(series) == ["booked"] * 10
    for hour in range(11, 15):
        desk.hold(provider, f"{hour}:00", customer.caller)
    with pytest.raises(ServiceError) as refused:
        desk.hold(provider, "16:00", customer.caller)
    assert refused.value.code == "too_many_holds"
    another = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2", "17:00")
    assert outcomes(another) == ["too_many_holds"] * 2


def test_a_series_of_which_one_is_paid_counts_as_none(desk: Desk) -> None:
    """Regulars are not kept from booking by what they have for months (rule C18)."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    for hour in range(10, 15):
        series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2", f"{hour}:00")
        desk.payment_succeeds(visits(series)[0])
    held = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2", "15:00")
    assert outcomes(held) == ["booked"] * 2


def test_a_decided_series_keeps_nothing_personal(
    desk: Desk, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For whom, where and with which notes is with each visit, and nowhere twice (promise C10): also when the
    last instance is skipped."""
    provider, recipient = desk.open_provider(), {"name": "Ada Verne", "phone": "+15550100"}
    customer = SeriesDesk(desk, somebody("203.0.113.7"))
    said: Value = {"recipient": recipient, "notes": "Ring twice", "staff_id": provider.staff[0]}
    series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2", **said)
    query = "SELECT asks, held_from FROM series WHERE id = :id"
    (row,) = ledger.rows(query, id=series["series_id"])
    assert (row.asks, row.held_from) == ({"staff_id": provider.staff[0]}, None)
    for visit in visits(series):
        seen = desk.look(visit, customer.caller)
        assert (seen["recipient"]["name"], seen["notes"]) == ("Ada Verne", "Ring twice")

    monkeypatch.setattr(book_series, "finish_series", lambda *_: None)
    left_alone = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2", "12:00", **said)
    customer.cancel(left_alone, "one", 2)
    (row,) = ledger.rows(query, id=left_alone["series_id"])
    assert (row.asks["recipient"]["name"], row.held_from is None) == ("Ada Verne", False)
    customer.cancel(left_alone, "one", 1)
    (row,) = ledger.rows(query, id=left_alone["series_id"])
    assert (row.asks, row.held_from) == ({"staff_id": provider.staff[0]}, None)


def test_a_payment_in_work_keeps_its_visit_when_another_is_paid(desk: Desk, move_clock: MoveClock) -> None:
    """Its hour goes on, however soon the visit is to be paid (promise C6, rule T17)."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    series = customer.create(provider, clock.now().date() + timedelta(days=1), "FREQ=DAILY;COUNT=2", "16:00")
    desk.payment_processing(visits(series)[0])
    desk.payment_succeeds(visits(series)[1])
    with move_clock(timedelta(minutes=40)):
        sweep_expired_holds(desk.transaction)
        assert states(customer.get(series)) == ["pending", "confirmed"]


def test_a_payment_in_work_keeps_no_other_visit_when_it_succeeds(desk: Desk, move_clock: MoveClock) -> None:
    """One that is soon has its quarter of an hour to be paid, not the hour of a payment (promise C6)."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    series = customer.create(provider, clock.now().date() + timedelta(days=1), "FREQ=DAILY;COUNT=2", "16:00")
    paid = desk.payment_processing(visits(series)[0]).data["payment_id"]
    desk.payment_succeeds(visits(series)[0], payment_id=paid, version=2)
    with move_clock(timedelta(minutes=20)):
        sweep_expired_holds(desk.transaction)
        assert states(customer.get(series)) == ["confirmed", "expired"]


def test_a_repeat_goes_on_where_the_first_one_died(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, ledger: Ledger
) -> None:
    """The same key makes one series, with every instance decided once (rule C13)."""
    provider, customer, key = desk.open_provider(), SeriesDesk(desk), new_id()
    taken = hold_part
    left = iter(range(2))

    def dies(*arguments: Any) -> Value:
        if next(left, None) is None:
            raise ConnectionError("the process died")
        return taken(*arguments)

    monkeypatch.setattr(book_series, "hold_part", dies)
    with pytest.raises(ConnectionError):
        customer.create(provider, desk.day, "FREQ=DAILY;COUNT=4", idempotency_key=key)
    monkeypatch.undo()

    series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=4", idempotency_key=key)
    assert outcomes(series) == ["booked"] * 4
    assert customer.create(provider, desk.day, "FREQ=DAILY;COUNT=4", idempotency_key=key) == series
    assert ledger.event_names(provider.provider_id).count("booking_held") == 4


def test_what_somebody_left_half_done_is_finished(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, move_clock: MoveClock
) -> None:
    """Nobody comes back with the key: each instance is decided all the same (rule T17)."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    monkeypatch.setattr(book_series, "finish_series", lambda *_: None)
    series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=3")
    monkeypatch.undo()
    assert outcomes(series) == ["open"] * 3

    book_series.finish_left_alone(desk.transaction, desk.settings)
    assert outcomes(customer.get(series)) == ["open"] * 3
    with move_clock(timedelta(minutes=1)):
        book_series.finish_left_alone(desk.transaction, desk.settings)
        assert outcomes(customer.get(series)) == ["booked"] * 3


def test_cancelling_what_follows_leaves_what_was_before(desk: Desk) -> None:
    """Each visit gives back by its own notice, exactly as quoted; the others stay (rule T17, promise C6)."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    tomorrow = clock.now().astimezone(UTC).date() + timedelta(days=1)
    series = customer.create(provider, tomorrow, "FREQ=WEEKLY;COUNT=4", "09:00")
    for visit in visits(series):
        desk.payment_succeeds(visit)

    quote = customer.quote(series, "following", 3)
    assert [one["booking_id"] for one in quote["visits"]] == [one["booking_id"] for one in visits(series)[2:]]
    assert quote["service_refund"]["amount"] == 20000
    with pytest.raises(ServiceError) as refused:
        customer.cancel(series, "following", 2, refund_quote_id=quote["quote_id"])
    assert refused.value.code == "series_quote_changed"

    after = customer.cancel(series, "following", 3, refund_quote_id=quote["quote_id"])
    assert states(after) == ["confirmed", "confirmed", "cancelled", "cancelled"]
    rest = customer.quote(series, "all")
    percents = [one["refund_percent"] for one in rest["visits"]]
    assert percents == [desk.refund_quote(visits(series)[0])["refund_percent"], 100]
    assert states(customer.cancel(series, "one", 1)) == ["cancelled", "confirmed", "cancelled", "cancelled"]
    assert states(customer.cancel(series, "all")) == ["cancelled"] * 4
    with pytest.raises(ServiceError) as nothing:
        customer.cancel(series, "all")
    assert nothing.value.code == "nothing_to_cancel"


def test_what_is_not_booked_yet_is_cancelled_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever cancels while the series is being booked gets none of what was still to come (rule T17)."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    monkeypatch.setattr(book_series, "finish_series", lambda *_: None)
    series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=3")
    monkeypatch.undo()

    assert outcomes(customer.cancel(series, "following", 2)) == ["open", "skipped", "skipped"]
    book_series.finish_series(desk.transaction, desk.settings, series["series_id"])
    assert outcomes(customer.get(series)) == ["booked", "skipped", "skipped"]


def test_another_ones_series_is_not_found(desk: Desk) -> None:
    """Neither to be read nor to be cancelled (rule B11)."""
    series = SeriesDesk(desk).create(desk.open_provider(), desk.day, "FREQ=DAILY;COUNT=2")
    stranger = SeriesDesk(desk)
    with pytest.raises(ServiceError) as unread:
        stranger.get(series)
    with pytest.raises(ServiceError) as uncancelled:
        stranger.cancel(series, "all")
    assert (unread.value.code, uncancelled.value.code) == ("not_found", "not_found")
    assert customer_of(visits(series)[0]) != stranger.caller

"""Holding a slot: what is written, what is refused, and what is said instead."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event

from services.booking.domain.local_time import LocalClock
from services.booking.usecases.explanations import MOST_ALTERNATIVES
from services.booking.usecases.refusals import EARLIEST
from shared.contracts.booking_forms import BookingSchema
from shared.contracts.declaration import write
from shared.database.transaction import Database
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.desk import Desk, at, customer_of, somebody, windows
from tests.integration.booking.ledger import Ledger


def _refusal(desk: Desk, *arguments: object, **members: object) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        desk.hold(*arguments, **members)  # type: ignore[arg-type]
    return refused.value


def test_a_hold_is_whole(desk: Desk, ledger: Ledger) -> None:
    """promises C2, C4 and C5, rules T2, C17, M20 and B4: one transaction writes the booking with its
    frozen quote and policy, its allocation, its history and its events."""
    provider = desk.open_provider()
    booking = desk.hold(provider, "10:00", notes="Second floor")
    write(BookingSchema, booking)
    assert booking["state"] == "pending"
    assert booking["starts_at"] == at(desk.day, "10:00")
    assert (booking["local_time"], booking["utc_offset"]) == ("10:00", "+00:00")
    assert booking["hold_expires_at"] - booking["created_at"] == timedelta(seconds=900)
    assert booking["quote"]["total"] == {"amount": 10000, "currency": "USD"}
    assert [tier["percent"] for tier in booking["quote"]["refund_tiers"]] == [100, 75, 50]
    booking_id = booking["booking_id"]
    assert ledger.history(booking_id) == [(1, None, "pending", "customer", "held")]
    assert ledger.allocations(booking_id) == 1
    changed, held, again = ledger.events(provider.provider_id)
    assert (changed[0], held[0], again[0]) == ("availability_changed", "booking_held", "availability_changed")
    assert held[1] == write(BookingSchema, booking) | {"notes": None}
    assert again[1]["local_days"] == [desk.day.isoformat()]


def test_a_hold_takes_few_statements(desk: Desk, database: Database) -> None:
    """Few statements per request: with its key, its bounds and its events, at most eight."""
    provider = desk.open_provider()
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    engine = database._engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        desk.hold(provider)
        assert len(statements) <= 8, statements
        statements.clear()
        desk.availability(provider)
        assert len(statements) <= 2, statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_what_is_listed_can_be_held_and_nothing_else(desk: Desk) -> None:
    """promise C1, rule B16: one engine. Every quarter of an hour is tried after each other."""
    provider = desk.open_provider(slot_grid_minutes=30, buffer_after_minutes=30)
    desk.hold(provider, "13:00")
    listed = desk.free_times(provider)
    assert "12:00" not in listed
    assert "14:00" not in listed
    assert {"11:30", "14:30", "17:00"} <= set(listed)
    for minutes in range(8 * 60, 19 * 60, 15):
        start = f"{minutes // 60:02d}:{minutes % 60:02d}"
        if start in listed:
            desk.cancel(desk.hold(provider, start))
        else:
            assert _refusal(desk, provider, start).code in ("closed", "off_grid", "slot_taken")


def test_the_next_free_slots_are_offered(desk: Desk) -> None:
    """promise C2, rule C15: what was listed a moment ago may be taken: a 409 with the next free ones."""
    provider = desk.open_provider(opening_hours=windows("09:00", "11:00"), slot_grid_minutes=30)
    desk.hold(provider, "09:00")
    error = _refusal(desk, provider, "09:30")
    assert error.code == "slot_taken"
    alternatives = error.details["alternatives"]
    assert len(alternatives) == MOST_ALTERNATIVES
    tomorrow = (desk.day + timedelta(days=1)).isoformat()
    assert [(slot["local_date"], slot["local_time"]) for slot in alternatives] == [
        (desk.day.isoformat(), "10:00"),
        *((tomorrow, start) for start in ("09:00", "09:30", "10:00")),
        ((desk.day + timedelta(days=2)).isoformat(), "09:00"),
    ]
    desk.hold(provider, alternatives[0]["local_time"])


def test_anyone_who_is_free_takes_it(desk: Desk) -> None:
    """rule C11: chosen inside the transaction; refused only when nobody is left."""
    provider = desk.open_provider(staff=3)
    taken = [desk.hold(provider, start)["staff_id"] for start in ("10:00", "10:15", "09:30")]
    assert sorted(taken) == sorted(provider.staff)
    assert _refusal(desk, provider, "10:00").code == "slot_taken"
    free = desk.free_times(provider)
    assert "10:30" in free
    assert not {"09:30", "09:45", "10:00", "10:15"} & set(free)


def test_the_next_candidate_is_tried_on_conflict(desk: Desk) -> None:
    """rule C11: the least busy one is asked first, and is not free at that time."""
    provider = desk.open_provider(staff=2)
    idle, busy = provider.staff
    desk.hold(provider, "10:00", staff_id=idle)
    for start in ("12:00", "14:00"):
        desk.hold(provider, start, staff_id=busy)
    assert desk.hold(provider, "10:30")["staff_id"] == busy


def test_one_member_of_staff_is_asked_for(desk: Desk) -> None:
    provider = desk.open_provider(staff=2)
    one, other = provider.staff
    assert desk.hold(provider, staff_id=one)["staff_id"] == one
    assert _refusal(desk, provider, staff_id=one).code == "slot_taken"
    assert desk.hold(provider, staff_id=other)["staff_id"] == other
    assert "10:00" not in desk.free_times(provider, staff_id=one)


def test_visits_may_follow_each_other(desk: Desk) -> None:
    """rules T11 and T12: back to back is legal, the gap is the buffers and no more."""
    close, apart = desk.open_provider(), desk.open_provider(buffer_before_minutes=15, buffer_after_minutes=15)
    for start in ("10:00", "11:00", "09:00"):
        desk.hold(close, start)
    desk.hold(apart, "10:00")
    assert _refusal(desk, apart, "11:15").code == "slot_taken"
    desk.hold(apart, "11:30")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"provider_id": new_id()}, "not_found"),
        ({"service_id": new_id()}, "not_found"),
        ({"staff_id": new_id()}, "not_found"),
        ({"booking_date": "2020-02-29"}, "past_date"),
        ({"booking_date": "1900-01-01"}, "past_date"),
        ({"booking_date": "9999-12-31"}, "beyond_window"),
        ({"booking_date": "2027-02-30"}, "validation_failed"),
        ({"start_time": "24:61"}, "validation_failed"),
        ({"start_time": "08:45"}, "closed"),
        ({"start_time": "17:15"}, "closed"),
        ({"start_time": "10:10"}, "off_grid"),
    ],
)
def test_bad_requests_have_stable_codes_and_leave_nothing(
    desk: Desk, ledger: Ledger, members: dict[str, str], code: str
) -> None:
    """promise C3: refusals are typed, and nothing is written."""
    provider = desk.open_provider()
    assert _refusal(desk, provider, **members).code == code
    assert ledger.one("SELECT count(*) FROM booking WHERE provider_id = :id", id=provider.provider_id) == 0
    assert ledger.event_names(provider.provider_id) == ["availability_changed"]


def test_the_window_ends_with_the_ninetieth_day(desk: Desk) -> None:
    """promise C3, rule T10: 90 days ahead are bookable and listed, 91 are neither."""
    provider = desk.open_provider()
    last = desk.day + timedelta(days=80)
    assert desk.free_times(provider, last)
    desk.hold(provider, booking_date=last.isoformat())
    beyond = last + timedelta(days=1)
    assert _refusal(desk, provider, booking_date=beyond.isoformat()).code == "beyond_window"
    for day, code in (
        (beyond, "beyond_window"),
        (desk.day - timedelta(days=11), "past_date"),
        (EARLIEST - timedelta(days=1), "past_date"),
        (date(9999, 12, 31), "beyond_window"),
    ):
        with pytest.raises(ServiceError) as refused:
            desk.availability(provider, day)
        assert refused.value.code == code


def test_a_skipped_local_time_is_refused(desk: Desk) -> None:
    """rule T1: 02:30 on the night that New York skips it, whenever that is next."""
    provider = desk.open_provider(
        zone="America/New_York", opening_hours=windows("00:00", "24:00"), window_days=400
    )
    day = _next_short_day("America/New_York", desk.day)
    error = _refusal(desk, provider, "02:30", booking_date=day.isoformat())
    assert error.code == "time_does_not_exist"
    assert "02:30" not in desk.free_times(provider, day)


def _next_short_day(zone: str, after: date) -> date:
    for number in range(1, 370):
        day = after + timedelta(days=number)
        length = LocalClock.of(zone, day, day + timedelta(days=1)).day(day)
        if length.end - length.start < timedelta(hours=24):
            return day
    raise AssertionError("no clock change within a year")


def test_time_off_closes(desk: Desk) -> None:
    off = {
        "id": new_id(),
        "staff_id": None,
        "starts_at": f"{desk.day}T09:00:00Z",
        "ends_at": f"{desk.day}T12:00:00Z",
        "reason": "holiday",
    }
    provider = desk.open_provider(time_off=[off])
    assert desk.free_times(provider)[0] == "12:00"
    error = _refusal(desk, provider, "11:30")
    assert (error.code, error.details["reason"]) == ("time_off", "time_off")


def test_short_notice_closes(desk: Desk) -> None:
    """rule T9: notice is elapsed time by the database's clock."""
    provider = desk.open_provider(minimum_notice_minutes=12 * 24 * 60)
    error = _refusal(desk, provider)
    assert (error.code, error.details["reason"]) == ("short_notice", "short_notice")
    assert desk.free_times(provider) == []


def test_a_night_visit_concerns_two_days(desk: Desk, ledger: Ledger) -> None:
    """rule T8: a window past midnight is listed with its evening; told are both days, and where visits are
    capped the evening before, whose times after midnight the first day's cap may take away."""
    provider = desk.open_provider(opening_hours=windows("22:00", "26:00"))
    tomorrow = desk.day + timedelta(days=1)
    late = [slot for slot in desk.availability(provider)["slots"] if slot["local_date"] == str(tomorrow)]
    assert [slot["local_time"] for slot in late] == ["00:00", "00:15", "00:30", "00:45", "01:00"]
    booking = desk.hold(provider, "23:30")
    assert booking["ends_at"] == datetime.fromisoformat(f"{tomorrow}T00:30Z")
    both = [str(desk.day), str(tomorrow)]
    assert ledger.events(provider.provider_id)[-1][1]["local_days"] == both
    ledger.run("UPDATE staff SET day_cap = 9 WHERE id = :id", id=provider.staff[0])
    desk.cancel(booking)
    evening_before = str(desk.day - timedelta(days=1))
    assert ledger.events(provider.provider_id)[-1][1]["local_days"] == [evening_before, *both]
    booking = desk.hold(provider, "23:30")
    assert _refusal(desk, provider, "00:00", booking_date=str(tomorrow)).code == "slot_taken"
    desk.hold(provider, "00:30", booking_date=str(tomorrow))


def test_holds_are_bounded(desk: Desk) -> None:
    """rule C18: so many live holds per customer and per address, and no more by asking again."""
    provider = desk.open_provider(staff=1)
    caller = somebody()
    starts = [f"{hour:02d}:00" for hour in range(9, 18)]
    held = [desk.hold(provider, start, caller) for start in starts[: desk.settings.holds_per_customer]]
    assert _refusal(desk, provider, "17:00", caller).code == "too_many_holds"
    desk.cancel(held[0])
    desk.hold(provider, "17:00", caller)

    crowd = desk.open_provider(staff=desk.settings.holds_per_address + 1)
    address = f"192.0.2.1 {new_id()}"
    for _ in range(desk.settings.holds_per_address):
        desk.hold(crowd, "10:00", somebody(address))
    assert _refusal(desk, crowd, "10:00", somebody(address)).code == "too_many_holds"
    desk.hold(crowd, "10:00", somebody(f"192.0.2.2 {new_id()}"))


def test_holding_again_does_not_prolong(desk: Desk) -> None:
    """rule C18: the own slot is as taken as another's, also for who would be in two places."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    caller = customer_of(booking)
    assert _refusal(desk, provider, "10:00", caller).code == "customer_in_two_places"
    assert _refusal(desk, provider, "10:00", caller, allow_overlap=True).code == "slot_taken"

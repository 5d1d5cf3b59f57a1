"""Bulk import: whole calendars and the bookings of the past; a repeat changes nothing."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.booking import import_calendar as command
from services.booking.usecases.calendar_import import CalendarFileError, import_calendar
from services.booking.usecases.read_bookings import read_booking
from shared.contracts.booking_forms import BookingSchema
from shared.contracts.declaration import Caller, write
from shared.ids import new_id
from tests.integration.booking.desk import Desk, Provider, calendar_entry, windows
from tests.integration.booking.ledger import Ledger


def _past(provider: Provider, status: str = "completed") -> dict[str, Any]:
    return {
        "id": new_id(),
        "provider_id": provider.provider_id,
        "service_id": provider.services[0],
        "staff_id": provider.staff[0],
        "customer_id": new_id(),
        "status": status,
        "starts_at": "2026-03-04T14:00:00Z",
        "ends_at": "2026-03-04T15:00:00Z",
        "created_at": "2026-03-01T09:00:00Z",
        "price": {"amount": 10000, "currency": "USD"},
    }


def _content(provider: Provider, *past: dict[str, Any], **rules: Any) -> dict[str, Any]:
    return {"format": 1, "providers": [calendar_entry(provider, **rules)], "past_bookings": list(past)}


def test_a_repeat_changes_nothing(desk: Desk, ledger: Ledger, tmp_path: Path, database_url: str) -> None:
    provider = Provider(new_id(), (new_id(), new_id()), (new_id(),), "America/New_York")
    past = [_past(provider, status) for status in ("completed", "cancelled", "no_show")]
    content = _content(provider, *past)
    first = import_calendar(desk.transaction, content)
    again = import_calendar(desk.transaction, content)
    assert (first.calendars, first.bookings) == (1, 3)
    assert (again.calendars, again.bookings) == (0, 0)
    assert ledger.event_names(provider.provider_id) == ["availability_changed"]
    request = {"booking_id": past[0]["id"]}
    booking = read_booking(desk.transaction, request, Caller(user_id=past[0]["customer_id"]))
    write(BookingSchema, booking)
    assert (booking["state"], booking["local_time"], booking["utc_offset"]) == (
        "completed",
        "09:00",
        "-05:00",
    )
    assert ledger.allocations(past[0]["id"]) == 0
    assert ledger.history(past[0]["id"]) == [(1, None, "completed", "system", "imported")]


def test_a_changed_calendar_is_replaced(desk: Desk, ledger: Ledger) -> None:
    """Hours, rules and staff of the file count; who is not named any more takes no new visits."""
    provider = desk.open_provider(staff=2)
    booking = desk.hold(provider, staff_id=provider.staff[1])
    changed = Provider(provider.provider_id, provider.services, provider.staff[:1], provider.zone)
    opened = windows("10:00", "12:00")
    imported = import_calendar(desk.transaction, _content(changed, opening_hours=opened))
    assert imported.calendars == 1
    slots = desk.availability(provider, desk.day + timedelta(days=1))["slots"]
    assert {tuple(slot["staff_ids"]) for slot in slots} == {provider.staff[:1]}
    assert [slots[0]["local_time"], slots[-1]["local_time"]] == ["10:00", "11:00"]
    assert ledger.state(booking["booking_id"]) == "pending"
    assert ledger.event_names(provider.provider_id).count("availability_changed") == 3


def test_hours_that_overlap_are_refused(desk: Desk, ledger: Ledger) -> None:
    """promise F3: like those that a provider sends; the calendar stays as it was."""
    provider = desk.open_provider()
    before = desk.free_times(provider)
    overlapping = [*windows("10:00", "12:00"), *windows("11:45", "13:00", [3])]
    with pytest.raises(CalendarFileError, match="weekday 3"):
        import_calendar(desk.transaction, _content(provider, opening_hours=overlapping))
    assert desk.free_times(provider) == before
    import_calendar(
        desk.transaction,
        _content(provider, opening_hours=[*windows("12:00", "14:00"), *windows("10:00", "12:00")]),
    )
    assert desk.free_times(provider)[0] == "10:00"


def test_what_an_event_said_is_not_undone(desk: Desk, ledger: Ledger) -> None:
    """The catalogue's own version stands above the file's copy of it."""
    provider = desk.open_provider()
    ledger.run(
        "UPDATE service SET version = 4, price_amount = 7000 WHERE provider_id = :id",
        id=provider.provider_id,
    )
    import_calendar(desk.transaction, _content(provider, slot_grid_minutes=30))
    assert desk.availability(provider)["price"]["amount"] == 7000


def test_the_command_says_what_it_did(
    tmp_path: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    provider = Provider(new_id(), (new_id(), new_id()), (new_id(),), "Asia/Riyadh")
    file = tmp_path / "calendar.json"
    file.write_text(json.dumps(_content(provider, _past(provider))), "utf-8")
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert command.main([str(file)]) == 0
    assert capsys.readouterr().out == "calendars changed: 1, bookings added: 1\n"
    file.write_text('{"format": 2}', "utf-8")
    assert command.main([str(file)]) == 1
    assert "format 2" in capsys.readouterr().err
    assert command.main([]) == 2


def test_another_format_is_refused(desk: Desk) -> None:
    with pytest.raises(CalendarFileError):
        import_calendar(desk.transaction, {"format": 2})

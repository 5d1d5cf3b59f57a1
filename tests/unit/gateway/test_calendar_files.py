"""A visit as a file for the reader's calendar, read back by the library that calendar programs use."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from werkzeug.test import TestResponse

from services.gateway.accounts.store.accounts import Account, Membership
from services.gateway.routes.calendar_files import feed
from shared.contracts import booking
from shared.contracts.declaration import read
from shared.errors import not_found
from shared.ids import new_id
from tests.contract import values
from tests.unit.gateway.door import Door, problem_of

FILE = f"customer/bookings/{values.BOOKING}.ics"
TRICKY = 'Back, neck; "deep" \\ slow\r\nBEGIN:VEVENT\r\nUID:forged\x07 ' + "Ω" * 90


def _file(door: Door, language: str = "en", **changes: Any) -> TestResponse:
    door.services.answers["booking.get_visit"] = lambda _: values.visit(**changes)
    headers = {"Accept-Language": language}
    answer = door.call("GET", FILE, token=door.token(), headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    return answer


def _read(answer: TestResponse) -> tuple[Any, Any]:
    """The calendar and its one event, without a fault."""
    calendar: Any = Calendar.from_ical(answer.data)
    [event] = calendar.events
    assert not calendar.errors
    assert not event.errors
    return calendar, event


def test_a_visit_is_a_file(door: Door) -> None:
    """promise C8, rule T16: its id for ever, instants in UTC, the agreed time as text; no price, no notes."""
    answer = _file(door)
    calendar, event = _read(answer)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="visit-{values.BOOKING}.ics"'
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    assert calendar["PRODID"].startswith("-//Care Services Platform//")
    assert (event["UID"], event["STATUS"], event["SEQUENCE"]) == (values.BOOKING, "CONFIRMED", 1)
    assert event.start == datetime(2027, 1, 15, 15, tzinfo=UTC)
    assert event.end - event.start == timedelta(hours=1)
    assert b"DTSTART:20270115T150000Z\r\n" in answer.data
    assert event["DTSTAMP"].dt == datetime(2027, 1, 11, 9, 32, tzinfo=UTC)
    assert event["SUMMARY"] == "Swedish massage 60 minutes · Sam"
    assert "2027-01-15 10:00 (UTC-05:00), America/New_York" in event["DESCRIPTION"]
    assert "At the customer's home" in event["DESCRIPTION"]
    assert event["ORGANIZER"] == f"urn:uuid:{values.PROVIDER}"
    assert (event["CLASS"], event["TRANSP"]) == ("PRIVATE", "OPAQUE")


@pytest.mark.parametrize(
    ("state", "method", "status", "busy"),
    [
        ("pending", "PUBLISH", "TENTATIVE", "OPAQUE"),
        ("confirmed", "PUBLISH", "CONFIRMED", "OPAQUE"),
        ("in_progress", "PUBLISH", "CONFIRMED", "OPAQUE"),
        ("completed", "PUBLISH", "CONFIRMED", "OPAQUE"),
        ("no_show", "PUBLISH", "CONFIRMED", "OPAQUE"),
        ("cancelled", "CANCEL", "CANCELLED", "TRANSPARENT"),
        ("expired", "CANCEL", "CANCELLED", "TRANSPARENT"),
    ],
)
def test_every_state_has_its_status(door: Door, state: str, method: str, status: str, busy: str) -> None:
    """rule T16: a visit that will not take place takes itself out of the calendar, by a higher SEQUENCE."""
    calendar, event = _read(_file(door, state=state, version=3))
    assert (calendar["METHOD"], event["STATUS"], event["TRANSP"]) == (method, status, busy)
    assert (event["UID"], event["SEQUENCE"]) == (values.BOOKING, 2)
    assert event["SUMMARY"].startswith("Cancelled: ") is (method == "CANCEL")


def test_a_session_says_how_many_come(door: Door) -> None:
    """promise C8: for whoever does it."""
    _, event = _read(_file(door, seats_taken=3, seats=8))
    assert event["SUMMARY"] == "Swedish massage 60 minutes · Sam (3/8)"


def test_nobody_writes_lines_into_a_file(door: Door) -> None:
    """promise H5: what a provider calls its service is text in one line, whatever stands in it."""
    answer = _file(door, service_name=values.texts(TRICKY, None), staff_name=None)
    _, event = _read(answer)
    assert event["SUMMARY"] == " ".join(TRICKY.replace("\x07", " ").split())
    assert answer.data.count(b"BEGIN:VEVENT\r\n") == 1
    assert b"\x07" not in answer.data
    lines = answer.data.split(b"\r\n")
    assert max(map(len, lines)) <= 75  # RFC 5545, 3.1: octets
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_a_file_speaks_the_reader_s_language(door: Door) -> None:
    """promise I9: or English where a text has no other."""
    _, event = _read(_file(door, "ar", state="cancelled"))
    assert event["SUMMARY"] == "أُلغي: تدليك سويدي 60 دقيقة · سام"
    assert event["SUMMARY"].params["LANGUAGE"] == "ar"
    _, event = _read(_file(door, "ar", service_name=values.texts("Massage", None), staff_name=None))
    assert event["SUMMARY"] == "Massage"


def test_what_the_reader_has_is_not_sent_again(door: Door) -> None:
    """promise I5: 304 for the version that is known, another ETag for every change."""
    first = _file(door)
    assert first.headers["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": first.headers["ETag"]}
    again = door.call("GET", FILE, token=door.token(), headers=known)
    assert (again.status_code, again.data) == (304, b"")
    door.services.answers["booking.get_visit"] = lambda _: values.visit(version=3)
    changed = door.call("GET", FILE, token=door.token(), headers=known)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_another_s_visit_is_not_found(door: Door) -> None:
    """rule B11: strangers have to sign in; what booking does not show is not there."""

    def refuse(_: Any) -> dict[str, Any]:
        raise not_found()

    door.services.answers["booking.get_visit"] = refuse
    assert door.call("GET", FILE).status_code == 401
    answer = door.call("GET", FILE, token=door.token())
    assert (answer.status_code, problem_of(answer)["code"]) == (404, "not_found")


def test_a_feed_of_many_visits_is_whole(door: Door) -> None:
    """promise C8: each visit once and in order; a calendar's name; how often to come again."""
    visits = [
        values.visit(visit_id=f"01890000-0000-7000-8000-{number:012x}", version=number + 1)
        for number in range(95)
    ]
    with door.app.test_request_context():
        answer = feed(visits, "en")
    calendar: Any = Calendar.from_ical(answer.get_data())
    assert [event["UID"] for event in calendar.events] == [visit["visit_id"] for visit in visits]
    assert [event["SEQUENCE"] for event in calendar.events] == list(range(95))
    assert "METHOD" not in calendar
    assert (calendar["NAME"], calendar["REFRESH-INTERVAL"].dt) == ("Care visits", timedelta(hours=1))


@pytest.mark.parametrize("workplaces", [0, 1, 50, 51, 120])
def test_a_feed_has_every_workplace(door: Door, monkeypatch: pytest.MonkeyPatch, workplaces: int) -> None:
    """promise C8: however many there are, each is asked about once, within what the contract allows; the
    own visit is in every answer and in the feed once."""
    account = _somebody_at(workplaces, "owner")
    monkeypatch.setattr(door.resources.calendar_feeds, "reader", lambda _: account)

    def answer(request: Mapping[str, Any]) -> dict[str, Any]:
        read(booking.LIST_VISITS.request, request)
        at_work = [values.visit(visit_id=place["provider_id"]) for place in request["workplaces"]]
        return {"visits": [*at_work, values.visit()]}

    door.services.answers["booking.list_visits"] = answer
    shown: Any = Calendar.from_ical(door.call("GET", "calendar/secret.ics").data)
    expected = sorted([values.BOOKING, *(member.provider_id for member in account.memberships)])
    assert [event["UID"] for event in shown.events] == expected
    asked = [
        place["provider_id"]
        for request in door.services.asked("booking.list_visits")
        for place in request["workplaces"]
    ]
    assert asked == [member.provider_id for member in account.memberships]


def test_a_feed_of_one_of_the_staff_needs_to_know_who(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """rule B11: of whom it is not known reads no visits of the whole provider, which are its owner's."""
    account = _somebody_at(1, "staff")
    monkeypatch.setattr(door.resources.calendar_feeds, "reader", lambda _: account)
    known = replace(account.memberships[0], staff_id=new_id())
    for memberships, places in (
        (account.memberships, []),
        ((known,), [{"provider_id": known.provider_id, "staff_id": known.staff_id}]),
    ):
        account = replace(account, memberships=memberships)
        door.services.answers["booking.list_visits"] = lambda _: {"visits": []}
        assert door.call("GET", "calendar/secret.ics").status_code == 200
        assert door.services.asked("booking.list_visits")[-1]["workplaces"] == places


def _somebody_at(workplaces: int, role: str) -> Account:
    return Account(
        id=new_id(),
        email="sam@example.com",
        name="Sam",
        password_hash=None,
        locale="en",
        time_zone="UTC",
        roles=("customer",),
        active=True,
        token_version=1,
        version=1,
        created_at=datetime(2027, 1, 1, tzinfo=UTC),
        memberships=tuple(Membership(provider_id=new_id(), role=role) for _ in range(workplaces)),
    )

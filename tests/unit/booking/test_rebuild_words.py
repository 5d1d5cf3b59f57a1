"""What the command says of a booking that it has rebuilt: everything that is set."""

from dataclasses import MISSING, fields, replace
from datetime import timedelta
from typing import Any

import pytest

from services.booking.domain.booking import Booking, Place
from services.booking.domain.holds import Hold
from services.booking.domain.no_shows import Contest, Missed
from services.booking.domain.past import PastBooking, PastChange
from services.booking.domain.refunds import Refund
from services.booking.domain.states import PendingFor
from services.booking.rebuild import words_of
from shared.money import Money
from tests.unit.booking.booking_cases import NOW, PAYMENT, held_booking

LEFT_OUT = {"notes", "held_from", "ways"}
"""A person's own words, a digest of an address, and what is known only while the time is taken."""
BARE = replace(held_booking(), pending_for=None, hold=None)
CHANGE = PastChange(1, None, "pending", "customer", None, "held", None, NOW, None, None)
SAID: list[tuple[dict[str, Any], str]] = [
    ({"series_id": "series-1"}, "series      series-1"),
    ({"waitlist_id": "line-1"}, "offered to  who waited as line-1"),
    ({"place": Place.CUSTOMER}, "place       customer"),
    ({"further_ids": ("room-1",)}, "takes       staff-1, room-1"),
    ({"session_id": "session-1", "seats": 6}, "session     session-1, 6 seats"),
    ({"pending_for": PendingFor.PROVIDER}, "waits for   provider"),
    ({"hold": Hold(NOW)}, "held until  2026-06-10T12:00:00.000000Z"),
    ({"payment": PAYMENT}, "paid        100.00 USD, tip 5.00 USD, by payment-1"),
    ({"cancel_cause": "provider"}, "ended by    provider"),
    (
        {"refund": Refund(75, 100, Money(7500, "USD"), Money(500, "USD"))},
        "due back    75.00 USD (75 %), tip 5.00 USD",
    ),
    ({"answer_hours": 12}, "asked first 12 hours to answer once it is paid"),
    ({"moves": 2}, "moves       2"),
    (
        {"least_notice": timedelta(hours=30)},
        "notice      1 day, 6:00:00 at most: there was no more when it was moved",
    ),
    (
        {"reduction": Money(2000, "USD")},
        "fallen by   20.00 USD, due back apart from everything else",
    ),
    ({"replaces_id": "booking-0"}, "instead of  booking-0"),
    ({"missed": Missed(NOW)}, "contestable until 2026-06-10T12:00:00.000000Z"),
    ({"missed": Missed(NOW, Contest.OPEN)}, "contest     open"),
    ({"may_overlap": True}, "overlap     its customer may have another visit then"),
]


def _words(booking: Booking) -> set[str]:
    return {line.strip() for line in words_of(PastBooking((CHANGE,), booking))}


@pytest.mark.parametrize(("members", "line"), SAID, ids=[line.split("  ")[0] for _, line in SAID])
def test_what_is_set_is_said(members: dict[str, Any], line: str) -> None:
    """promise C4: a line of its own, and none when it is not set."""
    assert line in _words(replace(BARE, **members)) - _words(BARE)


def test_whatever_a_booking_may_have_is_said_or_left_out_on_purpose() -> None:
    """promise C4: a member that is added has to be thought of here."""
    may_have = {
        field.name
        for field in fields(Booking)
        if field.default is not MISSING or field.default_factory is not MISSING
    }
    assert {name for members, _ in SAID for name in members} == may_have - LEFT_OUT

"""What calendar programs read of a booking's life, from the running stack."""

from datetime import datetime
from typing import Any

import requests
from icalendar import Calendar

from tests.fixtures.customer import Customer, new_address
from tests.integration.platform.market import PROVIDER_ACCOUNT, Market, wait_for_state


def _feed_of(customer: Customer) -> str:
    path: str = customer.post("calendar/feed").json()["data"]["path"]
    return customer.url + path


def _events(url: str, **headers: str) -> dict[str, Any]:
    """Events by their UID, read as a calendar program does."""
    answer = requests.get(url, headers={"X-Forwarded-For": new_address(), **headers}, timeout=10)
    assert answer.status_code == 200, answer.text
    calendar: Any = Calendar.from_ical(answer.content)
    return {str(event["UID"]): event for event in calendar.events}


def test_a_booking_lives_in_three_calendars(market: Market, customer: Customer, other: Customer) -> None:
    """promise C8, rules T16 and B11: paid it is there for its customer and its provider, and for nobody else;
    cancelled it stays, as such, with a higher SEQUENCE; its file takes it in and out again."""
    with Customer(customer.url) as owner:
        feeds = [_feed_of(customer), _feed_of(owner.sign_in(*PROVIDER_ACCOUNT))]
    stranger = _feed_of(other)
    held = market.hold(customer)
    uid = held["bookingId"]
    assert all(uid not in _events(feed) for feed in feeds)
    booking, _ = market.confirmed(customer)
    uid, file = booking["bookingId"], f"{customer.url}/api/v1/customer/bookings/{booking['bookingId']}.ics"
    signed_in = {"Authorization": f"Bearer {customer.token}"}
    agreed = [_events(feeds[0])[uid], _events(feeds[1])[uid], _events(file, **signed_in)[uid]]
    for event in agreed:
        assert event["STATUS"] == "CONFIRMED"
        assert event.start == datetime.fromisoformat(booking["startsAt"])
        assert event.end == datetime.fromisoformat(booking["endsAt"])
    assert _events(stranger) == {}
    assert requests.get(file, timeout=10).status_code == 401
    assert other.get(f"customer/bookings/{uid}.ics").status_code == 404
    assert customer.post(f"customer/bookings/{uid}/cancel").status_code == 200
    wait_for_state(customer, booking, "cancelled")
    gone = [_events(feeds[0])[uid], _events(feeds[1])[uid], _events(file, **signed_in)[uid]]
    for before, after in zip(agreed, gone, strict=True):
        assert after["STATUS"] == "CANCELLED"
        assert after["SEQUENCE"] > before["SEQUENCE"]
    assert "METHOD:CANCEL" in customer.get(f"customer/bookings/{uid}.ics").text

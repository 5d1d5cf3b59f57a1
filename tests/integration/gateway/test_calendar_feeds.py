"""The private address of a person's visits, on the real database, under gunicorn."""

from datetime import timedelta
from typing import Any

import pytest
import redis
import requests
from icalendar import Calendar
from sqlalchemy import text

from services.gateway.accounts.calendar_feeds import CalendarFeeds
from shared import clock
from shared.database.transaction import Database
from shared.errors import unavailable
from shared.ids import new_id
from tests.contract import values
from tests.fixtures.customer import Customer, new_address
from tests.fixtures.servers import address
from tests.integration.gateway.gateway_process import Gateway

LIMIT = 10
"""Readings of one feed a minute."""


@pytest.fixture
def visits(gateway: Gateway) -> list[dict[str, Any]]:
    """What booking answers whoever asks."""
    found: list[dict[str, Any]] = [values.visit()]
    gateway.backstage.scripts["booking.list_visits"] = lambda _: {"visits": found}
    return found


def _open(customer: Customer) -> str:
    answer = customer.post("calendar/feed")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    path: str = answer.json()["data"]["path"]
    return path


def _read(gateway: Gateway, path: str, **headers: str) -> requests.Response:
    """As a calendar program does: with nothing but the address."""
    sent = {"X-Forwarded-For": new_address(), **headers}
    return requests.get(gateway.url + path, headers=sent, timeout=10)


def _uids(answer: requests.Response) -> list[str]:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar: Any = Calendar.from_ical(answer.content)
    return [str(event["UID"]) for event in calendar.events]


def test_a_calendar_program_reads_with_the_address_alone(
    gateway: Gateway, customer: Customer, visits: list[dict[str, Any]]
) -> None:
    """promise C8: booking is asked in the name of whose address it is."""
    assert customer.get("calendar/feed").json()["data"]["active"] is False
    path = _open(customer)
    assert _uids(_read(gateway, path)) == [values.BOOKING]
    assert gateway.backstage.callers[-1]["nameko.user_id"] == customer.user_id
    shown = customer.get("calendar/feed").json()["data"]
    assert shown["active"] is True
    assert shown["readAt"] is not None
    assert "path" not in shown


def test_an_address_is_replaced_and_ended(
    gateway: Gateway, customer: Customer, visits: list[dict[str, Any]]
) -> None:
    """promise C8, rule B10: the old one is nobody's at once; another's is not touched."""
    with Customer(gateway.url) as other:
        kept = _open(other.register())
    old = _open(customer)
    new = _open(customer)
    assert [_read(gateway, path).status_code for path in (old, new, kept)] == [404, 200, 200]
    for _ in range(2):
        assert customer.call("DELETE", "calendar/feed").json()["data"]["active"] is False
    assert [_read(gateway, path).status_code for path in (new, kept)] == [404, 200]


def test_what_is_known_is_not_sent_again(
    gateway: Gateway, customer: Customer, visits: list[dict[str, Any]]
) -> None:
    """promise I5: also after compression; a change, a cancellation too, is sent at the next question."""
    path = _open(customer)
    visits += [values.visit(visit_id=new_id()) for _ in range(3)]
    first = _read(gateway, path)
    assert first.headers["Content-Encoding"] == "gzip"
    known = {"If-None-Match": first.headers["ETag"]}
    assert _read(gateway, path, **known).status_code == 304
    visits[0] = values.visit(state="cancelled", version=3)
    changed = _read(gateway, path, **known)
    calendar: Any = Calendar.from_ical(changed.content)
    [gone] = [event for event in calendar.events if event["UID"] == values.BOOKING]
    assert (gone["STATUS"], gone["SEQUENCE"]) == ("CANCELLED", 2)


def test_the_address_is_kept_nowhere(
    gateway: Gateway, customer: Customer, visits: list[dict[str, Any]]
) -> None:
    """promise C8, rule B10: not in a log, a refusal, the database or Redis, also when reading it fails."""
    path = _open(customer)
    token = path.removeprefix("/api/v1/calendar/").removesuffix(".ics")
    assert len(token) == 43  # 256 bits
    _read(gateway, path)
    gateway.backstage.scripts["booking.list_visits"] = lambda _: (_ for _ in ()).throw(unavailable())
    refused = _read(gateway, path)
    assert (refused.status_code, token in refused.text) == (503, False)
    customer.call("DELETE", "calendar/feed")
    assert token not in _read(gateway, path).text
    assert token not in gateway.log.read_text("utf-8")
    with gateway.database.owner.connect() as connection:
        rows = [str(row) for row in connection.exec_driver_sql("SELECT * FROM calendar_feed")]
    assert not any(token in row for row in rows)
    assert not redis.Redis.from_url(address("TEST_REDIS_URL")).keys(f"*{token}*")


def test_one_feed_is_not_read_without_end(
    gateway: Gateway, customer: Customer, visits: list[dict[str, Any]]
) -> None:
    """promise H4: by feed, from however many addresses; a provider of calendars may come for many people."""
    path = _open(customer)
    codes = [_read(gateway, path).status_code for _ in range(LIMIT + 1)]
    assert codes == [200] * LIMIT + [429]
    with Customer(gateway.url) as other:
        assert _read(gateway, _open(other.register())).status_code == 200


def test_a_closed_account_has_no_calendar(
    gateway: Gateway, customer: Customer, visits: list[dict[str, Any]]
) -> None:
    """rule B11"""
    path = _open(customer)
    with gateway.database.owner.begin() as connection:
        closing = text("UPDATE account SET active = false WHERE id = :id")
        connection.execute(closing, {"id": customer.user_id})
    assert _read(gateway, path).status_code == 404
    assert customer.post("calendar/feed").status_code == 404


def test_members_see_their_workplaces(
    gateway: Gateway, customer: Customer, visits: list[dict[str, Any]]
) -> None:
    """rule B11: as the account is at the moment of reading, whatever it was when the address was made."""
    path = _open(customer)
    provider, staff = new_id(), new_id()
    asked: list[dict[str, Any]] = []

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        asked.append(request)
        return {"visits": []}

    gateway.backstage.scripts["booking.list_visits"] = answer
    joining = text(
        "INSERT INTO membership (account_id, provider_id, role, staff_id) "
        "VALUES (:account, :provider, 'staff', :staff)"
    )
    with gateway.database.owner.begin() as connection:
        connection.execute(joining, {"account": customer.user_id, "provider": provider, "staff": staff})
    _read(gateway, path)
    assert gateway.backstage.callers[-1]["nameko.memberships"] == provider
    with gateway.database.owner.begin() as connection:
        connection.execute(text("DELETE FROM membership WHERE provider_id = :id"), {"id": provider})
    _read(gateway, path)
    assert [request["workplaces"] for request in asked] == [
        [{"provider_id": provider, "staff_id": staff}],
        [],
    ]


def test_a_forgotten_address_ends(gateway: Gateway, customer: Customer, visits: list[dict[str, Any]]) -> None:
    """rule B10: half a year after the last reading, and reading prolongs it; then it is deleted."""
    path = _open(customer)
    made = Database(gateway.database.app_url, pool_size=1, application_name="feeds")
    token = path.removeprefix("/api/v1/calendar/").removesuffix(".ics")
    later = CalendarFeeds(made.transaction, lambda: clock.now() + timedelta(days=179))
    assert later.reader(token).id == customer.user_id
    far = CalendarFeeds(made.transaction, lambda: clock.now() + timedelta(days=358))
    far.forget_ended()
    assert far.find(customer.user_id) is not None
    beyond = CalendarFeeds(made.transaction, lambda: clock.now() + timedelta(days=360))
    assert beyond.find(customer.user_id) is None
    beyond.forget_ended()
    made.dispose()
    assert gateway.database.rows("calendar_feed", f"account_id = '{customer.user_id}'") == 0

"""What a customer has much of: every visit of a long series and a line joined long ago can be seen."""

import re
from datetime import timedelta
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Someone
from tests.browser.house import OpenHouse
from tests.browser.steps import sign_in
from tests.fixtures.customer import PASSWORD, Customer
from tests.stories.money.houses import MASSAGE

VISITS = 25
ON_A_PAGE = 20
NOON, AFTERNOON = "12:00", "15:00"
OLDER = re.compile(r"/customer/bookings\?.*cursor=")
OFF_THE_GRID = "05:07"
"""No visit begins then: who waits for it is offered nothing."""
JOINED_SINCE = 120
"""More than a page of lines."""


def test_every_visit_of_a_long_series_is_listed_where_it_belongs(someone: Someone, house: OpenHouse) -> None:
    """promises C6, I9: when all that was booked last is to come, and when some of it was cancelled; news
    leaves open what was looked at."""
    with Customer(house.stack.url).register() as customer, someone() as person:
        series = _series(customer, house, NOON)
        sign_in(person, customer.email, PASSWORD, "#/bookings")
        page = person.page
        _expect_listed(page, ON_A_PAGE, 0)
        _older(page).click()
        _expect_listed(page, VISITS, 0)
        expect(_older(page)).to_be_hidden()

        newest = series["instances"][-1]["booking"]["bookingId"]
        answer = customer.post(f"customer/bookings/{newest}/cancel")
        assert answer.status_code == 200, answer.text
        _expect_listed(page, VISITS - 1, 1)

        page.reload()
        _expect_listed(page, ON_A_PAGE - 1, 1)
        _older(page).click()
        _expect_listed(page, VISITS - 1, 1)


def test_older_visits_that_do_not_come_can_be_asked_for_again(someone: Someone, house: OpenHouse) -> None:
    """promise I9: what is shown stays, and the problem is told beside the button."""
    with Customer(house.stack.url).register() as customer, someone() as person:
        _series(customer, house, AFTERNOON)
        sign_in(person, customer.email, PASSWORD, "#/bookings")
        page = person.page
        _expect_listed(page, ON_A_PAGE, 0)
        page.route(OLDER, lambda route: route.abort())
        with person.expecting("net::ERR_FAILED"), person.expecting("net::ERR_FAILED"):
            _older(page).click()
            page.get_by_role("alert").locator(".notice-bad").wait_for()
        _expect_listed(page, ON_A_PAGE, 0)
        page.unroute(OLDER)
        _older(page).click()
        _expect_listed(page, VISITS, 0)


def test_a_line_joined_long_ago_is_seen_and_left(someone: Someone, house: OpenHouse) -> None:
    """promises C6, I9: however many were joined and left since."""
    with Customer(house.stack.url).register() as customer, someone() as person:
        wish = house.wish(MASSAGE, house.today + timedelta(days=20), NOON)
        line = {name: wish[name] for name in ("providerId", "serviceId")}
        line |= {"date": wish["bookingDate"], "from": OFF_THE_GRID, "to": OFF_THE_GRID}
        answer = customer.post("customer/waitlist", line)
        assert answer.status_code == 201, answer.text
        waitlist_id = answer.json()["data"]["waitlistId"]
        house.join_and_leave(waitlist_id, JOINED_SINCE)
        sign_in(person, customer.email, PASSWORD, "#/bookings")
        waiting = person.page.locator(f"[data-waitlist='{waitlist_id}']")
        expect(waiting).to_contain_text("You wait")
        waiting.get_by_role("button", name="Leave the waiting list").click()
        expect(person.page.locator("[data-waitlist]")).to_have_count(0)


def _series(customer: Customer, house: OpenHouse, time: str) -> dict[str, Any]:
    """Of visits that are held, day by day."""
    asked = house.wish(MASSAGE, house.today + timedelta(days=30), time)
    answer = customer.post("customer/series", asked | {"rule": f"FREQ=DAILY;COUNT={VISITS}"})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["data"]
    assert all(one["booking"] for one in made["instances"]), made
    return made


def _older(page: Page) -> Locator:
    return page.get_by_role("button", name="Older bookings")


def _expect_listed(page: Page, to_come: int, past: int) -> None:
    for name, count in (("To come", to_come), ("Past and cancelled", past)):
        expect(page.get_by_role("region", name=name).locator(".booking-item")).to_have_count(count)

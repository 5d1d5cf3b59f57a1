"""A series paid together, a visit moved to a time that costs more, two visits at one time all the same."""

import re
from datetime import datetime, timedelta
from typing import Any

from playwright.sync_api import Locator, Page, expect

from shared.clock import from_text
from tests.browser.chromium import Person
from tests.browser.conftest import Someone
from tests.browser.faults import faults
from tests.browser.house import OpenHouse
from tests.browser.shop import Shop
from tests.browser.steps import DECLINES, PAYS, expect_title, sign_in, time_at
from tests.fixtures.customer import PASSWORD, Customer
from tests.integration.platform.market import price_of
from tests.stories.money.houses import MASSAGE

Object = dict[str, Any]
EARLY = "06:00"
VISITS = 3
DEARER = 12000
APART = timedelta(hours=2)
IN_TWO_PLACES = 409
BOTH = "I want both all the same"


def test_a_series_is_paid_together(someone: Someone, house: OpenHouse) -> None:
    """promises C6, I9, rule T17: a card that is declined is not tried again and all stays held; the next pays
    every visit by a charge of its own, and the page says so without a reload."""
    with Customer(house.stack.url).register() as customer, someone() as person:
        series = _series(customer, house)
        sign_in(person, customer.email, PASSWORD, f"#/series/{series['seriesId']}")
        page = person.page
        form = page.get_by_role("form", name="Pay all visits together")
        _pay_all(form, DECLINES)
        expect(page.locator(".notice-bad")).to_contain_text("The card was declined")
        expect(page.get_by_text("2 visits were not tried")).to_be_visible()
        expect(page.locator(".pill", has_text="Held")).to_have_count(VISITS)
        assert faults(page) == []
        _pay_all(form, PAYS)
        expect(page.get_by_text("3 visits are paid.").first).to_be_visible()
        expect(page.locator(".pill", has_text="Confirmed")).to_have_count(VISITS)
        expect(form).to_be_hidden()
        paid = [one for one in _payments(customer) if one["status"] == "succeeded"]
        assert sorted(one["bookingId"] for one in paid) == sorted(
            one["booking"]["bookingId"] for one in series["instances"]
        )


def test_two_visits_at_one_time_and_a_move_that_costs_more(
    someone: Someone, house: OpenHouse, shop: Shop
) -> None:
    """promises C6, I9, rules B2, C19: whoever has another visit then is told which, and has both all the
    same, when holding and when moving; a dearer time is held, paid, and the agreed visit given up for it."""
    with Customer(house.stack.url).register() as customer, someone() as person:
        first, then = _held_elsewhere(customer, shop, house)
        sign_in(person, customer.email, PASSWORD, house.address(MASSAGE, first.date()))
        time_at(person.page, first).click()
        _both(person, "Hold this time")
        expect_title(person, "This time is held for you")
        _pay(person.page, "Pay $100")
        expect_title(person, "Your visit is confirmed")
        agreed = person.page.url.rsplit("/", 1)[1]
        with price_of(house.stack, house.house.services[MASSAGE], DEARER):
            _hold_the_dearer_time(person, then)
        expect(person.page.locator(".notice-warn")).to_contain_text("in place of another visit")
        _pay(person.page, "Pay $120")
        expect_title(person, "Your visit is confirmed")
        person.open(f"#/bookings/{agreed}")
        expect_title(person, "This booking is cancelled")
        given_back = person.page.locator(".notice-good")
        expect(given_back).to_contain_text("You have paid another visit in its place.")
        expect(given_back).to_contain_text("$100")
        kept = [(one["amount"], one["refundedAmount"]) for one in _payments(customer)]
        assert kept == [(120, 0), (100, 100)]


def _series(customer: Customer, house: OpenHouse) -> Object:
    asked = house.wish(MASSAGE, house.today + timedelta(days=9), EARLY)
    answer = customer.post("customer/series", asked | {"rule": f"FREQ=WEEKLY;COUNT={VISITS}"})
    assert answer.status_code == 201, answer.text
    made: Object = answer.json()["data"]
    return made


def _pay_all(form: Locator, card: str) -> None:
    form.locator(f"[name=card][value={card}]").check()
    form.get_by_role("button", name="Pay 3 visits: $300").click()


def _payments(customer: Customer) -> list[Object]:
    """The newest first."""
    found: list[Object] = customer.get("customer/payments").json()["data"]["payments"]
    return found


def _held_elsewhere(customer: Customer, shop: Shop, house: OpenHouse) -> tuple[datetime, datetime]:
    """Two times of one day of the house at which the customer has a visit elsewhere."""
    starts = [from_text(slot["startsAt"]).astimezone(house.zone) for slot in shop.slots]
    later = next(number for number, one in enumerate(starts) if one - starts[0] >= APART)
    for number in (0, later):
        answer = customer.post("customer/bookings", shop.request(number))
        assert answer.status_code == 201, answer.text
    return starts[0], starts[later]


def _both(person: Person, deed: str) -> None:
    """Do it: the other visit is named and linked; then all the same."""
    with person.expecting(IN_TWO_PLACES):
        person.page.get_by_role("button", name=deed).click()
        person.page.get_by_role("link", name="See that visit").wait_for()
    expect(person.page.locator(".hold-aside")).to_contain_text("You have another visit at this time.")
    assert faults(person.page) == []
    person.page.get_by_role("button", name=BOTH).click()


def _hold_the_dearer_time(person: Person, then: datetime) -> None:
    page = person.page
    page.get_by_role("link", name="Move to another time").click()
    with person.expecting(IN_TWO_PLACES):
        time_at(page, then).click()
        page.get_by_role("link", name="See that visit").wait_for()
    page.get_by_role("button", name=BOTH).click()
    panel = page.locator(".hold-aside")
    expect(panel).to_contain_text("The new time costs $20")
    panel.get_by_role("button", name="Hold the new time and pay").click()
    expect_title(person, "This time is held for you")


def _pay(page: Page, label: str) -> None:
    page.locator(f"[name=card][value={PAYS}]").check()
    page.get_by_role("button", name=re.compile(f"^{re.escape(label)}")).click()

"""What people do on the page, by the words and roles that they see."""

import itertools
import random
import re
from datetime import datetime
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from shared.clock import to_text
from tests.browser.chromium import Person
from tests.browser.shop import Shop
from tests.fixtures.customer import PASSWORD

PAYS = "pm_card_visa"
ASKS = "pm_card_authenticationRequired"
DECLINES = "pm_card_chargeCustomerFail"
NEARLY_A_QUARTER = re.compile(r"^1[45]:\d\d$")

_numbers = itertools.count(random.SystemRandom().randrange(1 << 40))


def open_account(person: Person, then: str = "#/") -> None:
    """Open an account and come back to where the person wanted to go, in whatever language."""
    page = person.page
    person.open(f"#/sign-in?next={quote(then, safe='')}")
    page.locator("main a[href^='#/register']").click()
    page.locator("[name=name]").fill("Alex Doe")
    page.locator("[name=email]").fill(f"browser-{next(_numbers):x}@example.test")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    page.locator(".site-nav a[href='#/bookings']").wait_for()


def sign_in(person: Person, email: str, password: str, then: str = "#/") -> None:
    """Sign in with an account that is there, and go on to where the person wants to go."""
    page = person.page
    person.open(f"#/sign-in?next={quote(then, safe='')}")
    page.locator("[name=email]").fill(email)
    page.locator("[name=password]").fill(password)
    page.locator("form button[type=submit]").click()
    page.locator(".site-nav a[href='#/bookings']").wait_for()


def choose(person: Person, shop: Shop, number: int) -> None:
    """Look at the day and choose one of its times; returns when changes are heard."""
    page = person.page
    person.open(shop.address())
    expect(page.locator(".live-on")).to_be_visible()
    time_of(person, shop, number).click()
    page.get_by_role("button", name="Hold this time").wait_for()


def time_of(person: Person, shop: Shop, number: int) -> Locator:
    """The button of a time."""
    return person.page.locator(f".time[data-start='{shop.slots[number]['startsAt']}']")


def time_at(page: Page, start: datetime) -> Locator:
    """The button of the time at this instant."""
    return page.locator(f".time[data-start='{to_text(start)}']")


def hold(person: Person) -> str:
    """Hold the chosen time; the booking's id."""
    person.page.get_by_role("button", name="Hold this time").click()
    expect(person.page.get_by_role("heading", level=1)).to_have_text("This time is held for you")
    expect(person.page.locator(".countdown-time")).to_have_text(NEARLY_A_QUARTER)
    return person.page.url.rsplit("/", 1)[1]


def pay_with(person: Person, card: str) -> None:
    person.page.locator(f"[name=card][value={card}]").check()
    person.page.get_by_role("button", name="Pay A$").click()


def answer_bank(person: Person, answer: str) -> None:
    dialog = person.page.get_by_role("dialog", name="Your bank asks: is it you?")
    expect(dialog).to_contain_text("Test:")
    dialog.get_by_role("button", name=answer).click()
    expect(dialog).to_have_count(0)


def expect_title(person: Person, title: str) -> None:
    expect(person.page.get_by_role("heading", level=1)).to_have_text(title)

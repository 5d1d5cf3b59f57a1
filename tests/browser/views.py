"""Every view of the page, as one person comes by them; for axe-core and for pictures."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from deploy.local.stack import Stack
from tests.browser.chromium import Person
from tests.browser.shop import PROVIDER_ACCOUNT, Shop, paid_visit
from tests.browser.steps import ASKS, PAYS, open_account, sign_in
from tests.integration.platform.market import price_of

RESULTS = ".card .card-link"
DEARER = 10_00
"""So much more a time costs that somebody wants later."""
NEVER = ("05:00", "06:30")
"""Nobody is open then: who waits for it is offered nothing."""


@dataclass(frozen=True)
class View:
    """A view that is being shown. `leave` goes on where something lies over it; `subject` has to be in its
    picture, wherever it stands."""

    name: str
    leave: Callable[[], object] = lambda: None
    subject: str = "header"


def all_views(person: Person, shop: Shop, stack: Stack) -> Iterator[View]:
    """Go through the views in the person's first language, English."""
    yield from _of_strangers(person, shop)
    open_account(person)
    yield from _of_a_customer(person, shop, stack)
    yield from _of_who_repeats_and_waits(person, shop)
    yield from _of_a_provider(person)


def _of_strangers(person: Person, shop: Shop) -> Iterator[View]:
    page = person.page
    person.open("#/?q=massage&place=new-york&sort=rating")
    page.locator(RESULTS).first.wait_for()
    yield View("search")
    person.open("#/?q=nobody-has-this&place=london")
    page.locator(".empty").wait_for()
    yield View("nobody-found")
    person.open(shop.address(shop.slots[1]["startsAt"]))
    page.locator(".time[aria-pressed=true]").wait_for()
    page.locator(".reviews").wait_for()
    yield View("provider")
    person.open("#/sign-in")
    page.locator("form").wait_for()
    yield View("sign-in")
    person.open("#/register")
    page.locator("form button[type=submit]").click()
    page.locator(".field-error").first.wait_for()
    yield View("register")
    person.open("#/nowhere")
    page.locator(".empty").wait_for()
    yield View("not-found")


def _of_a_customer(person: Person, shop: Shop, stack: Stack) -> Iterator[View]:
    page = person.page
    person.open("#/bookings")
    page.locator(".empty").wait_for()
    yield View("no-bookings")
    person.open(shop.address(shop.slots[3]["startsAt"]))
    page.locator(".live-on").wait_for()
    page.locator("[data-hold]").click()
    page.locator("[name=card]").first.wait_for()
    yield View("held")
    page.locator(f"[value={ASKS}]").check()
    page.locator("form button[type=submit]").click()
    page.locator("dialog").wait_for()
    yield View("bank", lambda: _close(page))
    page.locator(f"[value={PAYS}]").check()
    page.locator("form button[type=submit]").click()
    receipt = page.locator("a[href^='#/receipts/']")
    receipt.wait_for()
    yield View("confirmed")
    receipt.click()
    page.locator(".receipt").wait_for()
    yield View("receipt")
    page.go_back()
    page.locator("a[href$='/move']").click()
    page.locator(".time").last.click()
    page.locator(".hold-aside .notice").wait_for()
    yield View("move", subject=".hold-aside")
    with price_of(stack, shop.service_id, shop.price + DEARER):
        page.locator(".time").nth(-2).click()
        page.locator(".hold-aside .notice-warn").wait_for()
        yield View("move-dearer", subject=".hold-aside")
        page.locator(".hold-aside .button-wide").click()
        page.locator("[name=card]").first.wait_for()
    yield View("in-place")
    page.locator(".notice-warn a").click()
    page.locator(".button-bad").click()
    page.locator("dialog .refund-total").wait_for()
    yield View("cancel", lambda: _close(page))
    page.locator(".button-bad").click()
    page.locator("dialog .button-bad").click()
    page.locator("a.button[href^='#/providers/']").wait_for()
    page.locator(".notice-good").wait_for()
    yield View("cancelled")
    person.open("#/bookings")
    page.locator(".booking-item").first.wait_for()
    yield View("bookings")


def _of_who_repeats_and_waits(person: Person, shop: Shop) -> Iterator[View]:
    page = person.page
    person.open(shop.address(shop.slots[5]["startsAt"]))
    page.locator("[name=repeats]").check()
    page.locator("[name=isForAnother]").check()
    yield View("hold-form")
    page.locator("[name=name]").fill("Sam Doe")
    page.locator("[data-hold]").click()
    page.locator(".instance").first.wait_for()
    yield View("series-preview")
    page.locator("main .button-wide").click()
    page.locator("[data-position='1']").wait_for()
    yield View("series")
    page.locator("[data-keep=cancel-all]").click()
    page.locator("dialog .refund-total").wait_for()
    yield View("cancel-series")
    page.locator("dialog .button-bad").click()
    expect(page.locator("dialog")).to_have_count(0)
    person.open(shop.address())
    page.locator(".waitlist-offer button").click()
    page.locator("dialog form").wait_for()
    for name, at in zip(("from", "to"), NEVER, strict=True):
        page.locator(f"dialog [name={name}]").fill(at)
    yield View("join-waitlist")
    page.locator("dialog [type=submit]").click()
    page.locator(".waitlist-offer a[href='#/bookings']").click()
    page.locator("[data-waitlist]").wait_for()
    page.locator(".booking-item").first.wait_for()
    yield View("waiting")


def _of_a_provider(person: Person) -> Iterator[View]:
    page = person.page
    booking_id = paid_visit(person.url)
    page.locator(".site-nav button").click()
    sign_in(person, *PROVIDER_ACCOUNT, "#/day")
    page.locator(".booking-item").first.wait_for()
    yield View("day")
    person.open(f"#/day/{booking_id}")
    page.locator("[name=providerNotes]").wait_for()
    yield View("visit")


def _close(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)

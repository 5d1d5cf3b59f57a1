"""Two people want the same time: what each of them sees, down to the receipt and the refund."""

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Someone
from tests.browser.shop import Shop
from tests.browser.steps import (
    ASKS,
    DECLINES,
    PAYS,
    answer_bank,
    choose,
    expect_title,
    hold,
    open_account,
    pay_with,
    time_of,
)

CHANGED_QUOTE = 409


def test_a_time_that_somebody_takes_goes_before_the_eyes_of_the_other(someone: Someone, shop: Shop) -> None:
    """promises C2, C6, D1, D5, D6, E1, E2: both look at one day; one gets the time, the other sees it go,
    is offered the next, and pays that with a card that asks its bank."""
    with someone() as first, someone() as second:
        for person in (first, second):
            open_account(person)
            choose(person, shop, 2)
        hold(first)

        expect(second.page.locator(".hold-aside")).to_contain_text("Somebody was a moment faster")
        expect(time_of(second, shop, 2)).to_have_count(0)
        offered = second.page.locator("[data-alternatives] button")
        expect(offered).to_have_count(3)
        offered.first.click()
        hold(second)

        with first.expecting(402):
            pay_with(first, DECLINES)
            expect(first.page.get_by_role("alert").filter(has_text="The card was declined")).to_contain_text(
                "Your time is still held"
            )
        pay_with(first, PAYS)
        expect_title(first, "Your visit is confirmed")

        with second.expecting(402):
            pay_with(second, ASKS)
            answer_bank(second, "No, refuse")
            expect(second.page.get_by_role("alert").filter(has_text="Your bank")).to_be_visible()
        pay_with(second, ASKS)
        answer_bank(second, "Yes, it is me")
        expect_title(second, "Your visit is confirmed")

        _read_the_receipt(second.page)
        _cancel(second.page)


def test_who_loses_the_race_is_offered_the_next_times(someone: Someone, shop: Shop) -> None:
    """promise C2: without a word from the socket the owner's refusal decides."""
    with someone() as first, someone() as second:
        open_account(first)
        choose(first, shop, 4)
        second.page.route_web_socket("**/realtime", lambda _: None)
        open_account(second)
        second.open(shop.address(shop.slots[4]["startsAt"]))
        second.page.get_by_role("button", name="Hold this time").wait_for()
        hold(first)
        with second.expecting(409):
            second.page.get_by_role("button", name="Hold this time").click()
            expect(second.page.locator(".hold-aside")).to_contain_text("Somebody was a moment faster")
        assert second.page.locator("[data-alternatives] button").count() >= 1
        second.page.locator("[data-alternatives] button").first.click()
        hold(second)
        for person in (first, second):
            _let_go(person.page)


def test_a_quote_that_has_changed_is_shown_again_before_anything_is_cancelled(
    someone: Someone, shop: Shop
) -> None:
    """promise C6"""
    with someone() as person:
        open_account(person)
        choose(person, shop, 6)
        booking_id = hold(person)
        pay_with(person, PAYS)
        expect_title(person, "Your visit is confirmed")
        # As it is when a tier's edge passes between looking and agreeing.
        person.page.route(f"**/{booking_id}/refund-quote", _with_another_quote_id)
        person.page.get_by_role("button", name="Cancel this booking").click()
        dialog = person.page.get_by_role("dialog")
        with person.expecting(CHANGED_QUOTE):
            dialog.get_by_role("button", name="Cancel the booking").click()
            expect(dialog).to_contain_text("has changed meanwhile")
        expect_title(person, "Your visit is confirmed")
        dialog.get_by_role("button", name="Cancel the booking").click()
        expect_title(person, "This booking is cancelled")
        # As it is when the provider cancels, and when it is too late for money to come back.
        person.page.route(f"**/bookings/{booking_id}", _cancelled_late_by_the_provider)
        person.page.reload()
        expect(person.page.locator(".notice")).to_contain_text("The provider has cancelled.")
        expect(person.page.locator(".notice")).to_contain_text("Nothing comes back")


def test_a_session_outlives_a_reload_and_belongs_to_one_tab(someone: Someone) -> None:
    """promise H1: a copied tab does not use the token that its original works with."""
    with someone() as person:
        open_account(person, "#/bookings")
        person.page.reload()
        person.page.get_by_role("button", name="Sign out").wait_for()
        with person.context.expect_page() as opened:
            person.page.evaluate("window.open(location.href)")
        copy = opened.value
        copy.locator(".site-nav").get_by_role("link", name="Sign in").wait_for()
        copy.close()
        person.page.reload()
        person.page.get_by_role("button", name="Sign out").click()
        person.page.locator(".site-nav").get_by_role("link", name="Sign in").wait_for()
        assert person.page.evaluate("sessionStorage.length") == 0
        assert person.context.cookies() == []


def _with_another_quote_id(route: Route) -> None:
    answer = route.fetch()
    body = answer.json()
    body["data"]["quoteId"] += "-old"
    route.fulfill(response=answer, json=body)


def _cancelled_late_by_the_provider(route: Route) -> None:
    answer = route.fetch()
    body = answer.json()
    body["data"]["cancelCause"] = "provider"
    for part in ("serviceRefund", "tipRefund"):
        body["data"]["refund"][part]["amount"] = 0
    route.fulfill(response=answer, json=body)


def _read_the_receipt(page: Page) -> None:
    page.get_by_role("link", name="Receipt").click()
    expect(page.locator(".receipt")).to_contain_text("Test: no money moved.")
    expect(page.locator(".receipt .total")).to_contain_text("A$")
    page.get_by_role("link", name="To the booking").click()


def _cancel(page: Page) -> None:
    page.get_by_role("button", name="Cancel this booking").click()
    dialog = page.get_by_role("dialog", name="Cancel this booking?")
    expect(dialog).to_contain_text("100% of the service")
    promised = dialog.locator(".refund-total strong").inner_text()
    dialog.get_by_role("button", name="Cancel the booking").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This booking is cancelled")
    expect(page.locator(".notice-good")).to_contain_text(f"{promised} was given back")


def _let_go(page: Page) -> None:
    page.get_by_role("button", name="Let this time go").click()
    page.get_by_role("dialog").get_by_role("button", name="Let it go").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This booking is cancelled")

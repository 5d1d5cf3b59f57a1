"""A booking's life as both sides see it on the page: series, moves, waiting, answers, being there."""

import re
from datetime import date, timedelta

from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import Person
from tests.browser.conftest import Someone
from tests.browser.house import AT_THE_DOOR, LINES, OpenHouse
from tests.browser.steps import PAYS, expect_title, open_account, sign_in, time_at
from tests.fixtures.customer import Customer
from tests.stories.money.houses import MASSAGE, NURSE, PASSWORD

TEN = "10:00"
AN_HOUR = timedelta(hours=1)
LONG_ENOUGH = timedelta(minutes=40)


def test_a_customer_repeats_moves_and_waits(someone: Someone, house: OpenHouse) -> None:
    """promises C6, I9, rules B2, T17: three weeks of which one is taken, with another time for that; paid,
    moved with what it means shown before; the rest cancelled; then a time that somebody else gives back is
    offered, and given on."""
    day = house.today + timedelta(days=8)
    with someone() as person, Customer(house.stack.url).register() as rival:
        held = _hold(rival, house, day + timedelta(weeks=1))
        _repeat(person, house, day)
        _move(person)
        _cancel_what_follows(person)
        _wait_in_line(person, house, day + timedelta(weeks=1))
        rival.post(f"customer/bookings/{held}/cancel")
        _decline_the_offer(person.page)


def test_a_home_visit_is_asked_for_accepted_and_carried_out(someone: Someone, house: OpenHouse) -> None:
    """promises C9, C10, I9: the provider is asked, answers, checks in at the door; each side sees what the
    other does without a reload, and before it is agreed the provider is told the city alone."""
    with someone() as customer, someone() as provider:
        sign_in(provider, house.email, PASSWORD, "#/day")
        expect_title(provider, "Visits at work")
        booking_id = _ask_for_a_home_visit(customer, house)
        asked = provider.page.locator(f"[data-visit='{booking_id}']")
        expect(asked).to_contain_text("Answer by")
        asked.get_by_role("link").click()
        facts = provider.page.locator(".facts")
        expect(facts).to_contain_text("New York")
        expect(facts).not_to_contain_text("Elm Street")
        provider.page.get_by_role("button", name="Accept").click()
        expect_title(customer, "Your visit is confirmed")
        expect(facts).to_contain_text("Elm Street")
        expect(facts).to_contain_text("Grandma Doe")

        _check_in(provider)
        expect_title(customer, "Your visit is under way")
        expect(customer.page.locator(".facts")).to_contain_text("0 m from the address")
        house.move_back(booking_id, AN_HOUR)
        provider.page.reload()
        provider.page.get_by_role("button", name="Check out").click()
        expect_title(customer, "Your visit took place")


def test_who_is_said_to_have_missed_a_visit_contests_it(someone: Someone, house: OpenHouse) -> None:
    """promise I9, rule B6: the provider says it after the grace; the customer sees it come, and says that
    they were there."""
    with someone() as customer, someone() as provider:
        sign_in(provider, house.email, PASSWORD, "#/day")
        open_account(customer)
        start = house.next_start() + timedelta(days=1)
        customer.open(house.address(MASSAGE, start.date()))
        time_at(customer.page, start).click()
        _hold_and_pay(customer.page)
        expect_title(customer, "Your visit is confirmed")
        booking_id = customer.page.url.rsplit("/", 1)[1]
        house.move_back(booking_id, timedelta(days=1) + LONG_ENOUGH)
        provider.open(f"#/day/{booking_id}")
        provider.page.get_by_role("button", name="Nobody was there").click()
        expect_title(customer, "This visit was missed")
        customer.page.get_by_role("button", name="I was there").click()
        dialog = customer.page.get_by_role("dialog")
        dialog.get_by_label("What happened").fill("I rang twice.")
        dialog.get_by_role("button", name="Contest it").click()
        expect(customer.page.locator(".pills")).to_contain_text("Contested")


def _hold(customer: Customer, house: OpenHouse, day: date) -> str:
    answer = customer.post("customer/bookings", house.wish(MASSAGE, day, TEN))
    assert answer.status_code == 201, answer.text
    booking_id: str = answer.json()["data"]["bookingId"]
    return booking_id


def _repeat(person: Person, house: OpenHouse, day: date) -> None:
    """Three Tuesdays: look at them, take another time where one is taken, pay the first."""
    page = person.page
    open_account(person)
    person.open(house.address(MASSAGE, day))
    _time(page, "10:00 AM").click()
    page.get_by_label("Repeat this visit").check()
    page.get_by_label("Visits", exact=True).fill("3")
    page.get_by_role("button", name="Look at all visits").click()
    expect_title(person, "A series of visits")
    expect(page.locator(".instance")).to_have_count(3)
    taken = page.locator(".instance[data-prospect=conflict]")
    expect(taken).to_have_count(1)
    expect(page.get_by_text("2 visits,")).to_be_visible()
    taken.get_by_role("combobox").select_option(index=1)
    page.get_by_role("button", name="Hold 3 visits").click()
    expect_title(person, "Your series of visits")
    expect(page.locator(".notice-warn")).to_contain_text("3 visits are held. Pay one by")
    page.locator("[data-position='1']").get_by_role("link", name="Pay").click()
    _pay(page)
    expect_title(person, "Your visit is confirmed")


def _move(person: Person) -> None:
    """What moving means is shown, and done."""
    page = person.page
    page.get_by_role("link", name="Move to another time").click()
    _time(page, "3:00 PM").click()
    panel = page.locator(".hold-aside")
    expect(panel).to_contain_text("The agreed price stays.")
    expect(panel).to_contain_text("100% of the price comes back")
    expect(panel).to_contain_text("you can move it 2 more times")
    panel.get_by_role("button", name="Move the visit").click()
    expect_title(person, "Your visit is confirmed")
    expect(page.locator(".lead")).to_contain_text("3:00 PM")
    expect(page.locator(".pills")).to_contain_text("Moved")


def _cancel_what_follows(person: Person) -> None:
    page = person.page
    page.get_by_role("link", name="Part of a series").first.click()
    expect(page.locator(".notice")).to_contain_text("2 visits are still to be paid")
    page.locator("[data-position='2']").get_by_role("button", name="Cancel").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("This one and all that follow").check()
    expect(dialog).to_contain_text("2 visits are cancelled.")
    dialog.get_by_role("button", name="Cancel these visits").click()
    expect(page.locator(".pill", has_text="Cancelled")).to_have_count(2)
    expect(page.locator("[data-position='1'] .pills")).to_contain_text("Confirmed")


def _wait_in_line(person: Person, house: OpenHouse, day: date) -> None:
    page = person.page
    person.open(house.address(MASSAGE, day))
    page.get_by_role("button", name="Join the waiting list for this day").click()
    dialog = page.get_by_role("dialog")
    for label in ("Not before (optional)", "Not after (optional)"):
        dialog.get_by_label(label).fill(TEN)
    dialog.get_by_role("button", name="Join the waiting list").click()
    page.get_by_role("link", name="See where you wait").click()
    expect(page.locator("[data-waitlist]")).to_contain_text("You wait")


def _decline_the_offer(page: Page) -> None:
    """It comes by itself, counts down, leads to paying it, and goes on to the next."""
    offer = page.locator("[data-waitlist].offer")
    expect(offer).to_contain_text("Offered to you")
    expect(offer.locator(".countdown-time")).to_have_text(re.compile(r"^1[45]:\d\d$"))
    offer.get_by_role("link", name="Take it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This time is offered to you")
    page.go_back()
    offer.get_by_role("button", name="No, give it to the next").click()
    expect(page.locator("[data-waitlist]")).to_have_count(0)


def _ask_for_a_home_visit(customer: Person, house: OpenHouse) -> str:
    """The next start there is, for somebody else, at an address; paid."""
    page = customer.page
    open_account(customer)
    start = house.next_start()
    customer.open(house.address(NURSE, start.date()))
    expect(page.locator(".choice", has_text="Nurse visit")).to_contain_text("Asks first")
    time_at(page, start).click()
    panel = page.locator(".hold-aside")
    expect(panel).to_contain_text("they have 12 hours to accept")
    panel.get_by_role("button", name="Hold this time").click()
    expect(panel.locator(".field-error")).to_have_count(4)
    panel.get_by_label("Street, number, floor").fill(LINES)
    panel.get_by_label("City").fill("New York")
    panel.get_by_label("Latitude").fill(str(AT_THE_DOOR["latitude"]))
    panel.get_by_label("Longitude").fill(str(AT_THE_DOOR["longitude"]))
    panel.get_by_label("Somebody else receives the care").check()
    panel.get_by_label("Their name").fill("Grandma Doe")
    _hold_and_pay(page)
    expect_title(customer, "Paid: the provider is asked")
    return page.url.rsplit("/", 1)[1]


def _check_in(provider: Person) -> None:
    provider.context.grant_permissions(["geolocation"])
    latitude, longitude = AT_THE_DOOR["latitude"], AT_THE_DOOR["longitude"]
    provider.context.set_geolocation({"latitude": latitude, "longitude": longitude, "accuracy": 5})
    provider.page.get_by_role("button", name="Check in").click()
    expect(provider.page.locator(".facts")).to_contain_text("Check-in")


def _hold_and_pay(page: Page) -> None:
    page.get_by_role("button", name="Hold this time").click()
    _pay(page)


def _pay(page: Page) -> None:
    page.locator(f"[name=card][value={PAYS}]").check()
    page.get_by_role("button", name=re.compile("^Pay .*[0-9]")).click()


def _time(page: Page, text: str) -> Locator:
    return page.locator(".time").get_by_text(text, exact=True)

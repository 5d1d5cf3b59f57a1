"""People go back early, use keys, sign out at a bad moment, read what others wrote: what the page does."""

import json
from typing import Any

from playwright.sync_api import Request, Route, expect

from tests.browser.conftest import Someone
from tests.browser.shop import Shop
from tests.browser.steps import open_account
from tests.browser.views import RESULTS

HOSTILE = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
LOST = "net::ERR_FAILED"
SIGN_OUT_WHILE_RENEWING = """async () => {
  const folder = document.querySelector("script[type=module]").src.replace("main.js", "");
  const session = await import(folder + "session.js");
  const renewing = session.renew();
  const leaving = session.signOut();
  await Promise.all([renewing, leaving]);
  return session.user();
}"""


def test_a_view_that_was_left_draws_over_nothing(someone: Someone) -> None:
    """promise I9: back before a profile came, the list is there."""
    with someone() as person:
        page = person.page
        person.open("#/?q=massage")
        page.locator(RESULTS).first.wait_for()
        page.route("**/customer/providers/*", lambda route: None)
        page.locator(RESULTS).first.click()
        page.locator(".skeleton-title").wait_for()
        page.go_back()
        page.locator(RESULTS).first.wait_for()


def test_anywhere_is_a_place_to_look_in(someone: Someone) -> None:
    """promise B1: the list is of everybody then, measured from nowhere."""
    asked: list[str] = []
    with someone() as person:
        page = person.page
        person.open("#/")
        page.locator(RESULTS).first.wait_for()
        page.on("request", lambda request: asked.append(request.url))
        page.locator("[name=place]").select_option("anywhere")
        page.locator("form button[type=submit]").click()
        page.locator(RESULTS).first.wait_for()
        expect(page.locator("[name=place]")).to_have_value("anywhere")
    searches = [url for url in asked if "/customer/search" in url]
    assert searches
    assert not any("latitude" in url for url in searches)


def test_the_focus_stays_where_keys_have_led_it(someone: Someone, shop: Shop) -> None:
    """promise I9: another day is shown, and the next key goes on from the day that was chosen."""
    with someone() as person:
        page = person.page
        person.open(shop.address())
        day = page.locator(".day[aria-pressed=false]").first
        day.focus()
        chosen = page.locator(f".day[data-day='{day.get_attribute('data-day')}']")
        page.keyboard.press("Enter")
        expect(chosen).to_have_attribute("aria-pressed", "true")
        expect(chosen).to_be_focused()
        expect(page.locator(".day[aria-pressed=true]")).to_have_count(1)


def test_who_signs_out_stays_so_though_a_new_token_was_under_way(someone: Someone) -> None:
    """promise H1: both tokens are handed back."""
    handed_back: list[str] = []

    def hand_back(route: Route, request: Request) -> None:
        handed_back.append(json.loads(request.post_data or "{}")["refreshToken"])
        route.fulfill(json={"data": {}})

    with someone() as person:
        open_account(person)
        person.page.route("**/auth/logout", hand_back)
        assert person.page.evaluate(SIGN_OUT_WHILE_RENEWING) is None
        assert person.page.evaluate("sessionStorage.length") == 0
        assert len(set(handed_back)) == 2
        person.page.locator(".site-nav").get_by_role("link", name="Sign in").wait_for()


def test_what_others_wrote_is_only_ever_text(someone: Someone, shop: Shop) -> None:
    """promise I9: names, texts and reviews that would be markup elsewhere are read as they were written."""
    with someone() as person:
        person.page.route("**/api/v1/customer/**", _with_hostile_texts)
        person.open("#/?q=massage")
        expect(person.page.locator(RESULTS).first).to_have_text(HOSTILE)
        person.open(shop.address())
        expect(person.page.locator("h1")).to_have_text(HOSTILE)
        expect(person.page.locator(".review p").first).to_have_text(HOSTILE)
        assert person.page.title().startswith(HOSTILE)
        assert person.page.locator("main img, main script").count() == 0


def test_a_page_that_lost_a_module_says_so(someone: Someone) -> None:
    with someone() as person:
        person.page.route("**/views/receipt.js", lambda route: route.abort())
        # Loaded ahead, then asked for: twice lost, or once when the first loss is not known yet.
        person.possible.append(LOST)
        with person.expecting(LOST):
            person.open("#/")
            expect(person.page.locator("#unable")).to_be_visible()


def test_who_asked_too_often_is_told_how_long_to_wait(someone: Someone) -> None:
    with someone() as person:
        person.page.route("**/customer/search*", _too_often)
        with person.expecting(429):
            person.open("#/")
            alert = person.page.get_by_role("alert").filter(has_text="Wait 3 seconds, then try again.")
            alert.wait_for()
        person.page.unroute("**/customer/search*")
        alert.get_by_role("button", name="Try again").click()
        person.page.locator(RESULTS).first.wait_for()


def _with_hostile_texts(route: Route, request: Request) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, json=_hostile(answer.json()))


def _hostile(value: Any) -> Any:
    """The same with every text that somebody wrote replaced."""
    if isinstance(value, list):
        return [_hostile(one) for one in value]
    if not isinstance(value, dict):
        return value
    written = {"name", "about", "description", "text", "author"}
    texts = {"en": HOSTILE, "ar": HOSTILE}
    return {
        key: (texts if isinstance(one, dict) else HOSTILE) if key in written else _hostile(one)
        for key, one in value.items()
    }


def _too_often(route: Route, request: Request) -> None:
    route.fulfill(
        status=429,
        headers={"Retry-After": "3", "Content-Type": "application/problem+json"},
        body=json.dumps({"code": "rate_limited", "message": "Too many requests."}),
    )

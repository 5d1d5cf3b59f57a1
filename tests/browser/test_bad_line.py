"""What the page does when answers get lost, and when the reader's clock is wrong."""

from playwright.sync_api import Request, Route, WebSocketRoute, expect

from deploy.local.stack import Stack
from tests.browser.conftest import Someone
from tests.browser.shop import Shop
from tests.browser.steps import choose, hold, open_account, time_of
from tests.fixtures.customer import Customer

MODULE = "/web/x/scripts/server-clock.js"
RECKON = """async ([module, answers, at]) => {
  let monotonic = 0;
  const { ServerClock } = await import(module);
  const clock = new ServerClock(() => monotonic);
  for (const [date, sentAt, receivedAt] of answers) clock.learn(date, sentAt, receivedAt);
  monotonic = at;
  return clock.now() - Date.parse("2027-01-15T10:00:00Z");
}"""
AT_TEN = "Fri, 15 Jan 2027 10:00:00 GMT"
A_SECOND_LATER = "Fri, 15 Jan 2027 10:00:01 GMT"
AN_HOUR_LATER = "Fri, 15 Jan 2027 11:00:00 GMT"


def test_a_lost_answer_leads_to_one_booking(someone: Someone, shop: Shop) -> None:
    """rule C13: sent again under the same key, done once."""
    keys: list[str] = []

    def lose_the_first(route: Route, request: Request) -> None:
        if request.method != "POST":
            route.continue_()
            return
        keys.append(request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    with someone() as person, person.expecting("net::ERR_FAILED"):
        open_account(person)
        choose(person, shop, 1)
        person.page.route("**/api/v1/customer/bookings", lose_the_first)
        hold(person)
        assert len(keys) == 2
        assert keys[0] == keys[1]
        person.open("#/bookings")
        expect(person.page.locator(".booking-item")).to_have_count(1)


def test_what_was_missed_is_read_again(someone: Someone, shop: Shop, stack: Stack) -> None:
    """promise E3: news that never came is made up for by one reading at `resync-required`."""
    sockets: list[WebSocketRoute] = []

    def without_news(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda text: None if "availability-updated" in str(text) else socket.send(text))
        sockets.append(socket)

    with someone() as person:
        person.page.route_web_socket("**/realtime", without_news)
        open_account(person)
        choose(person, shop, 0)
        with Customer(stack.url) as other:
            held = other.register().post("customer/bookings", shop.request(5))
            assert held.status_code == 201, held.text
        expect(time_of(person, shop, 5)).to_have_count(1)
        sockets[-1].send('{"event": "resync-required", "data": {}}')
        expect(time_of(person, shop, 5)).to_have_count(0)


def test_what_was_chosen_stays_while_the_line_is_bad(someone: Someone, shop: Shop) -> None:
    """promise E3: times that can't be read again are said to be old; nothing that is shown is thrown away."""
    with someone() as person:
        open_account(person)
        choose(person, shop, 1)
        person.page.route("**/availability*", lambda route: route.abort())
        with person.expecting("net::ERR_FAILED"), person.expecting("net::ERR_FAILED"):
            person.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
            expect(person.page.locator(".live")).to_contain_text("times may be a moment old")
        expect(time_of(person, shop, 1)).to_have_attribute("aria-pressed", "true")
        person.page.unroute("**/availability*")
        person.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(person.page.locator(".live-on")).to_be_visible()


def test_a_hold_runs_down_by_the_server_s_clock(someone: Someone) -> None:
    """promise C5: bounds out of Date headers; a reader's wrong clock changes nothing."""
    with someone() as person:
        person.open("#/")

        def reckoned(answers: list[tuple[str, int, int]], at: int) -> float:
            return float(person.page.evaluate(RECKON, [MODULE, answers, at]))

        assert reckoned([(AT_TEN, 1000, 1100)], 1100) == 550
        # The second answer was written in the next second: so the first came at its very end.
        assert reckoned([(AT_TEN, 1000, 1010), (A_SECOND_LATER, 1015, 1030)], 1030) == 1015
        # After the machine slept, its own count is behind: what was known is given up.
        assert reckoned([(AT_TEN, 1000, 1100), (AN_HOUR_LATER, 2000, 2100)], 2100) == 3_600_550
        assert reckoned([("nonsense", 0, 1), (AT_TEN, 1000, 1100)], 1100) == 550

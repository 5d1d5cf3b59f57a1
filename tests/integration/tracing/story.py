"""What one customer does on a traced stack, told once; the tests look at the traces that it left."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
import requests

from deploy.local.stack import Stack
from tests.fixtures.customer import Customer
from tests.fixtures.otlp_receiver import OtlpReceiver, Received, Trace
from tests.fixtures.realtime_client import RealtimeClient
from tests.fixtures.waiting import wait_until
from tests.integration.platform.market import CHARGED, Market, pay, wait_for_state

ASKS_FOR_ITS_OWNER = "pm_card_authenticationRequired"
NAME, NOTES = "Theodora Quillfeather", "bring-the-blue-folder"
SEARCHED, LATITUDE = "dementia-at-night", 40.7357


@dataclass
class Story:
    """The stack's receiver and, by what was done, the trace id of its answer."""

    stack: Stack
    receiver: OtlpReceiver
    customer: Customer
    traces: dict[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    """What was said and answered and may stand in no span."""

    def trace(self, name: str) -> Trace:
        """The trace of what was done."""
        return self.receiver.trace(self.traces[name])

    def note(self, name: str, answer: requests.Response) -> Any:
        """Remember the trace that an answer names; returns its data."""
        self.traces[name] = answer.headers["traceparent"].split("-")[1]
        return answer.json().get("data")

    def wait_for_edge(self, name: str, parent: str, child: str) -> None:
        """Wait until an edge of that trace has come. Raises AssertionError with what came instead."""
        self._wait(name, lambda trace: (parent, child) in trace.edges(), f"{parent} above {child}")

    def wait_for_one_root(self, name: str) -> None:
        """Wait until the whole trace hangs on its first span: each process sends its own, when it likes."""
        self._wait(name, lambda trace: [root.kind for root in trace.roots] == ["server"], "one root")

    def _wait(self, name: str, is_there: Callable[[Trace], bool], what: str) -> None:
        try:
            wait_until(lambda: is_there(self.trace(name)), f"{what} in the trace of {name}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.trace(name).tree()}") from None

    def wait_for_link(self, causes: Iterable[Received], effect: str) -> Received:
        """The span of this label that links to one of these. Raises AssertionError when none comes."""
        causes = list(causes)
        assert causes, f"nothing that {effect} could link to"
        wait_until(lambda: self.linked(causes, effect), f"{effect}, linked to {causes[0].name}")
        return self.linked(causes, effect)[0]

    def log_lines(self, process: str) -> list[dict[str, str]]:
        """What a process has logged so far."""
        text = self.stack.instance.log(process).read_text(encoding="utf-8")
        return [orjson.loads(line) for line in text.splitlines() if line.startswith("{")]

    def linked(self, causes: Iterable[Received], effect: str) -> list[Received]:
        found = self.receiver.caused_by(causes)
        return [span for span in found if f"{span.service}: {span.name}" == effect]


def tell(stack: Stack, receiver: OtlpReceiver, customer: Customer) -> Story:
    """Search, watch, book, pay, cancel; then book and pay with a card that asks for its owner."""
    market, story = Market(stack), Story(stack, receiver, customer)
    with RealtimeClient(stack.url) as socket:
        socket.sign_in(customer.token).watch_bookings().watch_day(market.provider_id, market.day(3))
        search = {"query": SEARCHED, "latitude": LATITUDE, "longitude": -74.0, "radiusKm": 10}
        story.note("search", customer.get("customer/search", **search))
        booking = _book(story, market, "book")
        _pay(story, booking)
        socket.wait_for("payment-confirmed")
    _cancel(story, booking)
    _pay_with_its_owner(story, _book(story, market, "book again"))
    story.secrets += [customer.token, customer.email, customer.address, NAME, NOTES, SEARCHED, str(LATITUDE)]
    return story


def _book(story: Story, market: Market, name: str) -> dict[str, Any]:
    slots = (slot for ahead in CHARGED for slot in market.free_slots(story.customer, market.day(ahead)))
    request = {**market.request(next(slots)), "notes": NOTES}
    answer = story.customer.post("customer/bookings", request)
    assert answer.status_code == 201, answer.text
    booking: dict[str, Any] = story.note(name, answer)
    return booking


def _pay(story: Story, booking: dict[str, Any]) -> None:
    answer = pay(story.customer, booking)
    assert answer.status_code == 200, answer.text
    story.note("pay", answer)
    wait_for_state(story.customer, booking, "confirmed")


def _cancel(story: Story, booking: dict[str, Any]) -> None:
    answer = story.customer.post(f"customer/bookings/{booking['bookingId']}/cancel", {})
    assert answer.status_code == 200, answer.text
    story.note("cancel", answer)


def _pay_with_its_owner(story: Story, booking: dict[str, Any]) -> None:
    answer = pay(story.customer, booking, ASKS_FOR_ITS_OWNER)
    assert answer.status_code == 202, answer.text
    payment = story.note("ask its owner", answer)
    story.secrets.append(payment["clientSecret"])
    requests.post(
        f"{story.stack.standin_proxy_url}/v1/payment_intents/{payment['paymentIntentId']}/_authenticate",
        data={"client_secret": payment["clientSecret"], "success": "true", "key": "pk_test_tracing"},
        timeout=10,
    ).raise_for_status()
    confirmed = story.customer.post(f"customer/payments/{payment['paymentIntentId']}/confirm")
    assert confirmed.status_code == 200, confirmed.text
    story.note("confirm", confirmed)

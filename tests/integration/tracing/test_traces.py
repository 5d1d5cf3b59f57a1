"""One trace from the request to the database and Stripe; events and jobs link to it (promise A7)."""

import re

import pytest

from deploy.local.credentials import credentials_of
from shared.telemetry.attributes import MAY_LEAVE
from tests.fixtures.otlp_receiver import Received, label
from tests.fixtures.table_lock import table_lock
from tests.fixtures.waiting import wait_until
from tests.integration.platform.market import Market
from tests.integration.tracing.story import Story

BOOKINGS = "gateway: POST /api/v1/customer/bookings"
PROCESS = "gateway: POST /api/v1/customer/payments/process"
CONFIRM = "gateway: POST /api/v1/customer/payments/<payment_intent_id>/confirm"
CANCEL = "gateway: POST /api/v1/customer/bookings/<id:booking_id>/cancel"
WEBHOOK = "gateway: POST /api/v1/customer/payments/webhook"
FAILED_WAY = (
    (BOOKINGS, "gateway: booking.create_booking"),
    ("gateway: booking.create_booking", "booking: booking.create_booking"),
)


@pytest.mark.parametrize(
    ("name", "edges"),
    [
        (
            "book",
            [
                (BOOKINGS, "gateway: EVALSHA"),
                (BOOKINGS, "gateway: booking.create_booking"),
                ("gateway: booking.create_booking", "booking: booking.create_booking"),
                ("booking: booking.create_booking", "booking: WITH care_booking"),
                ("booking: booking.create_booking", "booking: create booking_held"),
                ("booking: booking.create_booking", "booking: COMMIT care_booking"),
            ],
        ),
        (
            "pay",
            [
                (PROCESS, "gateway: payment.process_payment"),
                ("gateway: payment.process_payment", "payment: payment.process_payment"),
                ("payment: payment.process_payment", "payment: booking.prepare_payment"),
                ("payment: booking.prepare_payment", "booking: booking.prepare_payment"),
                ("booking: booking.prepare_payment", "booking: COMMIT care_booking"),
                ("payment: payment.process_payment", "payment: POST /v1/payment_intents"),
                ("payment: payment.process_payment", "payment: create payment_succeeded"),
            ],
        ),
        (
            "ask its owner",
            [
                ("payment: payment.process_payment", "payment: POST /v1/payment_intents"),
                ("payment: payment.process_payment", "payment: create payment_action_required"),
            ],
        ),
        (
            "confirm",
            [
                (CONFIRM, "gateway: payment.confirm_payment"),
                ("gateway: payment.confirm_payment", "payment: payment.confirm_payment"),
                ("payment: payment.confirm_payment", "payment: GET /v1/payment_intents/{intent}"),
            ],
        ),
        (
            "cancel",
            [
                (CANCEL, "gateway: booking.cancel_booking"),
                ("gateway: booking.cancel_booking", "booking: booking.cancel_booking"),
                ("booking: booking.cancel_booking", "booking: create booking_cancelled"),
            ],
        ),
    ],
)
def test_a_request_is_one_trace(story: Story, name: str, edges: list[tuple[str, str]]) -> None:
    """promise A7: every hop is the child of the one before, and nothing is left beside the tree"""
    for parent, child in edges:
        story.wait_for_edge(name, parent, child)
    story.wait_for_one_root(name)
    trace = story.trace(name)
    kinds = {label(span): span.kind for span in trace.spans}
    assert set(kinds.values()) <= {"server", "client", "producer"}, kinds


@pytest.mark.parametrize(
    ("name", "event", "effects"),
    [
        ("book", "booking: create booking_held", ["notify: process booking_held"]),
        ("book", "booking: create booking_held", ["gateway: process booking_held"]),
        ("book", "booking: create booking_held", ["booking: publish booking.events"]),
        ("book", "booking: create availability_changed", ["gateway: process availability_changed"]),
        ("pay", "payment: create payment_succeeded", ["booking: process payment_succeeded"]),
        ("cancel", "booking: create booking_cancelled", ["notify: process booking_cancelled"]),
    ],
)
def test_what_hears_an_event_links_to_the_trace_that_made_it(
    story: Story, name: str, event: str, effects: list[str]
) -> None:
    """promise A7: through the context in the outbox row; each is a trace of its own"""
    wait_until(lambda: _labelled(story, name, event), event)
    for effect in effects:
        heard = story.wait_for_link(_labelled(story, name, event), effect)
        assert heard.trace_id != story.traces[name]
        assert heard.parent_id == ""
        if heard.kind == "consumer":
            assert heard.attributes["care.cause.trace_id"] == story.traces[name]


def test_a_cancellation_is_followed_to_the_refund_at_stripe(story: Story) -> None:
    """promise A7: event, handler, job, Stripe, and what is told of it, link by link"""
    wait_until(lambda: _labelled(story, "cancel", "booking: create booking_cancelled"), "the event")
    event = _labelled(story, "cancel", "booking: create booking_cancelled")
    handled = story.wait_for_link(event, "payment: process booking_cancelled")
    job = story.wait_for_link([handled], "payment: job send_refund")
    assert job.attributes["care.job.attempt"] == 1
    called = _child(story, job, "payment: POST /v1/refunds")
    assert called.attributes["http.response.status_code"] == 200
    told = _child(story, job, "payment: create payment_refunded")
    story.wait_for_link([told], "notify: process payment_refunded")
    story.wait_for_link([told], "booking: process payment_refunded")


def test_a_webhook_is_followed_from_its_request_to_its_job(story: Story) -> None:
    """promise A7: HTTP, RPC and what is stored are one trace; the job that works it links to it.

    Jobs of what was stored before the stack was traced, or was found undelivered, link elsewhere.
    """
    wait_until(lambda: _worked_webhooks(story), "a webhook to be worked")
    for stored in _worked_webhooks(story):
        story.traces["webhook"] = stored.trace_id
        for parent, child in (
            (WEBHOOK, "gateway: payment.receive_webhook"),
            ("gateway: payment.receive_webhook", "payment: payment.receive_webhook"),
            ("payment: payment.receive_webhook", "payment: WITH care_payment"),
        ):
            story.wait_for_edge("webhook", parent, child)
        story.wait_for_one_root("webhook")
        trace = story.trace("webhook")
        assert [label(root) for root in trace.roots] == [WEBHOOK], trace.tree()


def test_an_error_is_found_by_the_trace_id_of_its_answer(story: Story) -> None:
    """promise A7: answer, log lines and every span on the way up say the same"""
    market = Market(story.stack)
    slot = market.free_slots(story.customer, market.day(30))[0]
    with table_lock(story.stack.admin_database_url("booking"), "booking"):
        answer = story.customer.post("customer/bookings", market.request(slot))
    assert answer.status_code == 503
    story.note("fail", answer)
    assert answer.json()["traceId"] == story.traces["fail"]
    for parent, child in FAILED_WAY:
        story.wait_for_edge("fail", parent, child)
    failed = [span for span in story.trace("fail").spans if span.is_error]
    errors = {label(span): span.attributes["error.type"] for span in failed}
    assert errors.pop(BOOKINGS) == "unavailable"
    assert errors.pop("gateway: booking.create_booking") == "unavailable"
    assert errors.pop("booking: booking.create_booking") == "unavailable"
    assert set(errors.values()) == {"55P03"}
    for process, event in (("gateway", "request_refused"), ("booking", "database_unavailable")):
        lines = story.log_lines(process)
        assert story.traces["fail"] in [line.get("trace_id") for line in lines if line["event"] == event]


def test_log_lines_of_a_handler_name_the_trace_that_caused_it(story: Story) -> None:
    """promise A7"""
    lines = story.log_lines("notify")
    causes = {line.get("cause_trace_id") for line in lines if line["event"] == "event_handled"}
    assert {story.traces["book"], story.traces["cancel"]} <= causes
    assert not causes & {line["trace_id"] for line in lines if line["event"] == "event_handled"}


def test_no_span_tells_what_is_not_its_business(story: Story) -> None:
    """promise A7: named attributes only; no account, person, address, search, text of an error or secret"""
    assert len(story.receiver.spans) > 200
    for span in story.receiver.spans:
        assert set(span.attributes) <= MAY_LEAVE, span
        assert (span.status_message, span.events) == ("", 0), span
    sent = b"".join(story.receiver.bodies)
    kept = [value for value in credentials_of(story.stack.instance).values() if len(value) > 7]
    assert len(kept) > 5
    assert not [secret for secret in (*story.secrets, *kept) if secret.encode() in sent]
    assert not re.search(rb"2001:db8:|client_secret|_secret_|whsec_|sk_test|Bearer ", sent)


def test_spans_are_described_by_the_conventions(story: Story) -> None:
    """promise A7"""
    required = {
        "db.system.name": {"db.system.name", "db.operation.name"},
        "rpc.method": {"rpc.system.name", "rpc.method", "rpc.response.status_code"},
        "messaging.system": {
            "messaging.system",
            "messaging.destination.name",
            "messaging.operation.name",
            "messaging.operation.type",
        },
        "http.route": {"http.request.method", "url.path", "url.scheme", "http.response.status_code"},
        "url.template": {"http.request.method", "server.address", "http.response.status_code"},
    }
    seen: set[str] = set()
    for span in list(story.receiver.spans):
        for mark in required.keys() & set(span.attributes):
            seen.add(mark)
            assert required[mark] <= set(span.attributes), span
        assert span.is_error == ("error.type" in span.attributes), span
    assert seen == required.keys()


def _labelled(story: Story, name: str, wanted: str) -> list[Received]:
    return [span for span in story.trace(name).spans if label(span) == wanted]


def _child(story: Story, parent: Received, wanted: str) -> Received:
    def found() -> list[Received]:
        spans = story.receiver.trace(parent.trace_id).spans
        return [span for span in spans if span.parent_id == parent.span_id and label(span) == wanted]

    wait_until(found, f"{wanted} below {label(parent)}")
    return found()[0]


def _worked_webhooks(story: Story) -> list[Received]:
    """Where those were received whose jobs were worked."""
    jobs = [span for span in list(story.receiver.spans) if label(span) == "payment: job work_webhook"]
    assert all(len(job.links) == 1 for job in jobs)
    causes = {job.links[0] for job in jobs}
    return [
        span
        for span in list(story.receiver.spans)
        if label(span) == "payment: payment.receive_webhook" and (span.trace_id, span.span_id) in causes
    ]

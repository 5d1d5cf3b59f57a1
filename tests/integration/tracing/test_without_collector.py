"""A collector in trouble is nobody's trouble but its own. Comes last: it takes the collector away."""

from deploy.local.stack import Stack
from tests.fixtures.customer import Customer
from tests.fixtures.otlp_receiver import OtlpReceiver
from tests.fixtures.waiting import wait_until

REQUESTS = 10
SAMPLED = 1
"""The flag of a trace that is recorded (W3C Trace Context)."""


def test_a_collector_that_is_slow_or_away_costs_no_request(traced: Stack, receiver: OtlpReceiver) -> None:
    """promise A7"""
    with Customer(traced.url) as customer:
        customer.register()
        before = receiver.requests
        receiver.hold_back()
        _ask(customer)
        wait_until(lambda: receiver.requests > before, "spans that nobody takes")
        _ask(customer)
        receiver.close()
        _ask(customer)


def _ask(customer: Customer) -> None:
    answers = [customer.get("notifications") for _ in range(REQUESTS)]
    assert [answer.status_code for answer in answers] == [200] * REQUESTS
    assert all(int(answer.headers["traceparent"][-2:], 16) & SAMPLED for answer in answers)

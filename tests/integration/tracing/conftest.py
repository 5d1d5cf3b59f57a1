"""The stack with a collector of the tests' own, and what happened on it."""

from collections.abc import Iterator

import pytest

from deploy.local.stack import Stack
from tests.fixtures.customer import PASSWORD, Customer
from tests.fixtures.otlp_receiver import OtlpReceiver
from tests.integration.tracing.story import NAME, Story, tell


@pytest.fixture(scope="session")
def receiver() -> Iterator[OtlpReceiver]:
    with OtlpReceiver() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def traced(stack: Stack, receiver: OtlpReceiver) -> Stack:
    """The tests' stack, its processes started anew so that every trace goes to the receiver.

    It stays so when these tests are over; a collector that is away costs the tests after them nothing.
    """
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_TRACES_SAMPLER_ARG": "1"}
    traced = Stack(stack.instance.name, settings)
    traced.start()
    return traced


@pytest.fixture(scope="session")
def story(traced: Stack, receiver: OtlpReceiver) -> Iterator[Story]:
    with Customer(traced.url) as customer:
        customer.open_account(NAME).sign_in(customer.email, PASSWORD)
        yield tell(traced, receiver, customer)

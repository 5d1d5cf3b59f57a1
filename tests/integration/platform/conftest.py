"""Fixtures of the tests that run against the whole stack."""

from collections.abc import Callable, Iterator

import pytest

from deploy.local.stack import Stack
from tests.fixtures.customer import Customer
from tests.integration.platform.census import Census, census_of
from tests.integration.platform.market import Market
from tests.integration.platform.stripe_calls import Calls, changes_at


@pytest.fixture(scope="session")
def market(stack: Stack) -> Market:
    return Market(stack)


@pytest.fixture
def stranger(stack: Stack) -> Iterator[Customer]:
    """Somebody without an account."""
    with Customer(stack.url) as customer:
        yield customer


@pytest.fixture
def customer(stack: Stack) -> Iterator[Customer]:
    """Somebody with an account, signed in."""
    with Customer(stack.url) as customer:
        yield customer.register()


@pytest.fixture
def other(stack: Stack) -> Iterator[Customer]:
    """Somebody else with an account, signed in."""
    with Customer(stack.url) as customer:
        yield customer.register()


@pytest.fixture(scope="session")
def census(stack: Stack) -> Iterator[Census]:
    with census_of(stack) as made:
        yield made


@pytest.fixture
def changes(stack: Stack) -> Callable[[], Calls]:
    """How often each operation that changes something at Stripe has reached the proxy."""
    return changes_at(stack)

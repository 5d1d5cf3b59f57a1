"""Two gateway processes before a backstage that answers in place of the services."""

from collections.abc import Iterator

import pytest
import redis

from tests.fixtures.customer import Customer
from tests.fixtures.servers import address, owner_engine, service_database
from tests.integration.gateway.gateway_process import (
    Gateway,
    GatewayDatabase,
    forget_queues,
    start_gateway,
)


def pytest_configure(config: pytest.Config) -> None:
    """The plugin that makes tests of operations, which takes a second to read: only these tests need it."""
    config.pluginmanager.import_plugin("schemathesis.pytest.plugin")


@pytest.fixture(scope="session")
def gateway_database() -> Iterator[GatewayDatabase]:
    with service_database("gateway") as own:
        owner = owner_engine(own.owner_url)
        yield GatewayDatabase(own, owner)
        owner.dispose()


@pytest.fixture(scope="session")
def running_gateway(
    gateway_database: GatewayDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """Two processes, as in real life: what one is told, the other has to know."""
    amqp_uri, redis_url = address("TEST_AMQP_URI"), address("TEST_REDIS_URL")
    redis.Redis.from_url(redis_url).flushdb()
    gateway = start_gateway(gateway_database, amqp_uri, redis_url, tmp_path_factory.mktemp("gateway"))
    yield gateway
    gateway.stop()
    gateway.backstage.stop()
    forget_queues(amqp_uri)


@pytest.fixture
def gateway(running_gateway: Gateway) -> Iterator[Gateway]:
    yield running_gateway
    running_gateway.backstage.scripts.clear()


@pytest.fixture
def customer(gateway: Gateway) -> Iterator[Customer]:
    with Customer(gateway.url) as made:
        yield made.register()


@pytest.fixture
def stranger(gateway: Gateway) -> Iterator[Customer]:
    with Customer(gateway.url) as made:
        yield made

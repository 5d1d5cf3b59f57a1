"""The client on a real Redis: two commands in a trip, connections that break, answers that are late."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from services.gateway.redis_client import Client
from shared.ids import new_id
from tests.fixtures.servers import address
from tests.fixtures.tcp_proxy import TcpProxy
from tests.fixtures.waiting import wait_until

TIMEOUT_SECONDS = 0.25
CONNECTIONS = 4


@pytest.fixture
def proxy() -> Iterator[TcpProxy]:
    url = urlsplit(address("TEST_REDIS_URL"))
    with TcpProxy(url.hostname or "", url.port or 0) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: TcpProxy) -> Iterator[Client]:
    url = urlsplit(address("TEST_REDIS_URL"))
    credentials = f"{url.username or ''}:{url.password or ''}@" if url.password else ""
    pool = redis.ConnectionPool.from_url(
        f"redis://{credentials}127.0.0.1:{proxy.port}{url.path}",
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    client = Client(pool, CONNECTIONS, TIMEOUT_SECONDS)
    yield client
    client.close()


@pytest.fixture
def key(client: Client) -> str:
    key = new_id()
    client.set(key, "here", ex=60)
    return key


def test_two_commands_go_in_one_trip(client: Client, key: str, proxy: TcpProxy) -> None:
    with client.along("GET", key) as question:
        assert client.incr(f"{key}:count") == 1
        assert client.incr(f"{key}:count") == 2, "the second goes alone"
    proxy.cut()
    assert question.answer() == b"here", "nobody needs to be asked again"


def test_what_nobody_took_along_is_asked_for_itself(client: Client, key: str) -> None:
    with client.along("GET", key) as question:
        pass
    assert question.answer() == b"here"
    assert client.get(key) == b"here"


def test_a_refusal_is_of_the_command_that_it_was_made_for(client: Client, key: str) -> None:
    with client.along("GET", key) as question, pytest.raises(redis.ResponseError):
        client.lpush(key, "is no list")
    assert question.answer() == b"here"
    with client.along("LPUSH", key, "is no list") as question:
        assert client.get(key) == b"here"
    with pytest.raises(redis.ResponseError):
        question.answer()


def test_connections_that_broke_while_they_were_idle_are_replaced(
    client: Client, key: str, proxy: TcpProxy
) -> None:
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        for _ in range(CONNECTIONS):
            threads.submit(client.ask, ("BLPOP", f"{key}:empty", 0.2))
        wait_until(lambda: proxy.open_connections == CONNECTIONS, "all connections to be open")
    proxy.break_connections()
    assert client.get(key) == b"here"


def test_who_finds_no_connection_free_does_not_wait_for_long(client: Client, key: str) -> None:
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        for _ in range(CONNECTIONS):
            threads.submit(client.ask, ("BLPOP", f"{key}:empty", 0.2))
        assert client.get(key) == b"here", "one came back in time"


def test_an_answer_that_is_late_is_nobody_elses(client: Client, key: str) -> None:
    with pytest.raises(redis.TimeoutError):
        client.ask(("BLPOP", f"{key}:empty", 1))
    assert client.get(key) == b"here"


def test_a_script_that_redis_forgot_is_sent_again(client: Client, key: str) -> None:
    """After a restart of Redis the limits go on."""
    script = client.register_script("return redis.call('GET', KEYS[1])")
    assert script(keys=[key]) == b"here"
    client.script_flush()
    with client.along("EXISTS", key) as question:
        assert script(keys=[key]) == b"here"
    assert question.answer() == 1

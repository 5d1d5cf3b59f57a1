"""The client on a real Redis: two commands in a trip, connections that break, answers that are late."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
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

TIMEOUT_SECONDS = 10.0
"""Long: what ends sooner was let go by its test, whatever else the machine does."""
SHORT_SECONDS = 0.25
CONNECTIONS = 4


@pytest.fixture
def proxy() -> Iterator[TcpProxy]:
    url = urlsplit(address("TEST_REDIS_URL"))
    with TcpProxy(url.hostname or "", url.port or 0) as proxy:
        yield proxy


def client_through(proxy: TcpProxy, timeout_seconds: float) -> Client:
    url = urlsplit(address("TEST_REDIS_URL"))
    credentials = f"{url.username or ''}:{url.password or ''}@" if url.password else ""
    pool = redis.ConnectionPool.from_url(
        f"redis://{credentials}127.0.0.1:{proxy.port}{url.path}",
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
        max_connections=CONNECTIONS,
    )
    return Client(pool, CONNECTIONS, timeout_seconds)


@pytest.fixture
def client(proxy: TcpProxy) -> Iterator[Client]:
    client = client_through(proxy, TIMEOUT_SECONDS)
    yield client
    client.close()


@contextmanager
def all_in_use(client: Client, key: str) -> Iterator[None]:
    """Each connection waits for an element of a list, until the block ends."""
    waiting = [f"{key}:{number}" for number in range(CONNECTIONS)]
    direct = redis.Redis.from_url(address("TEST_REDIS_URL"))
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        asked = [threads.submit(client.ask, ("BLPOP", name, TIMEOUT_SECONDS)) for name in waiting]
        wait_until(lambda: _blocked(direct) >= CONNECTIONS, "all connections to wait")
        try:
            yield
        finally:
            for name in waiting:
                direct.lpush(name, "go on")
            for one in asked:
                one.result()
            direct.close()


def _blocked(direct: redis.Redis) -> int:
    clients: Any = direct.info("clients")
    return int(clients["blocked_clients"])


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


def test_redis_is_back_after_any_number_of_outages(client: Client, key: str) -> None:
    """promise B7: what is open at a time is bounded, not how often a connection broke in a process's life."""
    with redis.Redis.from_url(address("TEST_REDIS_URL")) as direct:
        for _ in range(2 * CONNECTIONS):
            direct.client_kill_filter(_id=str(client.client_id()))
            assert client.get(key) == b"here"


def test_connections_that_broke_while_they_were_idle_are_replaced(
    client: Client, key: str, proxy: TcpProxy
) -> None:
    with all_in_use(client, key):
        pass
    assert proxy.open_connections == CONNECTIONS
    proxy.break_connections()
    assert client.get(key) == b"here"


def test_who_finds_no_connection_free_waits_for_one_and_not_for_ever(client: Client, key: str) -> None:
    with ThreadPoolExecutor(1) as threads:
        with all_in_use(client, key):
            waiting = threads.submit(client.get, key)
            assert not waiting.done()
        assert waiting.result() == b"here"


def test_an_answer_that_is_late_is_nobody_elses(key: str, proxy: TcpProxy) -> None:
    impatient = client_through(proxy, SHORT_SECONDS)
    with pytest.raises(redis.TimeoutError):
        impatient.ask(("BLPOP", f"{key}:empty", 2 * SHORT_SECONDS))
    wait_until(lambda: _is_answered(impatient, key), "an answer in time")


def _is_answered(impatient: Client, key: str) -> bool:
    """On a busy machine it may be late itself."""
    try:
        answer = impatient.get(key)
    except redis.TimeoutError:
        return False
    assert answer == b"here"
    return True


def test_a_script_that_redis_forgot_is_sent_again(client: Client, key: str) -> None:
    """After a restart of Redis the limits go on."""
    script = client.register_script("return redis.call('GET', KEYS[1])")
    assert script(keys=[key]) == b"here"
    client.script_flush()
    with client.along("EXISTS", key) as question:
        assert script(keys=[key]) == b"here"
    assert question.answer() == 1

"""The process: limits across two of them, metrics, strange bytes on the socket, the end."""

import json
import os
import signal
import socket
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fixtures.customer import Customer, new_address
from tests.fixtures.realtime_client import RealtimeClient
from tests.fixtures.waiting import wait_until
from tests.integration.gateway.gateway_process import (
    ENDS_SECONDS,
    Gateway,
    GatewayDatabase,
    launch_gateway,
    start_gateway,
)

CATEGORIES = "search.list_categories"


def _no_categories(_: dict[str, Any]) -> dict[str, Any]:
    return {"categories": []}


def test_a_strangers_limit_holds_across_processes(gateway: Gateway, stranger: Customer) -> None:
    """promise H4: 50 searches a minute, then a clear 429; another address is not concerned."""
    gateway.backstage.scripts[CATEGORIES] = _no_categories
    answers = [stranger.get("customer/categories") for _ in range(52)]
    codes = [answer.status_code for answer in answers]
    assert codes == [200] * 50 + [429] * 2
    refused = answers[-1]
    assert refused.json()["code"] == "rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    with Customer(gateway.url) as other:
        assert other.get("customer/categories").status_code == 200


def test_an_account_has_its_own_limit(gateway: Gateway, customer: Customer) -> None:
    """promise H4, rule B13: 120 searches a minute, from whatever addresses."""
    gateway.backstage.scripts[CATEGORIES] = _no_categories
    codes = []
    for number in range(122):
        customer.address = f"2001:db8:ffff:{number:x}::1"
        codes.append(customer.get("customer/categories").status_code)
    assert codes == [200] * 120 + [429] * 2


def test_a_body_of_ten_megabytes_is_refused_before_it_is_read(gateway: Gateway, customer: Customer) -> None:
    started = time.monotonic()
    answer = customer.call("POST", "customer/bookings", data=b'{"a": "' + b"x" * (10 << 20) + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert time.monotonic() - started < 2


def test_a_body_of_unknown_length_is_read_to_the_limit_only(gateway: Gateway, customer: Customer) -> None:
    def chunks() -> Any:
        for _ in range(200):
            yield b"x" * 4096

    answer = requests.post(
        f"{gateway.url}/api/v1/customer/bookings",
        data=chunks(),
        headers={
            "Authorization": f"Bearer {customer.token}",
            "Content-Type": "application/json",
            "X-Forwarded-For": customer.address,
        },
        timeout=10,
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /api/v1/customer/search?query=\xff HTTP/1.1",
        b"GET /%ff%fe HTTP/1.1",
        b"GET /" + b"x" * 9000 + b" HTTP/1.1",
        b"NONSENSE",
        b"GET /health/live HTTP/1.1\r\nAuthorization: Bearer never-to-be-logged\x00",
        b"GET /health/live HTTP/1.1\r\nnever to be logged: 1",
        b"GET /health/live HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3",
        b"GET /health/live HTTP/1.1\r\nX-Long: " + b"x" * 20_000,
        b"GET /health/live HTTP/1.1\r\nSCRIPT_NAME: /health",
    ],
)
def test_strange_bytes_are_refused_like_anything_else(gateway: Gateway, request_line: bytes) -> None:
    """In the form of all refusals, and nothing of them in the log."""
    answer = _exchange(gateway, request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    if b"SCRIPT_NAME" in request_line:  # dropped, so that the path is what the request line says
        assert answer.startswith(b"HTTP/1.1 200")
        return
    assert answer.split(b" ")[1][:1] == b"4", answer[:200]
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"X-Request-Id" in head
    assert json.loads(body)["code"] in ("malformed_request", "not_found")
    assert len(json.loads(body)["traceId"]) == 32
    text = gateway.log.read_text()
    assert "never" not in text
    assert "127.0.0.1" not in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    "body",
    [
        b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\n{}\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n20\r\n{}",
        b"Content-Length: 100\r\n\r\n{}",
    ],
)
def test_a_body_that_breaks_off_is_refused_and_not_worked_on(gateway: Gateway, body: bytes) -> None:
    """The client is gone or confused; what came of the body may still be JSON."""
    head = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: "
    address = new_address().encode()
    answer = _exchange(gateway, head + address + b"\r\nContent-Type: application/json\r\n" + body)
    assert answer.startswith(b"HTTP/1.1 400"), answer[:200]
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "malformed_request"
    assert '"request_failed"' not in gateway.log.read_text()


def _exchange(gateway: Gateway, sent: bytes) -> bytes:
    """The answer to these bytes, after which nothing more is sent."""
    port = int(gateway.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        # A request line that is too long is not read to its end, so that the socket ends by a reset.
        with suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                answer += chunk
    return answer


def test_bad_input_leaves_nothing_in_the_log_but_the_code(gateway: Gateway, customer: Customer) -> None:
    secret = "never-to-be-logged"
    customer.call("POST", "customer/bookings", data=f'{{"notes": "{secret}", "x": 1}}'.encode())
    customer.post("auth/login", {"email": f"{secret}@example.test", "password": secret})
    customer.get("customer/search", query=secret, sort=secret)
    text = gateway.log.read_text()
    assert '"code": "validation_failed"' in text
    assert secret not in text
    assert customer.email not in text
    assert customer.token not in text
    assert "Traceback" not in text


def test_metrics_of_all_processes_are_for_operators_only(gateway: Gateway, stranger: Customer) -> None:
    """promise I1"""
    gateway.backstage.scripts[CATEGORIES] = _no_categories
    stranger.get("customer/categories")
    metrics = requests.get(f"{gateway.operator_url}/metrics", timeout=5)
    assert metrics.status_code == 200
    assert 'care_http_request_seconds_count{method="GET",route="/api/v1/customer/categories"' in metrics.text
    assert "care_cache_requests_total" in metrics.text
    port = gateway.operator_url.rpartition(":")[2]
    spoofed = requests.get(f"{gateway.url}/metrics", headers={"Host": f"127.0.0.1:{port}"}, timeout=5)
    assert spoofed.status_code == 404


def test_trace_and_request_travel_to_the_service(gateway: Gateway, stranger: Customer) -> None:
    """promise A7: one trace from HTTP into AMQP, shown to the client; who sent a context is not believed."""
    gateway.backstage.scripts["search.list_reviews"] = lambda _: {"reviews": [], "next": None}
    sent = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "baggage": "a=b"}
    answer = stranger.call(
        "GET",
        "customer/providers/01a20ce6-9d8f-7b48-9a2f-c26f5c175f1f/reviews",
        headers={**sent, "X-Request-Id": "request-of-a-test"},
    )
    assert answer.status_code == 200, answer.text
    headers = gateway.backstage.callers[-1]
    trace = answer.headers["traceparent"].split("-")[1]
    assert trace not in sent["traceparent"]
    assert trace in headers["traceparent"]
    assert "baggage" not in headers
    assert headers["nameko.request_id"] == "request-of-a-test"
    refused = stranger.call("GET", "nothing", headers=sent)
    assert refused.json()["traceId"] in refused.headers["traceparent"]


def test_the_end_answers_what_is_in_work_and_closes_sockets(
    gateway_database: GatewayDatabase, gateway: Gateway, tmp_path: Path
) -> None:
    """promise I3: SIGTERM with a slow request in work and open sockets."""
    own = start_gateway(
        gateway_database,
        os.environ["TEST_AMQP_URI"],
        os.environ["TEST_REDIS_URL"],
        tmp_path,
        backstage=gateway.backstage,
    )

    begun = threading.Event()

    def slow(_: dict[str, Any]) -> dict[str, Any]:
        begun.set()
        time.sleep(1.5)
        return {"reviews": [], "next": None}

    gateway.backstage.scripts["search.list_reviews"] = slow
    answers: list[int] = []

    def ask() -> None:
        with Customer(own.url) as someone:
            path = "customer/providers/01a20ce6-9d8f-7b48-9a2f-c26f5c175f1f/reviews"
            answers.append(someone.get(path).status_code)

    sockets = [RealtimeClient(own.url) for _ in range(5)]
    thread = threading.Thread(target=ask)
    thread.start()
    assert begun.wait(ENDS_SECONDS)
    own.process.send_signal(signal.SIGTERM)
    code = own.process.wait(ENDS_SECONDS)
    thread.join()
    assert (code, answers) == (0, [200])
    assert all(client.wait_closed() == 1001 for client in sockets)
    assert "Traceback" not in own.log.read_text()


def _refuses(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, 20).close()
    except ConnectionRefusedError:
        return True
    return False


def test_idle_connections_do_not_hold_the_end(
    gateway_database: GatewayDatabase, gateway: Gateway, tmp_path: Path
) -> None:
    """promise I3: SIGTERM with connections kept alive; a request of the last moment is answered."""
    own = start_gateway(
        gateway_database,
        os.environ["TEST_AMQP_URI"],
        os.environ["TEST_REDIS_URL"],
        tmp_path,
        backstage=gateway.backstage,
    )
    address = ("127.0.0.1", int(own.url.rpartition(":")[2]))
    request = b"HEAD /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    with ExitStack() as open_connections:
        idle = [open_connections.enter_context(socket.create_connection(address, 20)) for _ in range(8)]
        for connection in idle:
            connection.sendall(request)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        slow = [open_connections.enter_context(socket.create_connection(address, 20)) for _ in range(40)]
        own.process.send_signal(signal.SIGTERM)
        wait_until(lambda: _refuses(address), "a gateway that takes no new connection")
        idle[0].sendall(request)
        assert idle[0].recv(65536).startswith(b"HTTP/1.1 200")
        assert all(connection.recv(1) == b"" for connection in idle)
        # Who has connected and is slow to ask is waited for longer: no retry is owed to a first request.
        slow[-1].settimeout(1)
        with pytest.raises(TimeoutError):
            slow[-1].recv(1)
        for connection in slow:
            connection.sendall(request)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        assert own.process.wait(ENDS_SECONDS) == 0
    assert "Traceback" not in own.log.read_text()


def test_a_worker_hears_the_signal_that_comes_before_it_can(
    gateway_database: GatewayDatabase,
    gateway: Gateway,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """promise I3: SIGTERM between a worker's fork and its handlers is not lost for the graceful time-out."""
    begun = tmp_path / "begun"
    monkeypatch.setenv("SLOW_FORK_FLAG", str(begun))
    own = launch_gateway(
        gateway_database,
        os.environ["TEST_AMQP_URI"],
        os.environ["TEST_REDIS_URL"],
        tmp_path,
        backstage=gateway.backstage,
        configuration="tests/integration/gateway/slow_fork.conf.py",
    )
    wait_until(begun.exists, "the first worker to be forked")
    own.process.send_signal(signal.SIGTERM)
    assert own.process.wait(ENDS_SECONDS) == 0
    assert "Traceback" not in own.log.read_text()

"""A connection's wait for its next request ends by the clock, and never over a request that has come."""

from collections.abc import Callable

import gevent
from gevent import socket

from services.gateway.gunicorn_worker import _Connection, _NextRequest

SECONDS = 0.02


def _received(seconds: float, meanwhile: Callable[[_NextRequest, socket.socket], None]) -> bytes:
    """What a connection reads that waits as gunicorn's worker does, or nothing when its time was up."""
    server, client = socket.socketpair()
    idle: set[_NextRequest] = set()

    def wait() -> bytes:
        with _NextRequest(seconds, idle, _Connection(server, requests=2)):
            return bytes(server.recv(100))
        return b""

    with server, client:
        waiting = gevent.spawn(wait)
        while not idle:
            gevent.sleep(0)
        meanwhile(next(iter(idle)), client)
        received: bytes = waiting.get(timeout=5)
        assert not idle
        return received


def test_a_request_that_comes_with_the_last_call_is_read() -> None:
    """promise I3: no moment lies between the look for a request and the end."""

    def end_and_send(wait: _NextRequest, client: socket.socket) -> None:
        wait.end()
        client.sendall(b"GET")

    assert _received(60, end_and_send) == b"GET"


def test_a_silent_connection_ends_in_time_and_by_the_last_call() -> None:
    assert _received(SECONDS, lambda _wait, _client: None) == b""
    assert _received(60, lambda wait, _client: wait.end()) == b""

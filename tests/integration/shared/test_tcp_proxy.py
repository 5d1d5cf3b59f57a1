"""The proxy that breaks connections in tests does what it says."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.fixtures.tcp_proxy import Slow, TcpProxy
from tests.fixtures.waiting import wait_until

SAID = b"0123456789"


@pytest.fixture
def echo() -> Iterator[socket.socket]:
    """A server that says back what it hears."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection:
            while heard := connection.recv(1024):
                connection.sendall(heard)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listener
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture
def proxy(echo: socket.socket) -> Iterator[TcpProxy]:
    with TcpProxy("127.0.0.1", lambda: int(echo.getsockname()[1])) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: TcpProxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as client:
        client.sendall(SAID)
        assert client.recv(1024) == SAID
        yield client


def test_it_passes_on_half_and_then_ends(proxy: TcpProxy, client: socket.socket) -> None:
    proxy.is_halving = True
    client.sendall(SAID)
    assert len(client.recv(1024)) < len(SAID)
    wait_until(lambda: proxy.open_connections == 0, "the connection to end")
    assert proxy.harmed >= 1


def test_it_passes_on_late(proxy: TcpProxy, client: socket.socket) -> None:
    proxy.delay_seconds = 0.2
    started = time.monotonic()
    client.sendall(SAID)
    assert client.recv(1024) == SAID
    assert time.monotonic() - started >= 0.4


@pytest.mark.parametrize("slow", [Slow(SAID[2:6], asking=0.2), Slow(SAID[2:6], answering=0.2)])
def test_it_is_slow_for_the_client_of_that_name(proxy: TcpProxy, client: socket.socket, slow: Slow) -> None:
    proxy.slow = slow
    client.sendall(b"?")
    assert client.recv(1024) == b"?"
    assert proxy.harmed == 1


def test_it_is_not_slow_for_others(proxy: TcpProxy, client: socket.socket) -> None:
    proxy.slow = Slow(b"somebody else", 60.0, 60.0)
    client.sendall(b"?")
    assert client.recv(1024) == b"?"
    assert proxy.harmed == 0


def test_half_open_the_server_hears_and_is_not_heard(proxy: TcpProxy, client: socket.socket) -> None:
    proxy.freeze_answers()
    client.sendall(SAID)
    wait_until(lambda: proxy.harmed == 1, "the answer to be held back")
    client.settimeout(0.1)
    with pytest.raises(TimeoutError):
        client.recv(1024)
    client.settimeout(10)
    proxy.thaw()
    assert client.recv(1024) == SAID


def test_it_breaks_what_is_open_and_lets_new_ones_in(proxy: TcpProxy, client: socket.socket) -> None:
    proxy.break_connections()
    assert client.recv(1024) == b""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as another:
        another.sendall(SAID)
        assert another.recv(1024) == SAID

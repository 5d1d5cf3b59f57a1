"""The generator of the bench measures what it says: waiting counts, a wrong answer is none."""

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.bench.answers import percentile
from tests.bench.wire import Asked, ask, raw_request

PAGE = Asked("page", raw_request("GET", "/"))
SERVICE_SECONDS = 0.01


@contextmanager
def _server(status: str = "200 OK", answers_of_a_connection: tuple[int, ...] = (1_000_000,)) -> Iterator[int]:
    """Answers one request at a time, each after ten milliseconds; the port.

    Closes each connection after so many answers, and the next after the next number of them.
    """
    turn, ended = threading.Lock(), threading.Event()
    numbers = itertools.cycle(answers_of_a_connection)
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    listening.settimeout(0.1)

    def serve(wire: socket.socket, number: int) -> None:
        with wire:
            while wire.recv(4096) and number:
                with turn:
                    time.sleep(SERVICE_SECONDS)
                wire.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
                number -= 1

    def accept() -> None:
        while not ended.is_set():
            with suppress(TimeoutError):
                wire, _ = listening.accept()
                threading.Thread(target=serve, args=(wire, next(numbers)), daemon=True).start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        ended.set()
        thread.join()
        listening.close()


def test_at_a_constant_rate_waiting_counts() -> None:
    """A server that takes 10 ms for each request is asked 200 times a second: the last one waits half of the
    time that all of them take, though each connection is answered within 10 ms of its turn."""
    with _server() as port:
        overloaded = ask(port, 1, lambda: PAGE, seconds=0.5, rate=200)
        at_ease = ask(port, 1, lambda: PAGE, seconds=0.5, rate=20)
    assert len(overloaded.milliseconds) == 100, "everything that was due is sent and awaited"
    assert len(at_ease.milliseconds) == 10
    assert percentile(overloaded.milliseconds, 0.99) > 400
    assert percentile(at_ease.milliseconds, 0.5) < percentile(overloaded.milliseconds, 0.5)


def test_as_fast_as_it_goes_the_server_sets_the_rate() -> None:
    with _server() as port:
        answers = ask(port, 4, lambda: PAGE, seconds=0.5)
    assert answers.rate <= 1 / SERVICE_SECONDS
    assert percentile(answers.milliseconds, 0.5) >= 3 * SERVICE_SECONDS * 1000, "three wait before each"


def test_an_answer_with_another_status_is_counted_as_wrong() -> None:
    with _server("429 Too Many Requests") as port:
        answers = ask(port, 2, lambda: PAGE, seconds=0.1)
    assert not answers.milliseconds
    assert set(answers.wrong) == {"page: 429"}


def test_a_connection_that_breaks_is_counted_and_opened_again() -> None:
    """The server closes each connection after an answer, and once before it."""
    with _server(answers_of_a_connection=(1, 0, 1)) as port:
        answers = ask(port, 1, lambda: PAGE, seconds=0.2)
    assert answers.wrong["page: ConnectionResetError"]
    assert len(answers.milliseconds) > 1

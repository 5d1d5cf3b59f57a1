"""gunicorn's gevent worker with an end that loses no request, and refusals in our form."""

import logging
import select
import signal
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Any

import gevent
from gevent.event import Event
from gevent.monkey import get_original
from gevent.server import StreamServer
from gunicorn.http import errors
from gunicorn.workers.ggevent import GeventWorker

from services.gateway import gunicorn_response
from shared import logs
from shared.ids import new_id

log = logging.getLogger(__name__)

LAST_CALL_SECONDS = 1.0
"""While stopping, a connection that was used has this long to send the request that may be on its way."""
FIRST_REQUEST_SECONDS = 5.0
"""And one that has sent nothing yet so long: who has just connected is about to ask."""
LOOK_SECONDS = 1.0
"""How soon a worker that gunicorn ends without a signal notices it."""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
"""Blocked around the fork until the worker has handlers of its own: with gunicorn's they would go to the
copy of the parent's queue, which nobody reads, and the parent would wait its whole graceful time-out."""
STATUS = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}
"""What can't be read as HTTP is a 400 but for these."""
INTERNAL = HTTPStatus.INTERNAL_SERVER_ERROR


@dataclass
class _Connection:
    """An open connection and how many requests it was asked for, the one that it waits for included."""

    client: Any
    requests: int = 0


class _NextRequest(gevent.Timeout):  # type: ignore[misc]
    """How long a connection may wait for its next request; meanwhile it counts as idle."""

    def __init__(self, seconds: float, idle: "set[_NextRequest]", connection: _Connection) -> None:
        super().__init__(seconds, False)
        self._idle = idle
        self._client = connection.client
        self._greenlet = gevent.getcurrent()
        self._last_call: Any = None
        self.is_first = connection.requests == 1

    def __enter__(self) -> Any:
        self._idle.add(self)
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self._idle.discard(self)
        if self._last_call is not None:
            self._last_call.stop()
        ends_here: bool | None = super().__exit__(kind, error, trace)
        return ends_here

    def end(self) -> None:
        """Let the time be up now, unless a request has come that was not read yet."""
        self._last_call = gevent.get_hub().loop.run_callback(self._end_if_silent)

    def _end_if_silent(self) -> None:
        if not _has_sent(self._client):
            self._greenlet.throw(self)


class _Named:
    """A listener that knows its address for ever: gunicorn asks it for each connection that it begins,
    also for one that was accepted just before the listener was closed."""

    def __init__(self, listener: Any) -> None:
        self._name = listener.getsockname()

    def getsockname(self) -> Any:
        return self._name


class _Server(StreamServer):  # type: ignore[misc]
    def close(self) -> None:
        """Take who has connected already: with the listening socket the kernel cuts off whom nobody took."""
        with suppress(OSError):
            while not self.closed and not self.full() and (connected := self.do_read()):
                self.do_handle(*connected)
        super().close()


class Worker(GeventWorker):  # type: ignore[misc]
    """gunicorn would accept connections for up to a second after SIGTERM, and wait until its graceful
    time-out for those that send nothing."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        gunicorn_response.install()
        self._idle: set[_NextRequest] = set()
        self._connections: dict[Any, _Connection] = {}
        self._servers: list[Any] = []
        self._stop_asked = Event()

    def init_signals(self) -> None:
        """Take over from the parent's handlers; a signal that came since the fork is delivered here."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def handle_exit(self, sig: int, frame: Any) -> None:
        super().handle_exit(sig, frame)
        self._stop_asked.set()

    def wait_for_stop(self) -> None:
        """Return as soon as a signal asks the process to stop, and soon when it stops by itself."""
        while self.alive:
            self._stop_asked.wait(LOOK_SECONDS)

    def server_class(self, listener: Any, *, spawn: Any, **_options: Any) -> Any:
        """gunicorn's way to have another server: its own, but one that we can tell to stop accepting."""
        server = _Server(listener, handle=partial(self.handle, _Named(listener)), spawn=spawn)
        server.max_accept = 1  # the other worker processes want their share
        self._servers.append(server)
        return server

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve a connection until it closes."""
        greenlet = gevent.getcurrent()
        self._connections[greenlet] = _Connection(client)
        try:
            super().handle(listener, client, addr)
        finally:
            del self._connections[greenlet]

    def timeout_ctx(self) -> _NextRequest:
        """Around the wait for the next request of this greenlet's connection."""
        connection = self._connections[gevent.getcurrent()]
        connection.requests += 1
        last = FIRST_REQUEST_SECONDS if connection.requests == 1 else LAST_CALL_SECONDS
        return _NextRequest(self.cfg.keepalive if self.alive else last, self._idle, connection)

    def stop_accepting(self) -> None:
        """Leave new connections to whoever else has the listening socket."""
        for server in self._servers:
            server.close()

    def close_idle(self) -> None:
        """After the last call, end the connections that wait for a request."""
        gevent.sleep(LAST_CALL_SECONDS)
        for waiting in [waiting for waiting in self._idle if not waiting.is_first]:
            waiting.end()
        gevent.sleep(FIRST_REQUEST_SECONDS - LAST_CALL_SECONDS)
        for waiting in list(self._idle):
            waiting.end()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Refuse what can't be read. gunicorn would log address and bytes, and answer with a page."""
        # gunicorn loads this file before it forks and patches: what has locks or metrics must come later.
        from services.gateway import problems, request_span

        status = INTERNAL
        if isinstance(exc, errors.ParseException):
            status = STATUS.get(type(exc), HTTPStatus.BAD_REQUEST)
        with request_span.without_request(status):
            if status is INTERNAL:
                log.error("connection_failed", exc_info=exc)
            else:
                logs.event(log, logging.INFO, "request_unreadable", error=type(exc).__name__)
            body = problems.body_of_status(status)
        head = (
            f"HTTP/1.1 {int(status)} {status.phrase}\r\n"
            f"Content-Type: {problems.CONTENT_TYPE}\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"X-Request-Id: {new_id()}\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Cache-Control: no-store\r\n"
            "Connection: close\r\n\r\n"
        )
        with suppress(OSError):
            client.sendall(head.encode() + body)


def _has_sent(client: Any) -> bool:
    """Whether bytes of the connection wait to be read; asks the kernel and lets no other greenlet run."""
    poll = get_original("select", "poll")()
    poll.register(client.fileno(), select.POLLIN)
    return bool(poll.poll(0))

"""gunicorn's gevent worker with an end that waits for no idle connection, and refusals in our form."""

import logging
from contextlib import suppress
from http import HTTPStatus
from types import TracebackType
from typing import Any

import gevent
from gunicorn.http import errors
from gunicorn.workers.ggevent import GeventWorker

from shared import logs
from shared.ids import new_id

log = logging.getLogger(__name__)

LAST_CALL_SECONDS = 1.0
"""While stopping, a connection has this long to send the request that may be on its way."""
STATUS = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}
"""What can't be read as HTTP is a 400 but for these."""


class _NextRequest(gevent.Timeout):  # type: ignore[misc]
    """How long a connection may wait for its next request; meanwhile it counts as idle."""

    def __init__(self, seconds: float, idle: "set[_NextRequest]") -> None:
        super().__init__(seconds, False)
        self._idle = idle
        self._greenlet = gevent.getcurrent()
        self._last_call: Any = None

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
        """Let the time be up now."""
        self._last_call = gevent.get_hub().loop.run_callback(self._greenlet.throw, self)


class Worker(GeventWorker):  # type: ignore[misc]
    """gunicorn would wait until its graceful time-out for connections that send nothing."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._idle: set[_NextRequest] = set()

    def timeout_ctx(self) -> _NextRequest:
        """Around the wait for the next request of this greenlet's connection."""
        return _NextRequest(self.cfg.keepalive if self.alive else LAST_CALL_SECONDS, self._idle)

    def close_idle(self) -> None:
        """After the last call, end the connections that wait for a request."""
        gevent.sleep(LAST_CALL_SECONDS)
        for waiting in list(self._idle):
            waiting.end()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Refuse what can't be read. gunicorn would log address and bytes, and answer with a page."""
        # gunicorn loads this file before it forks and patches: what has locks or metrics must come later.
        from services.gateway import problems

        if isinstance(exc, errors.ParseException):
            status = STATUS.get(type(exc), HTTPStatus.BAD_REQUEST)
            logs.event(log, logging.INFO, "request_unreadable", error=type(exc).__name__)
        else:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            log.error("connection_failed", exc_info=exc)
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

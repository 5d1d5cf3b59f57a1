"""Keeps the RPC client connected and pairs each request with its answer."""

import itertools
import logging
import threading
from collections.abc import Mapping

from shared import clock, logs
from shared.errors import unavailable
from shared.messages.broker import BrokerUnavailableError, wait_before_attempt
from shared.messages.rpc_link import Request, RpcLink
from shared.telemetry import metrics

log = logging.getLogger(__name__)

FIRST_CONNECT_SECONDS = 2.0
"""A process that just started gives its first calls this long to find a connection."""
STOP_SECONDS = 5.0
RETRY_AFTER_SECONDS = 1


class LinkLostError(Exception):
    """The connection broke while the request was under way: it may have been done."""


class NoAnswerError(Exception):
    """The deadline passed; the request may have been done, or be done still."""


class _Pending:
    """A request that waits: the answer's body, or why there is none."""

    __slots__ = ("body", "done", "failure", "link")

    def __init__(self, link: RpcLink) -> None:
        self.link = link
        self.done = threading.Event()
        self.body: str | bytes = b""
        self.failure: Exception | None = None

    def fail(self, failure: Exception) -> None:
        self.failure = failure
        self.done.set()


class RpcTransport:
    """One thread that connects, hands out answers, and connects again with a growing wait."""

    def __init__(self, amqp_uri: str, name: str) -> None:
        self._amqp_uri = amqp_uri
        self._name = name
        self._pending: dict[str, _Pending] = {}
        self._numbers = itertools.count()
        self._link: RpcLink | None = None
        self._link_up = threading.Event()
        self._tried = threading.Event()
        self._stopping = threading.Event()
        self._start_lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Connect in the background; harmless when it runs already."""
        with self._start_lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="rpc-client", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Disconnect; requests under way fail as if the broker were lost."""
        self._stopping.set()
        if self._link is not None:
            self._link.break_off()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    @property
    def is_connected(self) -> bool:
        return self._link is not None

    def wait_for_link(self, seconds: float) -> None:
        """Wait for a connection that was just lost to be replaced, or for the time to pass."""
        self._link_up.wait(max(0.0, seconds))

    def link(self, deadline: float) -> RpcLink:
        """The connection of this moment. Raises `unavailable` at once when there is none.

        Only the first calls of a process wait for it, FIRST_CONNECT_SECONDS at most.
        """
        if self._thread is None:
            self.start()
        if not self._tried.is_set():
            self._tried.wait(max(0.0, min(FIRST_CONNECT_SECONDS, deadline - clock.monotonic())))
        link = self._link
        if link is None:
            raise unavailable(reason="broker_lost", retry_after=RETRY_AFTER_SECONDS)
        return link

    def exchange(
        self, link: RpcLink, routing_key: str, body: bytes, headers: Mapping[str, str], deadline: float
    ) -> str | bytes:
        """Send and wait for the answer's body, until `deadline` on the monotonic clock.

        Raises NotSentError, LinkLostError, NoAnswerError, and `unavailable` when no queue takes
        the request.
        """
        remaining = deadline - clock.monotonic()
        correlation_id = f"{link.reply_to}-{next(self._numbers)}"
        request = Request(routing_key, body, correlation_id, headers, max(1, int(remaining * 1000)))
        pending = self._pending[correlation_id] = _Pending(link)
        try:
            link.send(request, remaining)
            if not pending.done.wait(deadline - clock.monotonic()):
                raise NoAnswerError(routing_key)
        finally:
            self._pending.pop(correlation_id, None)
        if pending.failure is not None:
            raise pending.failure
        return pending.body

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                link = RpcLink(self._amqp_uri, self._name, self._on_answer, self._on_return)
            except Exception as error:
                failures += 1
                self._tried.set()
                logs.event(
                    log, logging.WARNING, "rpc_connect_failed", error=type(error).__name__, failures=failures
                )
                if not isinstance(error, BrokerUnavailableError):
                    log.exception("rpc_client_failed")
                self._stopping.wait(wait_before_attempt(failures))
            else:
                failures = 0
                self._serve(link)

    def _serve(self, link: RpcLink) -> None:
        watcher = threading.Thread(target=link.watch_sender, name="rpc-sender", daemon=True)
        watcher.start()
        self._link = link
        self._tried.set()
        self._link_up.set()
        metrics.rpc_link_up.set(1)
        try:
            link.receive()
        except Exception:
            log.exception("rpc_client_failed")
        self._link = None
        self._link_up.clear()
        metrics.rpc_link_up.set(0)
        link.break_off()
        self._fail_pending(link)
        watcher.join()
        link.close()

    def _fail_pending(self, link: RpcLink) -> None:
        lost = [pending for pending in list(self._pending.values()) if pending.link is link]
        if not self._stopping.is_set():
            logs.event(log, logging.WARNING, "rpc_link_lost", calls_in_flight=len(lost))
        for pending in lost:
            pending.fail(LinkLostError())

    def _on_answer(self, correlation_id: str, body: str | bytes) -> None:
        pending = self._pending.get(correlation_id)
        if pending is not None:
            pending.body = body
            pending.done.set()

    def _on_return(self, correlation_id: str) -> None:
        pending = self._pending.get(correlation_id)
        if pending is not None:
            pending.fail(unavailable(reason="no_such_service", retry_after=RETRY_AFTER_SECONDS))

"""Sends committed events from the outbox to the broker, at least once, by one process at a time."""

import logging
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass

import psycopg2

from shared import clock, logs
from shared.fault_points import doing, fault_point
from shared.messages import event_spans
from shared.messages.broker import BrokerUnavailableError, wait_before_attempt
from shared.messages.outbox_store import OutboxRow, OutboxStore
from shared.messages.publisher import ConfirmingPublisher, Outgoing, can_be_sent
from shared.messages.readiness import wait_readable
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

log = logging.getLogger(__name__)

BEFORE_SENDING, CONFIRMED = "before sending", "confirmed, not deleted"
"""Fault points: events are taken from the outbox; the broker has them and so has the outbox."""

BROKER, DATABASE, BUG = "broker", "database", "bug"
begin_at_zero(metrics.outbox_failures, reason=(BROKER, DATABASE, BUG))


@dataclass(frozen=True)
class RelayLimits:
    """The relay's measures; the defaults are the platform's, tests use shorter ones."""

    batch: int = 200
    look_seconds: float = 2.0
    """Looks this often even when nobody woke it: a wake-up may be lost, a row never."""
    notify_seconds: float = 0.005
    """At most one NOTIFY in this time: it takes a lock of the whole server when it commits."""
    stop_seconds: float = 10.0


class Relay:
    """One thread with a session of its own and a broker connection of its own.

    `database_url` must keep a session (no transaction pooling), `exchange` is `<service>.events`,
    `holder` names this process among those of the service. Runs green in processes that are
    patched by eventlet or gevent before it is imported.
    """

    def __init__(
        self,
        database_url: str,
        amqp_uri: str,
        exchange: str,
        holder: str,
        limits: RelayLimits | None = None,
    ) -> None:
        self._exchange = exchange
        self._limits = limits or RelayLimits()
        self._store = OutboxStore(database_url, holder)
        self._publisher = ConfirmingPublisher(amqp_uri, f"relay {holder}", (exchange,))
        self._bell = _Bell()
        self._is_holder = False
        self._stopping = threading.Event()
        self._failures = 0
        self._rows: list[OutboxRow] = []
        self._unsendable: set[str] = set()
        self._notified_at = 0.0
        self._thread = threading.Thread(target=self._run, name="outbox-relay", daemon=True)

    def start(self) -> None:
        """Start sending; connections are opened in the thread and again whenever they are lost."""
        self._thread.start()

    def wake(self) -> None:
        """Say that this process has committed events; never blocks, for `Database.after_commit`."""
        self._bell.ring()

    def stop(self, seconds: float | None = None) -> bool:
        """Send what is there, give the lease back, end. False when that took too long.

        What could not be sent stays in the outbox for the next process.
        """
        self._stopping.set()
        self._bell.ring()
        if self._thread.ident is None:
            self._bell.close()
        else:
            self._thread.join(self._limits.stop_seconds if seconds is None else seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._serve()
            except Exception as error:  # noqa: BLE001 - the thread outlives whatever goes wrong in it
                self._recover(error)
        with suppress(psycopg2.Error, BrokerUnavailableError, AttributeError):
            self._send_batch()
            self._store.release()
        self._close()
        self._bell.close()

    def _serve(self) -> None:
        self._store.open()
        while not self._stopping.is_set():
            sent_full_batch = self._send_batch()
            self._failures = 0
            if not sent_full_batch:
                self._wait()

    def _send_batch(self) -> bool:
        """Whether there was a full batch, so that more is waiting."""
        taken = self._store.take(self._limits.batch + len(self._unsendable))
        self._is_holder = taken is not None
        metrics.outbox_age_seconds.set(max((row.age_seconds for row in taken or ()), default=0.0))
        self._rows = rows = [row for row in taken or () if row.id not in self._unsendable]
        if not rows:
            return False
        with doing(*(f"relay {name}" for name in {row.event for row in rows})):
            fault_point(BEFORE_SENDING)
            with event_spans.publishing(self._exchange, [row.trace for row in rows]):
                confirmed = self._publisher.publish([self._outgoing(row) for row in rows])
            fault_point(CONFIRMED)
            if len(confirmed) < len(rows):
                logs.event(log, logging.WARNING, "events_refused", count=len(rows) - len(confirmed))
            self._forget_sent(confirmed)
        if not confirmed:
            raise BrokerUnavailableError("the broker refused a whole batch")
        return len(rows) >= self._limits.batch

    def _forget_sent(self, confirmed: set[str]) -> None:
        self._store.delete(confirmed)
        metrics.outbox_published.inc(len(confirmed))

    def _outgoing(self, row: OutboxRow) -> Outgoing:
        return Outgoing(
            exchange=self._exchange,
            routing_key=row.routing_key,
            body=row.body,
            message_id=row.id,
            headers=row.trace,
        )

    def _wait(self) -> None:
        is_notified = self._store.is_notified()
        readable = wait_readable([self._store, self._bell], 0 if is_notified else self._limits.look_seconds)
        if is_notified or self._store in readable:
            self._store.read_notifications()
        if self._bell in readable:
            self._bell.silence()
            if not self._is_holder:
                self._notify_holder()
        self._publisher.keep_alive()

    def _notify_holder(self) -> None:
        pause = self._notified_at + self._limits.notify_seconds - clock.monotonic()
        if pause > 0 and not self._stopping.wait(pause):
            self._bell.silence()
        self._store.notify()
        self._notified_at = clock.monotonic()

    def _recover(self, error: Exception) -> None:
        """Let another process take over, then wait: longer after each failure, never quite alike."""
        reason = BROKER if isinstance(error, BrokerUnavailableError) else DATABASE
        if not isinstance(error, BrokerUnavailableError | psycopg2.Error):
            reason = BUG
        metrics.outbox_failures.labels(reason=reason).inc()
        logs.event(log, logging.WARNING, "relay_interrupted", reason=reason, error=type(error).__name__)
        if reason == BUG:
            log.error("relay_failed", exc_info=error)
            self._set_unsendable_aside()
        with suppress(psycopg2.Error, AttributeError):
            self._store.release()
        self._close()
        self._failures += 1
        self._stopping.wait(wait_before_attempt(self._failures))

    def _set_unsendable_aside(self) -> None:
        """One row that can't be written in AMQP must not hold up all others. It stays in the outbox,
        where the age of the oldest event shows it, and is tried again by the next process."""
        for row in self._rows:
            if not can_be_sent(self._outgoing(row)):
                self._unsendable.add(row.id)
                logs.event(log, logging.ERROR, "event_not_sendable", event_id=row.id)

    def _close(self) -> None:
        self._is_holder = False
        self._store.close()
        self._publisher.close()


class _Bell:
    """Wakes a thread that waits in select: a socket pair with at most one byte in it."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._rung = False

    def ring(self) -> None:
        if not self._rung:
            self._rung = True
            with suppress(OSError):
                self._writer.send(b"!")

    def silence(self) -> None:
        self._rung = False
        with suppress(BlockingIOError):
            self._reader.recv(64)

    def fileno(self) -> int:
        return self._reader.fileno()

    def close(self) -> None:
        self._reader.close()
        self._writer.close()

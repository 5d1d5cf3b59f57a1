"""A consumer's connection to the broker: it comes back by itself and never ends the process."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from kombu.connection import Connection
from nameko.amqp.consume import Consumer

from shared import logs
from shared.messages.broker import read_ahead

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
"""How soon the loop notices a stop; also how often it looks at its heartbeats."""
RECONNECT_FIRST_SECONDS = 0.2
RECONNECT_STEP_SECONDS = 0.4
RECONNECT_MAX_SECONDS = 2.0
"""Short, because everything waits for this connection once the broker is back."""
PAUSE_AFTER_LOSS_SECONDS = 0.5
"""A broker that accepts connections and refuses the rest must not keep us spinning."""
LOG_EVERY_FAILURES = 60

Prepare = Callable[[Connection], None]


class LastingConsumer(Consumer):  # type: ignore[misc]
    """nameko's consumer with a loop that outlives whatever goes wrong in it.

    nameko's own ends its container when anything but a connection error leaves the loop, and waits
    up to half a minute before it looks whether the broker is back.
    """

    def __init__(self, amqp_uri: str, *, heartbeat: int, prepare: Prepare | None) -> None:
        """`prepare` declares, on every new connection, what will be consumed."""
        super().__init__(amqp_uri, heartbeat=heartbeat, accept=["json"])
        self._prepare = prepare
        self._failures = 0
        self.connected = False

    def consume_until_stopped(self) -> None:
        """Connect, consume, and again after every loss, until `should_stop`."""
        while not self.should_stop:
            try:
                for _ in self.consume(limit=None):
                    pass
            except Exception as error:  # noqa: BLE001 - whatever it is, the process must go on
                self._lost(error)
        self.connected = False

    def consume(
        self,
        limit: int | None = None,
        timeout: float | None = None,
        safety_interval: float = POLL_SECONDS,
        **kwargs: Any,
    ) -> Iterator[None]:
        messages: Iterator[None] = super().consume(limit, timeout, safety_interval, **kwargs)
        return messages

    @contextmanager
    def establish_connection(self) -> Iterator[Connection]:
        with self.create_connection() as connection:
            connection.ensure_connection(
                self.on_connection_error,
                None,
                RECONNECT_FIRST_SECONDS,
                RECONNECT_STEP_SECONDS,
                RECONNECT_MAX_SECONDS,
            )
            # Taken now: later kombu would answer with a new one.
            opened = connection.connection
            read_ahead(opened)
            try:
                if self._prepare is not None:
                    self._prepare(connection)
                yield connection
            except Exception:
                # A polite end would wait for an answer, for ever when the broker is frozen.
                with suppress(Exception):
                    opened.collect()
                raise

    def on_connection_error(self, exc: Exception, interval: float) -> None:
        """Called after each attempt that failed; raising ends the attempts."""
        self._count(type(exc).__name__)

    def on_consume_ready(self, connection: Any, channel: Any, consumers: Any, **kwargs: Any) -> None:
        logs.event(log, logging.INFO, "broker_connected", failures=self._failures)
        self._failures = 0
        self.connected = True
        super().on_consume_ready(connection, channel, consumers, **kwargs)

    def _lost(self, error: Exception) -> None:
        if self.connected:
            self.connected = False
            logs.event(log, logging.WARNING, "broker_lost", error=type(error).__name__)
        else:
            self._count(type(error).__name__)
        if not self.should_stop:
            time.sleep(PAUSE_AFTER_LOSS_SECONDS)

    def _count(self, error: str) -> None:
        """A long outage takes a bounded number of log lines."""
        self._failures += 1
        if self._failures % LOG_EVERY_FAILURES == 1:
            logs.event(log, logging.WARNING, "broker_unreachable", error=error, failures=self._failures)

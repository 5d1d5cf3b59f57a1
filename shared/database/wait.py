"""psycopg2 that gives way to other greenlets while it waits for PostgreSQL."""

from collections.abc import Callable
from typing import Any, Protocol

import psycopg2
from psycopg2 import extensions

MAX_WAIT_SECONDS = 15.0
"""No statement of a service lasts as long (STATEMENT_TIMEOUT_SECONDS): the server is frozen or gone."""


class Wait(Protocol):
    """Waits until a file can be read or written; raises when `timeout` seconds have passed."""

    def __call__(self, fileno: int, *, timeout: float) -> Any: ...


def install_wait_callback(wait_read: Wait, wait_write: Wait) -> None:
    """Make every psycopg2 connection of this process wait by the given functions.

    The gateway hands in gevent's, a worker eventlet's; this module knows neither. Call it once,
    before the first connection. A wait that takes too long closes its connection and raises
    OperationalError, which `Database.transaction` turns into `unavailable`.
    """
    extensions.set_wait_callback(_callback(wait_read, wait_write))


def _callback(wait_read: Wait, wait_write: Wait) -> Callable[[Any], None]:
    def wait(connection: Any) -> None:
        while True:
            state = connection.poll()
            if state == extensions.POLL_OK:
                return
            try:
                if state == extensions.POLL_READ:
                    wait_read(connection.fileno(), timeout=MAX_WAIT_SECONDS)
                elif state == extensions.POLL_WRITE:
                    wait_write(connection.fileno(), timeout=MAX_WAIT_SECONDS)
                else:
                    raise psycopg2.OperationalError(f"unexpected poll state {state}")
            except TimeoutError as error:
                raise psycopg2.OperationalError("the database did not answer in time") from error

    return wait

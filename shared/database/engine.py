"""The engine of a process: how it connects, how long anything may take, and how it sends statements."""

from typing import Any

import orjson
import psycopg2
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from shared.database.direct import send_directly
from shared.database.kept_plans import keep_plans
from shared.database.session import Session
from shared.telemetry.statements import trace_statements

STATEMENT_TIMEOUT_SECONDS = 5
"""No statement of a request may take as long as a question's whole deadline twice over."""
LOCK_TIMEOUT_SECONDS = 3
"""Waiting for a row longer than a question's deadline helps nobody."""
IDLE_IN_TRANSACTION_TIMEOUT_SECONDS = 15
"""A process that stops inside a transaction gives its locks back."""
POOL_WAIT_SECONDS = 2.0
"""A request that gets no connection within this time is refused as `unavailable`."""
CONNECT_TIMEOUT_SECONDS = 3
KEEPALIVE = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""A peer that vanished without a word is noticed within 20 seconds (libpq; the last in ms)."""


def connect_arguments(application_name: str) -> dict[str, Any]:
    """What psycopg2.connect gets besides the address: time-outs, keepalive, the name operators see.

    Compiling a statement (jit) costs more than any of ours takes: a list of fifty providers' months took
    313 ms with it, 40 ms without.
    """
    options = (
        f"-c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s "
        f"-c lock_timeout={LOCK_TIMEOUT_SECONDS}s "
        f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT_SECONDS}s "
        "-c timezone=UTC -c jit=off -c plan_cache_mode=force_generic_plan"
    )
    return {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "application_name": application_name,
        "options": options,
        **KEEPALIVE,
    }


def make_engine(url: str, pool_size: int, application_name: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_use_lifo=True,
        connect_args={**connect_arguments(application_name), "connection_factory": Session},
        json_deserializer=orjson.loads,
    )
    notice_dead_connections(engine)
    trace_statements(engine)
    keep_plans(engine)
    send_directly(engine)
    return engine


def notice_dead_connections(engine: Engine) -> None:
    """Let the pool open a new connection for one that the server closed meanwhile."""
    event.listen(engine, "checkout", _refuse_dead_connection)


def _refuse_dead_connection(connection: Any, record: object, proxy: object) -> None:
    """Notice a connection that the server closed while it was idle, without a round trip.

    The first poll reads the server's farewell, the second the end of the stream. On
    DisconnectionError the pool opens a new one, so that a restart of PostgreSQL costs no request.
    """
    try:
        connection.poll()
        connection.poll()
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise DisconnectionError("closed by the server while idle") from error

"""A connection to RabbitMQ as all parts of the platform open it, and what can go wrong with it."""

import random
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from amqp.exceptions import AMQPError
from amqp.transport import TCPTransport
from kombu.connection import Connection
from kombu.exceptions import KombuError

CONNECT_TIMEOUT_SECONDS = 3
CLOSE_TIMEOUT_SECONDS = 1
HEARTBEAT_SECONDS = 10
"""A broker that is silent for twice as long is taken for gone."""
READ_BYTES = 65_536
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 3.0

BROKER_ERRORS: tuple[type[Exception], ...] = (AMQPError, KombuError, OSError)
"""What py-amqp and kombu raise when connection or channel are gone; time-outs are OSErrors too."""

LOST_ERRORS: tuple[type[Exception], ...] = (*BROKER_ERRORS, AttributeError, ValueError)
"""The same, from a connection that another thread has closed meanwhile."""


class BrokerUnavailableError(Exception):
    """The broker can't be reached, went away or did not confirm in time."""


def connect(amqp_uri: str, name: str) -> Any:
    """An open py-amqp connection; `name` is shown to operators. Raises BrokerUnavailableError.

    Several brokers may be listed in the URI, separated by semicolons. The caller drains the
    connection and calls its `heartbeat_tick` about once a second.
    """
    client: Any = Connection(
        amqp_uri,
        heartbeat=HEARTBEAT_SECONDS,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        transport_options={"client_properties": {"connection_name": name}},
    )
    try:
        client.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
    except BROKER_ERRORS as error:
        raise BrokerUnavailableError(type(error).__name__) from error
    return client.connection


def read_ahead(connection: Any) -> None:
    """Let an open connection take from its socket whatever is there: py-amqp itself asks for each frame three
    times. Only where whoever waits for the socket has first read all that has come (`drain_events`)."""
    transport = connection.transport
    if isinstance(transport, TCPTransport):
        receive = transport.sock.recv
        transport._quick_recv = lambda _wanted: receive(READ_BYTES)


def close(connection: Any) -> None:
    """Say goodbye when the broker answers soon, and close the socket in any case."""
    with suppress(*LOST_ERRORS):
        # Asked for its socket, a closed connection of py-amqp would connect again.
        if connection.connected:
            connection.sock.settimeout(CLOSE_TIMEOUT_SECONDS)
            connection.close()
    with suppress(*BROKER_ERRORS):
        connection.collect()


def wait_before_attempt(failures: int, chance: Callable[[], float] = random.random) -> float:
    """Seconds to wait after so many failures in a row: doubling, bounded, between half and whole."""
    longest = min(FIRST_WAIT_SECONDS * 2.0 ** min(failures, 16), LONGEST_WAIT_SECONDS)
    return float(longest * (0.5 + chance() / 2))


def unique_name(prefix: str) -> str:
    """`<prefix>-<32 random hex digits>`, for queues that belong to one connection."""
    return f"{prefix}-{uuid.uuid4().hex}"

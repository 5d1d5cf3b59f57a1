"""What extensions ask of the broker while they are set up."""

from kombu.connection import Connection
from nameko import config
from nameko.constants import AMQP_URI_CONFIG_KEY, HEARTBEAT_CONFIG_KEY, PREFETCH_COUNT_CONFIG_KEY

from shared.worker.connection import Prepare
from shared.worker.consumer import DrainingConsumer, Subscription

HEARTBEAT_SECONDS = 10
"""A frozen broker or a dead network is noticed within two of these."""
CONNECT_SECONDS = 5
STOP_SECONDS_KEY = "STOP_SECONDS"
RETRY_SECONDS_KEY = "EVENT_RETRY_SECONDS"


def declare(work: Prepare) -> None:
    """Do `work` on a connection of its own. What it raises ends the start of the process.

    nameko's consumer, left to declare its queues itself, tries a refused declaration for ever.
    """
    with Connection(config[AMQP_URI_CONFIG_KEY], connect_timeout=CONNECT_SECONDS) as connection:
        work(connection)


def uri() -> str:
    """The broker's address, with account and virtual host."""
    return str(config[AMQP_URI_CONFIG_KEY])


def consumer(subscriptions: list[Subscription], prepare: Prepare | None = None) -> DrainingConsumer:
    """A consumer with this process's settings."""
    return DrainingConsumer(
        config[AMQP_URI_CONFIG_KEY],
        subscriptions,
        heartbeat=config.get(HEARTBEAT_CONFIG_KEY, HEARTBEAT_SECONDS),
        drain_seconds=config[STOP_SECONDS_KEY],
        prepare=prepare,
    )


def prefetch() -> int:
    """Requests in hand at once: no more than can be worked on, the others stay with the broker."""
    return int(config[PREFETCH_COUNT_CONFIG_KEY])


def retry_seconds() -> tuple[int, ...]:
    """Waits before a failed event is tried again."""
    return tuple(config[RETRY_SECONDS_KEY])

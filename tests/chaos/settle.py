"""After the faults: the stack comes to rest by itself, or what did not is a violation."""

import time

import psycopg2

from deploy.local.failure import LaunchError
from deploy.local.instance import SERVICES
from shared.messages.broker import BrokerUnavailableError
from shared.messages.parked import ParkedEvents
from tests.chaos.instance import ChaosStack, connect

READY_SECONDS = 120.0
POLL_SECONDS = 1.0

WAITING = {
    "events in the outbox": ("outbox", "SELECT count(*) FROM outbox"),
    "pending bookings": ("booking", "SELECT count(*) FROM booking WHERE state = 'pending'"),
    "jobs that wait or run": (
        "payment",
        # Rounds of the reconciler come and go as long as the service runs.
        "SELECT count(*) FROM job WHERE state IN ('waiting', 'running')"
        " AND kind NOT IN ('reconcile', 'look_again', 'take_in_time')",
    ),
    "payments without an outcome": (
        "payment",
        "SELECT count(*) FROM payment WHERE state IN"
        " ('created', 'ready', 'confirming', 'action_required', 'processing', 'failed_retryable')"
        # What is held for a visit that is ahead is at rest; what is to be taken or released is not.
        " OR state = 'authorized' AND capture_cause IS NOT NULL",
    ),
    "refunds on their way": (
        "payment",
        "SELECT count(*) FROM refund WHERE status NOT IN ('succeeded', 'failed')",
    ),
}
"""What must come to nothing, where it is counted ('outbox': in every service)."""


def come_to_rest(chaos: ChaosStack, seconds: float) -> list[str]:
    """Return when nothing is on its way any more; what still is when the time is over, in words."""
    try:
        chaos.stack.wait_ready(timeout_seconds=READY_SECONDS)
    except LaunchError as error:
        return [f"not ready again: {error}"]
    end = time.monotonic() + seconds
    quiet = 0
    while True:
        left = unrest(chaos)
        quiet = 0 if left else quiet + 1
        # Twice in a row: between a queue and an outbox an event may be seen in neither.
        if quiet >= 2:
            return []
        if time.monotonic() > end:
            return left
        time.sleep(POLL_SECONDS)


def unrest(chaos: ChaosStack) -> list[str]:
    """What is on its way now, in words."""
    left = []
    for what, (place, query) in WAITING.items():
        for service in SERVICES if place == "outbox" else (place,):
            number = _number(chaos, service, query)
            if number:
                left.append(f"{service}: {number} {what}")
    try:
        undelivered = chaos.stack.undelivered_messages()
    except LaunchError as error:
        return [*left, str(error)]
    return [*left, *([f"{undelivered} messages in queues"] if undelivered else [])]


def replay_parked(chaos: ChaosStack) -> int:
    """Send every parked event back to its handler, as an operator would."""
    for attempt in range(3):
        try:
            return ParkedEvents(chaos.stack.amqp_uri).replay()
        except BrokerUnavailableError:
            if attempt == 2:
                raise
    return 0


def _number(chaos: ChaosStack, service: str, query: str) -> int:
    try:
        connection = connect(chaos.stack, service)
    except psycopg2.Error:
        return -1
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return int(cursor.fetchone()[0])
    finally:
        connection.close()

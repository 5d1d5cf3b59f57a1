"""After the faults: the stack comes to rest by itself, or what did not is a violation."""

import time
from collections.abc import Callable

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
    "pending bookings": (
        "booking",
        # Visits of a paid series are kept for days: they are at rest, also within the hour in which the
        # payment that kept them was in work.
        "SELECT count(*) FROM booking WHERE state = 'pending' AND NOT (series_id IS NOT NULL"
        " AND hold_ends_at > app_now() + interval '10 minutes')",
    ),
    "lines that are to be looked at": ("booking", "SELECT count(*) FROM waitlist_call"),
    "series half booked": ("booking", "SELECT count(*) FROM series_instance WHERE outcome = 'open'"),
    "jobs that wait or run": (
        "payment",
        # Rounds of the reconciler come and go as long as the service runs.
        "SELECT count(*) FROM job WHERE state IN ('waiting', 'running')"
        " AND kind NOT IN ('reconcile', 'look_again', 'take_in_time', 'payout_round')",
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


ASKED = """
SELECT id::text FROM booking WHERE state = 'pending' AND pending_for = 'provider'
    AND hold_ends_at > app_now() + interval '2 minutes'
"""
"""What is due sooner is left to its deadline."""

Answer = Callable[[list[str]], object]


def nobody_answers(booking_ids: list[str]) -> None:
    """Where no provider is asked first, there is nothing to answer."""


def come_to_rest(chaos: ChaosStack, seconds: float, answer: Answer = nobody_answers) -> list[str]:
    """Return when nothing is on its way any more; what still is when the time is over, in words.

    `answer` is given the visits that wait for their provider's answer: nobody else is there to give it.
    """
    try:
        chaos.stack.wait_ready(timeout_seconds=READY_SECONDS)
    except LaunchError as error:
        return [f"not ready again: {error}"]
    end = time.monotonic() + seconds
    quiet = 0
    while True:
        answer(_ids(chaos, ASKED))
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


def _ids(chaos: ChaosStack, query: str) -> list[str]:
    try:
        connection = connect(chaos.stack, "booking")
    except psycopg2.Error:
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return [row[0] for row in cursor.fetchall()]
    finally:
        connection.close()


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

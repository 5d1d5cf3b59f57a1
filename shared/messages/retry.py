"""What becomes of an event whose handler failed: later again, and after the last attempt parked."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared import clock
from shared.errors import ServiceError
from shared.messages.broker import BrokerUnavailableError
from shared.messages.publisher import ConfirmingPublisher, Outgoing
from shared.messages.topology import parked_queue, retry_queue
from shared.telemetry import metrics

ATTEMPT = "x-attempt"
"""How often the message was put into a delay queue: a counter of our own, since the broker's
`x-death` is about the copy that it moved, not about the event."""
QUEUE = "x-handler-queue"
REASON = "x-reason"
PARKED_AT = "x-parked-at"
OURS = (ATTEMPT, QUEUE, REASON, PARKED_AT)
BROKERS = ("x-death", "x-first-death", "x-last-death", "x-delivery-count", "x-acquired-count")
"""Beginnings of header names by which the broker keeps account; a copy starts without them."""


class Fate(StrEnum):
    """Where the copy of a failed message went."""

    DELAYED = "delayed"
    PARKED = "parked"


@dataclass(frozen=True)
class FailedMessage:
    """A delivered event: the handler's own queue, and body, headers and message id as they came."""

    service: str
    queue: str
    body: str | bytes
    headers: Mapping[str, Any]
    message_id: str


def put_aside(
    publisher: ConfirmingPublisher,
    message: FailedMessage,
    reason: str,
    retries: int,
    *,
    permanent: bool = False,
) -> Fate:
    """Put a copy into the next of `retries` delay queues, or park it after the last.

    `permanent`: no repeat can help, park it at once. `reason` is a code (`reason_of`), never a text
    that may quote a person. The caller acknowledges the original after this returned; it raises
    BrokerUnavailableError when no queue took the copy, and then the original must stay.
    """
    attempt = attempts_of(message.headers) + 1
    fate = Fate.PARKED if permanent or attempt > retries else Fate.DELAYED
    headers = without_accounts(message.headers) | {QUEUE: message.queue, REASON: reason}
    if fate is Fate.DELAYED:
        target = retry_queue(message.queue, attempt)
        headers[ATTEMPT] = attempt
    else:
        target = parked_queue(message.service)
        headers |= {ATTEMPT: attempt - 1, PARKED_AT: clock.to_text(clock.now())}
    publish_to_queue(publisher, target, message.body, headers, message.message_id)
    counter = metrics.events_parked if fate is Fate.PARKED else metrics.events_retried
    counter.labels(queue=message.queue).inc()
    return fate


def publish_to_queue(
    publisher: ConfirmingPublisher, queue: str, body: str | bytes, headers: Mapping[str, Any], message_id: str
) -> None:
    """Send to one queue through the default exchange. Raises BrokerUnavailableError unless it took it."""
    outgoing = Outgoing("", queue, body, message_id, headers, mandatory=True)
    if message_id not in publisher.publish([outgoing]):
        raise BrokerUnavailableError(f"queue {queue} did not take the message")


def attempts_of(headers: Mapping[str, Any]) -> int:
    """How often a message was tried again so far; 0 at its first delivery."""
    value = headers.get(ATTEMPT, 0)
    return value if isinstance(value, int) else 0


def without_accounts(headers: Mapping[str, Any]) -> dict[str, Any]:
    """The headers of the original event: trace context and what else its producer set."""
    return {
        name: value for name, value in headers.items() if name not in OURS and not name.startswith(BROKERS)
    }


def reason_of(error: BaseException) -> str:
    """A code for a failure: ours where there is one, else the exception's type."""
    return error.code if isinstance(error, ServiceError) else type(error).__name__

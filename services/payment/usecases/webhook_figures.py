"""How many webhooks of which type come, and how late they come and are worked (promise D4)."""

from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from services.payment.domain.webhook import ACCOUNT_EVENTS, PAYOUT_EVENTS, WORKED_EVENTS, WebhookEvent
from services.payment.store import webhook_events
from shared.database.transaction import when_committed
from shared.messages.jobs import Close
from shared.telemetry import metrics

PLATFORM, CONNECT = "platform", "connect"
DELIVERY, WORK = "delivery", "work"
OTHER = "other"
TYPES = WORKED_EVENTS | ACCOUNT_EVENTS | PAYOUT_EVENTS


def note_received(event: WebhookEvent, outcome: str, now: datetime) -> None:
    """Count a genuine webhook, and how long ago what it states was stated, to the second."""
    metrics.webhooks_received.labels(outcome).inc()
    kind = event.type if event.type in TYPES else OTHER
    metrics.webhooks_by_type.labels(type=kind, outcome=outcome).inc()
    _observe(event, DELIVERY, (now - event.stated_at).total_seconds())


def note_worked(event: WebhookEvent, close: Close) -> Close:
    """The same close, which also says how long the webhook has waited to be worked."""

    def noted(connection: Connection) -> None:
        close(connection)
        waited = webhook_events.waited(connection, event.event_id)
        when_committed(connection, partial(_observe, event, WORK, waited.total_seconds()))

    return noted


def _observe(event: WebhookEvent, stage: str, seconds: float) -> None:
    endpoint = PLATFORM if event.account is None else CONNECT
    metrics.webhook_delay_seconds.labels(endpoint=endpoint, stage=stage).observe(max(seconds, 0.0))

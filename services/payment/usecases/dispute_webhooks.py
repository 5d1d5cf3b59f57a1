"""Webhooks about disputes, warnings and reviews, worked by looking at the object (rules M14 and W2)."""

from datetime import timedelta

from services.payment.clients.payment_provider import ProviderError
from services.payment.domain.disputes import HoldKind
from services.payment.domain.webhook import DISPUTE_EVENTS, REVIEW_EVENTS, WebhookEvent
from services.payment.store import disputes, payments, webhook_events
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Payment
from services.payment.usecases.desk import Desk
from services.payment.usecases.disputes import look_at_dispute
from shared.database.transaction import read_app_now
from shared.errors import not_found, unavailable
from shared.messages.jobs import Close, Job

LOOK_AT_DISPUTE_JOB = "look_at_dispute"
LOOK_EVERY = timedelta(hours=6)
"""A dispute stays open for weeks, and its webhooks come; this is for those that are lost for good."""
WARNING_HOLDS = timedelta(days=30)
"""A warning is never taken back. Within this time the dispute that it warns of has come, or a person has
refunded; after it the provider is paid."""


def work_dispute_event(desk: Desk, event: WebhookEvent) -> Close:
    """Make our row say what the dispute, warning or review says now. An intent that no payment knows raises
    `not_found`, so that the job tries again later and is parked at last (rule W3)."""
    with desk.reading() as connection:
        payment = payments.by_intent(connection, event.intent_id or "")
    if payment is None or event.object_id is None:
        raise not_found()
    if event.type in DISPUTE_EVENTS:
        look_at_dispute(desk, payment, event.object_id)
    else:
        _look_at_hold(desk, payment, event)
    return lambda connection: webhook_events.mark_worked(connection, event.event_id)


def look_at_open_dispute(desk: Desk, job: Job) -> Close:
    """Look at a dispute that nobody has heard of for long. Raises `unavailable`: for the next round."""
    with desk.reading() as connection:
        dispute = disputes.by_id(connection, job.payload["dispute_id"])
        payment = payments.by_id(connection, dispute.payment_id)
    look_at_dispute(desk, payment, dispute.id)
    return lambda connection: None


def _look_at_hold(desk: Desk, payment: Payment, event: WebhookEvent) -> None:
    kind = HoldKind.REVIEW if event.type in REVIEW_EVENTS else HoldKind.EARLY_FRAUD_WARNING
    try:
        seen = desk.open_disputes().hold(kind, event.object_id or "")
    except ProviderError as error:
        raise unavailable() from error
    ends_at = None if kind is HoldKind.REVIEW else seen.opened_at + WARNING_HOLDS
    with desk.transaction() as connection:
        lock_payment(connection, payment.id)
        disputes.remember_hold(connection, payment.id, seen, ends_at, read_app_now(connection))

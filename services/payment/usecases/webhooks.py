"""Webhooks: verified, stored, answered at once; worked from the store by looking at the object (rule W12)."""

import base64
import binascii
import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.payment.clients.payment_provider import ProviderError, Reply
from services.payment.domain.capabilities import PaymentProviderName
from services.payment.domain.webhook import DISPUTE_EVENTS, REVIEW_EVENTS, WARNING_EVENTS, WebhookEvent
from services.payment.store import payments, webhook_events
from services.payment.store.locks import lock_payment_now, lock_payment_of_intent
from services.payment.store.rows import Payment
from services.payment.usecases.connect_webhooks import work_connect_event
from services.payment.usecases.converge import converge
from services.payment.usecases.desk import Desk
from services.payment.usecases.dispute_webhooks import work_dispute_event
from services.payment.usecases.settle_refunds import look_at_refunds
from services.payment.usecases.webhook_figures import note_received, note_worked
from shared.contracts.payment import signature_invalid
from shared.database.transaction import read_app_now
from shared.errors import ServiceError, not_found, unavailable
from shared.messages.jobs import Close, Job
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

log = logging.getLogger(__name__)

WORK_JOB = "work_webhook"
REFUSED, DUPLICATE, STORED, KEPT = OUTCOMES = ("refused", "duplicate", "stored", "kept")
begin_at_zero(metrics.webhooks_received, outcome=OUTCOMES)


def receive_webhook(
    desk: Desk,
    body_base64: str,
    signature: str,
    *,
    of_accounts: bool = False,
    payment_provider: str = PaymentProviderName.STRIPE,
) -> dict[str, Any]:
    """Store a webhook that is genuine, with the job that works it, in one transaction.

    `of_accounts`: it came to the endpoint for providers' accounts, which has secrets of its own.

    Raises `signature_invalid`, `payments_not_configured`, and `unavailable` when it was not stored.
    """
    name = PaymentProviderName(payment_provider)
    desk.open_provider(name)
    read = desk.read_account_webhook if of_accounts else desk.read_webhook
    if name is not PaymentProviderName.STRIPE:
        read = desk.other_readers[name]
    try:
        event = read(base64.b64decode(body_base64, validate=True), signature)
    except (binascii.Error, ServiceError):
        metrics.webhooks_received.labels(REFUSED).inc()
        raise signature_invalid() from None
    with desk.transaction() as connection:
        stored_at = store(connection, event)
        now = stored_at or read_app_now(connection)
    note_received(event, _outcome(event, is_new=stored_at is not None), now)
    return {"duplicate": stored_at is None}


def work_webhook(desk: Desk, job: Job) -> Close:
    """Retrieve what the webhook speaks of and converge; its payload is never believed (rule W2).

    An intent that no payment knows raises `not_found`, so that the job tries again later and is
    parked at last, never forgotten (rule W3).
    """
    with desk.reading() as connection:
        event = webhook_events.by_id(connection, job.payload["event_id"])
    close = _look(desk, event)
    return note_worked(event, close)


def _look(desk: Desk, event: WebhookEvent) -> Close:
    if event.account is not None:
        return work_connect_event(desk, event)
    if event.type in DISPUTE_EVENTS | WARNING_EVENTS | REVIEW_EVENTS:
        return work_dispute_event(desk, event)
    if event.is_about_refunds:
        return _work_refunds(desk, event)
    reply = _retrieve(desk, event)

    def close(connection: Connection) -> None:
        payment, now = _locked(connection, reply)
        converge(connection, payment, reply.observation, now, desk.operator_zone)
        webhook_events.mark_worked(connection, event.event_id)

    return close


def _work_refunds(desk: Desk, event: WebhookEvent) -> Close:
    """Refunds are looked at by their intent; each of ours is applied (rule W2)."""
    with desk.reading() as connection:
        payment = payments.by_intent(connection, event.intent_id or "")
    if payment is None:
        raise not_found()
    look_at_refunds(desk, payment)
    return lambda connection: webhook_events.mark_worked(connection, event.event_id)


def store(connection: Connection, event: WebhookEvent) -> datetime | None:
    """Keep an event with the job that works it; since when, None when it is here already (rule W1)."""
    if event.is_worked:
        return webhook_events.keep_with_job(connection, event, WORK_JOB)
    return webhook_events.keep(connection, event)


def _outcome(event: WebhookEvent, *, is_new: bool) -> str:
    if not is_new:
        return DUPLICATE
    return STORED if event.is_worked else KEPT


def _retrieve(desk: Desk, event: WebhookEvent) -> Reply:
    if event.intent_id is None:
        raise not_found()
    try:
        return desk.open_provider(event.payment_provider).retrieve(event.intent_id)
    except ProviderError as error:
        raise unavailable() from error


def _locked(connection: Connection, reply: Reply) -> tuple[Payment, datetime]:
    """By the intent, or by the payment's id in it: a webhook may be faster than our own commit."""
    found = lock_payment_of_intent(connection, reply.observation.intent_id)
    if found is not None:
        return found
    if reply.observation.payment_id is None:
        raise not_found()
    return lock_payment_now(connection, reply.observation.payment_id)

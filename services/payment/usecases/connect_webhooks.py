"""Webhooks about providers' accounts and payouts, worked by looking at the object (rules W2 and W11)."""

import logging

from sqlalchemy import Connection

from services.payment.clients.payment_provider import ProviderError
from services.payment.domain.payouts import PayoutObservation
from services.payment.domain.webhook import DEAUTHORIZED, PAYOUT_EVENTS, WebhookEvent
from services.payment.store import accounts, payouts, webhook_events
from services.payment.usecases.desk import Desk
from services.payment.usecases.payout_accounts import apply_account, close_account
from services.payment.usecases.settle_payouts import apply_payout
from shared import logs
from shared.database.transaction import read_app_now
from shared.errors import not_found, unavailable
from shared.messages.jobs import Close

log = logging.getLogger(__name__)


def work_connect_event(desk: Desk, event: WebhookEvent) -> Close:
    """Make our row say what the account or payout says now. An account that nobody knows raises
    `not_found`, so that the job tries again later and is parked at last (rule W3)."""
    if event.type in PAYOUT_EVENTS:
        _look_at_payout(desk, event)
    else:
        _look_at_account(desk, event)
    return lambda connection: webhook_events.mark_worked(connection, event.event_id)


def _look_at_account(desk: Desk, event: WebhookEvent) -> None:
    account_id = event.account or ""
    with desk.transaction() as connection:
        known = accounts.of_account(connection, account_id)
    if known is None:
        raise not_found()
    if event.type == DEAUTHORIZED:
        with desk.transaction() as connection:
            close_account(connection, known.provider_id)
        return
    try:
        seen = desk.open_connect().account(account_id)
    except ProviderError as error:
        raise unavailable() from error
    with desk.transaction() as connection:
        apply_account(connection, known.provider_id, seen)


def _look_at_payout(desk: Desk, event: WebhookEvent) -> None:
    """One that we did not make is logged: its account's owner, or Stripe by hand, did."""
    try:
        seen = desk.open_connect().payout(event.account or "", event.object_id or "")
    except ProviderError as error:
        raise unavailable() from error
    with desk.transaction() as connection:
        payout_id = _ours(connection, seen)
        if payout_id is None:
            logs.event(log, logging.WARNING, "payout_not_ours", payout=seen.provider_payout_id)
            return
        apply_payout(connection, payout_id, seen, read_app_now(connection))


def _ours(connection: Connection, seen: PayoutObservation) -> str | None:
    """By its id, or by ours in it: a webhook may be faster than our own commit."""
    known = payouts.by_reference(connection, seen.provider_payout_id)
    return seen.our_id if known is None else known.id

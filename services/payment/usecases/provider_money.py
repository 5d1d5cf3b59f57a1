"""The provider's part of a payment: on which account it stands, and when it may be paid out (rule M21)."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.payment.domain import share_postings
from services.payment.domain.chart_of_accounts import PROVIDER_DUE, PROVIDER_PAYABLE, of_provider
from services.payment.domain.shares import ACCOUNTS, ProviderShare, ShareState
from services.payment.domain.states import CAPTURED
from services.payment.store import ledger, shares
from services.payment.store.completions import BookingEnd
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Payment
from services.payment.usecases.desk import Desk
from shared import logs
from shared.database.transaction import read_app_now
from shared.money import Money
from shared.telemetry.timed_work import work_found

log = logging.getLogger(__name__)

MOST_RELEASED = 100
"""Of one look; each is a short transaction of its own."""


def account_of_share(connection: Connection, payment: Payment) -> str:
    """The provider's account that what goes back of a locked payment is taken from, or given to.

    `provider_payable` until the share is released, `provider_due` until it is in a payout, then
    `provider_receivable`, which later payouts keep (rule M13).
    """
    share = shares.of_payment(connection, payment.id)
    name = PROVIDER_PAYABLE if share is None else ACCOUNTS[share.state]
    return of_provider(name, payment.provider_id)


def note_share(connection: Connection, payment: Payment, end: BookingEnd, now: datetime) -> None:
    """Write when the share of this locked payment may be released, once money was taken and its booking
    is over.

    Called from both sides, so the order of 'captured' and 'completed' does not matter. What a late
    cancellation leaves to the provider waits just as long.
    """
    if payment.state not in CAPTURED or end.over_at is None:
        return
    new = ProviderShare(
        payment_id=payment.id,
        provider_id=payment.provider_id,
        currency=payment.currency,
        state=ShareState.WAITING,
        over_at=end.over_at,
        released_amount=None,
        is_due=False,
    )
    shares.add(connection, new, now)


def keep_due(connection: Connection, payment: Payment, now: datetime) -> None:
    """A released share of this locked payment is found by payouts exactly while something of it is due,
    whatever has moved that."""
    share = shares.of_payment(connection, payment.id)
    if share is None or share.state is not ShareState.RELEASED:
        return
    due = ledger.balances_of_payment(connection, payment.id).get(
        of_provider(PROVIDER_DUE, payment.provider_id), 0
    )
    is_due = due != 0 and payment.can.shares_are_moved_by_the_provider
    if is_due is not share.is_due:
        shares.change(connection, payment.id, {"is_due": is_due}, now)


def release_shares(desk: Desk) -> int:
    """Release what has waited long enough and is not frozen; returns how many shares."""
    with desk.transaction() as connection:
        before = read_app_now(connection) - timedelta(seconds=desk.payout_wait_seconds)
        found = shares.to_release(connection, before, MOST_RELEASED)
    return sum(_release(desk, payment_id) for payment_id in found)


def _release(desk: Desk, payment_id: str) -> bool:
    with work_found(), desk.transaction() as connection:
        payment = lock_payment(connection, payment_id)
        share = shares.of_payment(connection, payment_id)
        if share is None or share.state is not ShareState.WAITING or shares.is_frozen(connection, payment_id):
            return False
        now = read_app_now(connection)
        balances = ledger.balances_of_payment(connection, payment_id)
        amount = -balances.get(of_provider(PROVIDER_PAYABLE, payment.provider_id), 0)
        posting = share_postings.share_released(Money(amount, payment.currency), payment.provider_id)
        ledger.post(connection, payment, posting, now)
        is_due = amount != 0 and payment.can.shares_are_moved_by_the_provider
        values = {"state": ShareState.RELEASED, "released_amount": amount, "is_due": is_due}
        shares.change(connection, payment_id, values, now)
    logs.event(log, logging.INFO, "share_released", payment_id=payment_id)
    return True

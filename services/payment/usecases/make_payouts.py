"""Pays out what is due, by provider and currency: written down first, then sent (rules M4, M13 and M21)."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from services.payment.clients.payment_provider import ProviderError
from services.payment.clients.standin_capabilities import standin_account
from services.payment.domain import payout_postings
from services.payment.domain.charge_limits import provider_amount
from services.payment.domain.payouts import ACCEPTED, PayoutPlan, PayoutState, plan_payout
from services.payment.domain.shares import ShareState
from services.payment.settings import Mode
from services.payment.store import accounts, ledger, payouts, shares
from services.payment.store.locks import lock_payments, lock_provider
from services.payment.store.rows import Payment, Payout
from services.payment.usecases.desk import Desk
from services.payment.usecases.send_payouts import send_payout
from shared import logs
from shared.database.transaction import read_app_now
from shared.errors import unavailable
from shared.ids import new_id
from shared.messages import jobs
from shared.messages.jobs import Close, Job
from shared.money import Money
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

log = logging.getLogger(__name__)

ROUND_JOB = "payout_round"
PAYOUT_JOB = "make_payout"
MOST_PAYMENTS = 500
"""In one payout: all of them are locked while what came of it is posted. The rest is for the next."""
NO_ACCOUNT, NOTHING_LEFT, BALANCE = HELD = ("no_account", "nothing_left", "balance")
begin_at_zero(metrics.payouts_held, reason=HELD)
begin_at_zero(metrics.payouts_moved, status=(s for s in PayoutState if s is not PayoutState.CREATED))


class PayoutRounds:
    """Begins a round of payouts with every period, once over all processes."""

    def __init__(self, desk: Desk, period_seconds: int, now: Callable[[], datetime]) -> None:
        self._desk = desk
        self._period_seconds = period_seconds
        self._now = now
        self._begun: int | None = None

    def begin_when_due(self) -> None:
        """Write the job of the period's round, unless some process has; nothing when payments are off."""
        if self._desk.provider is None:
            return
        period = int(self._now().timestamp()) // self._period_seconds
        if period == self._begun:
            return
        with self._desk.transaction() as connection:
            jobs.enqueue(connection, ROUND_JOB, str(period), {}, read_app_now(connection))
        self._begun = period


def begin_payouts(desk: Desk, job: Job) -> Close:
    """A job for each provider and currency with something to be paid out."""
    with desk.transaction() as connection:
        found = payouts.whose_money_is_due(connection)

    def close(connection: Connection) -> None:
        now = read_app_now(connection)
        for provider_id, currency in found:
            payload = {"provider_id": provider_id, "currency": currency}
            jobs.enqueue(connection, PAYOUT_JOB, f"{provider_id}:{currency}:{job.key}", payload, now)

    return close


def make_payout(desk: Desk, job: Job) -> Close:
    """Pay out what is due now; a repeat goes on with the payout that was begun.

    Whoever can't be paid now is for the next round: the money waits in the ledger (rule M21).
    """
    provider_id, currency = job.payload["provider_id"], job.payload["currency"]
    with desk.transaction() as connection:
        payout = payouts.created(connection, provider_id, currency)
    if payout is None:
        payout = _write(desk, provider_id, currency)
    if payout is None:
        return _nothing_more
    send_payout(desk, payout)

    def close(connection: Connection) -> None:
        is_taken = payouts.by_id(connection, payout.id).state in ACCEPTED
        if is_taken and len(payouts.lines_of(connection, payout.id)) >= MOST_PAYMENTS:
            key = f"{provider_id}:{currency}:{payout.id}"
            jobs.enqueue(connection, PAYOUT_JOB, key, job.payload, read_app_now(connection))

    return close


def _write(desk: Desk, provider_id: str, currency: str) -> Payout | None:
    """The payout of what is due, committed before it is asked for; None when there is none to be made."""
    with desk.transaction() as connection:
        account_id = _account(connection, desk, provider_id)
        plan = _plan(connection, provider_id, currency) if account_id else None
    if account_id is None or plan is None:
        _hold(provider_id, NO_ACCOUNT if account_id is None else NOTHING_LEFT)
        return None
    if not _is_available(desk, account_id, plan):
        _hold(provider_id, BALANCE)
        return None
    with desk.transaction() as connection:
        lock_provider(connection, provider_id)
        if payouts.created(connection, provider_id, currency) is not None:
            return payouts.created(connection, provider_id, currency)
        locked_payments = lock_payments(connection, [line.payment_id for line in plan.lines])
        # What was planned without locks is planned again under them, and must not have grown.
        locked = _plan(connection, provider_id, currency)
        if locked is None or locked.lines != plan.lines:
            raise unavailable()
        added = _add(connection, desk, provider_id, account_id, locked)
        _post_kept(connection, added, locked_payments, locked)
        _mark_paid_out(connection, added, locked)
        return added


def _plan(connection: Connection, provider_id: str, currency: str) -> PayoutPlan | None:
    found = payouts.payable_payments(connection, provider_id, currency, MOST_PAYMENTS)
    due = payouts.due_by_payment(connection, provider_id, found)
    owed = payouts.owed_by_payment(connection, provider_id, currency)
    for payment_id in [one for one, amount in owed.items() if amount < 0]:
        if shares.some_frozen(connection, [payment_id]):
            del owed[payment_id]
    return plan_payout(due, owed, currency)


def _add(connection: Connection, desk: Desk, provider_id: str, account_id: str, plan: PayoutPlan) -> Payout:
    now = read_app_now(connection)
    new = Payout(
        id=new_id(),
        provider_id=provider_id,
        account_id=account_id,
        currency=plan.amount.currency,
        amount=plan.amount.amount,
        state=PayoutState.CREATED,
        provider_payout_id=None,
        failure_code=None,
        simulated=desk.mode is Mode.STAND_IN,
        version=1,
        created_at=now,
        updated_at=now,
    )
    payouts.add(connection, new, plan.lines)
    return new


def _post_kept(connection: Connection, payout: Payout, paid_for: list[Payment], plan: PayoutPlan) -> None:
    for payment in (one for one in paid_for if one.id in plan.kept_too_much):
        money = Money(plan.kept_too_much[payment.id], payout.currency)
        posting = payout_postings.kept_too_much(money, payout.provider_id, payout.id, payment.id)
        ledger.post(connection, payment, posting, payout.created_at)


def _mark_paid_out(connection: Connection, payout: Payout, plan: PayoutPlan) -> None:
    paid_for = [line.payment_id for line in plan.lines]
    due = payouts.due_by_payment(connection, payout.provider_id, paid_for)
    # Of a share that only nets, nothing is paid: it stays what it is, and may wait for its visit.
    for line in (one for one in plan.lines if one.due):
        left = due.get(line.payment_id, 0) - line.due
        values = {"state": ShareState.PAID_OUT, "is_due": left != 0}
        shares.change(connection, line.payment_id, values, payout.created_at)


def _account(connection: Connection, desk: Desk, provider_id: str) -> str | None:
    """The account that pays out for this provider; None while there is none that may."""
    account = accounts.of_provider(connection, provider_id)
    if desk.mode is Mode.STAND_IN and not desk.open_connect().knows_accounts:
        return standin_account(provider_id)
    if account is None or account.account_id is None or not account.payouts_enabled:
        return None
    return account.account_id


def _is_available(desk: Desk, account_id: str, plan: PayoutPlan) -> bool:
    """Whether the account has the money: what was charged comes there days later."""
    connect = desk.open_connect()
    if not connect.knows_accounts:
        return True
    try:
        available = connect.available(account_id, plan.amount.currency)
    except ProviderError as error:
        raise unavailable() from error
    return available >= provider_amount(plan.amount)


def _hold(provider_id: str, reason: str) -> None:
    metrics.payouts_held.labels(reason=reason).inc()
    logs.event(log, logging.INFO, "payout_held", provider_id=provider_id, reason=reason)


def _nothing_more(connection: Connection) -> None:
    """Everything was written step by step."""

"""The one idempotent command behind process, confirm, webhook and job: make our row say what is true."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from services.payment.domain import capture_postings
from services.payment.domain.authorization import lapses_at
from services.payment.domain.charge_limits import provider_amount
from services.payment.domain.declines import Failure
from services.payment.domain.document_numbers import Series
from services.payment.domain.observation import Observation, ProcessingFee
from services.payment.domain.postings import Posting
from services.payment.domain.states import CAPTURED, DEAD, SECURED, SETTLED, State, later
from services.payment.store import completions, documents, ledger, payments, waiting_jobs
from services.payment.store.rows import Payment
from services.payment.usecases.booking_moves import note_moves
from services.payment.usecases.holds import is_wanted, note_end_of_hold, release_late
from services.payment.usecases.provider_money import note_share
from services.payment.usecases.refunds_due import note_refund_due
from services.payment.usecases.views import event_of
from shared import logs
from shared.contracts.payment import currency_mismatch
from shared.database.transaction import when_committed
from shared.messages import outbox
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

log = logging.getLogger(__name__)

RESUME_JOB = "resume_payment"
"""Goes on with a payment whose request did not come to its end; taken back once it is settled."""
ENDS = (*sorted(SETTLED), State.FAILED_RETRYABLE)
begin_at_zero(metrics.payments_finished, outcome=ENDS)


def converge(
    connection: Connection, payment: Payment, seen: Observation, now: datetime, zone: ZoneInfo
) -> Payment:
    """Apply an observation to its payment, which this transaction has locked, forward only (rules W2, W4).

    `zone` is the operator's, whose year the invoice's number has; a payment that was captured by a release
    that gave none gets it now.

    The same observation again, or an older one, changes nothing and emits nothing. Raises
    `currency_mismatch` when the intent is not the one that was ordered (rule M5).
    """
    _refuse_other_intent(payment, seen)
    after = _write(connection, payment, _seen_values(payment, seen), now)
    if after.state in CAPTURED:
        documents.issue(connection, Series.INVOICE, payment.id, payment.id, now, zone)
    if after.state in DEAD and seen.state is State.AUTHORIZED:
        release_late(connection, after, now)
    return after


def _seen_values(payment: Payment, seen: Observation) -> dict[str, Any]:
    """What the payment's row says after an observation."""
    state = later(payment.state, seen.state)
    values: dict[str, Any] = {"state": state, "intent_id": seen.intent_id}
    if state is seen.state:
        values |= _failure_values(seen.failure)
    if state in CAPTURED and not payment.captured_amount:
        values["captured_amount"] = payment.taken.total.amount
    if state is State.AUTHORIZED and payment.capture_before is None:
        values["capture_before"] = lapses_at(seen.capture_before, payment.created_at)
    if seen.processing_fee is not None and payment.balance_transaction_id is None:
        values |= _fee_values(seen.processing_fee)
    for name in ("charge_id", "receipt_url", "wallet", "application_fee_id"):
        if getattr(seen, name) is not None:
            values[name] = getattr(seen, name)
    return values


def settle_without_intent(
    connection: Connection, payment: Payment, state: State, failure: Failure, now: datetime
) -> Payment:
    """End a locked payment by what we know ourselves: refused at creation, hold over, lost there."""
    values: dict[str, Any] = {"state": later(payment.state, state)}
    if values["state"] is state:
        values |= _failure_values(failure)
    return _write(connection, payment, values, now)


def mark_confirming(connection: Connection, payment: Payment, now: datetime) -> Payment:
    """A locked payment's money may be moving: say so, so that the slot is kept until the outcome is known.

    It is no observation: the card may as well ask for its owner.
    """
    return _write(connection, payment, {"state": later(payment.state, State.CONFIRMING)}, now)


def _refuse_other_intent(payment: Payment, seen: Observation) -> None:
    total = payment.split.total
    same_money = (seen.amount, seen.currency) == (provider_amount(total), total.currency.lower())
    taken = provider_amount(payment.taken.total)
    is_other = seen.state is State.CAPTURED and seen.amount_received != taken
    same_intent = payment.intent_id in (None, seen.intent_id)
    if same_money and same_intent and not is_other:
        return
    logs.event(log, logging.ERROR, "intent_is_not_the_one_ordered", payment_id=payment.id)
    raise currency_mismatch(payment_id=payment.id)


def _failure_values(failure: Failure | None) -> dict[str, str | None]:
    if failure is None:
        return {"failure_code": None, "decline_reason": None}
    return {"failure_code": failure.code, "decline_reason": failure.reason and failure.reason.value}


def _fee_values(fee: ProcessingFee) -> dict[str, Any]:
    return {
        "balance_transaction_id": fee.transaction_id,
        "stripe_fee_amount": fee.amount,
        "stripe_fee_currency": fee.currency,
    }


def _write(connection: Connection, old: Payment, values: dict[str, Any], now: datetime) -> Payment:
    changed = {name: value for name, value in values.items() if getattr(old, name) != value}
    if not changed:
        return old
    write = payments.revive if old.state in DEAD else payments.change
    new = write(connection, old, changed, now)
    ledger.post_all(connection, new, _postings(old, new), now)
    if new.state is not old.state:
        _tell(connection, old, new, now)
    if new.state in SETTLED and old.state not in SETTLED:
        waiting_jobs.take_back(connection, RESUME_JOB, new.id)
    return new


def _tell(connection: Connection, old: Payment, new: Payment, now: datetime) -> None:
    """What follows from a new state, and who is told."""
    event = event_of(new, now, was_held=old.state is State.AUTHORIZED)
    if event is not None:
        outbox.append(connection, event)
    if new.state in SECURED:
        end = completions.end_of(connection, new.booking_id)
        new = note_moves(connection, new, now)
        note_refund_due(connection, new, end.cancellation, now)
        note_share(connection, new, end, now)
        note_end_of_hold(connection, new, end, now)
    if is_wanted(old) and new.state is State.CANCELLED:
        logs.event(log, logging.ERROR, "hold_lost", payment_id=new.id, state=new.state.value)
        when_committed(connection, metrics.authorizations_lost.inc)
    if new.state in ENDS:
        when_committed(connection, metrics.payments_finished.labels(new.state.value).inc)
    logs.event(log, logging.INFO, "payment_moved", payment_id=new.id, state=new.state.value)
    if new.paid_twice:
        logs.event(log, logging.ERROR, "payment_paid_twice", payment_id=new.id, booking_id=new.booking_id)


def _postings(old: Payment, new: Payment) -> Iterator[Posting]:
    """The ledger's side of what was noted, in the transaction that notes it."""
    if new.processing_fee is not None and old.processing_fee is None:
        yield capture_postings.stripe_fee(new.processing_fee)
    if new.state is not old.state and new.state in CAPTURED:
        yield capture_postings.captured(new.taken, new.charge_id, new.clearing)
        yield capture_postings.commission(new.taken)
        yield capture_postings.provider_share(new.taken, new.provider_id)

"""Does one request at Stripe exactly once: claimed, committed, sent under its key, closed (rule W7)."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.payment.clients.payment_provider import (
    SERVER_ERROR,
    CardDeclinedError,
    NotExecutedError,
    OutcomeUnknownError,
    PaymentProvider,
    ProviderError,
    Reply,
    RequestRefusedError,
)
from services.payment.domain.charge import CaptureOrder, OperationKind, ProviderRequest
from services.payment.domain.charge_limits import provider_amount
from services.payment.domain.declines import Failure
from services.payment.domain.observation import IntentStatus, Observation
from services.payment.domain.states import SETTLED, State
from services.payment.store import operations, payments
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Operation, Payment
from services.payment.usecases.converge import converge, mark_confirming, settle_without_intent
from services.payment.usecases.desk import Desk
from services.payment.usecases.too_late import TooLateError, is_too_late
from shared import logs
from shared.database.transaction import read_app_now
from shared.errors import ServiceError, request_in_progress, unavailable

log = logging.getLogger(__name__)

CLAIM_SECONDS = 30
"""Longer than a call may take (2 s to connect, 8 s to read): then its process is taken for dead."""

Outcome = tuple[Payment, Observation | None]


def perform(desk: Desk, payment: Payment, kind: OperationKind) -> Outcome:
    """Send the payment's request of this kind and apply what came of it.

    A request that was interrupted is sent again as it was stored, under its key. The observation is
    None when nothing could be sent or the outcome is not known; a job goes on then. Raises
    `request_in_progress` while another process sends a request of this payment, and TooLateError
    instead of a confirmation when the booking has ended.
    """
    current, operation = _claim(desk, payment, kind)
    if operation is None:
        return current, None
    request = ProviderRequest(kind, operation.intent_id, operation.params)
    try:
        reply = desk.provider_of(payment).send(request, operation.idem_key)
    except CardDeclinedError as error:
        return _declined(desk, payment, operation, error)
    except RequestRefusedError as error:
        return _refused(desk, payment, operation, error)
    except OutcomeUnknownError as error:
        return _unknown(desk, payment, operation, error)
    except NotExecutedError as error:
        return _not_sent(desk, operation, error.request_id, error.code)
    except ServiceError as error:
        return _not_sent(desk, operation, None, error.code)
    return _done(desk, payment, operation, reply)


def look(desk: Desk, payment: Payment) -> Outcome:
    """Retrieve the payment's intent and apply what it says; nothing is asked of it.

    Raises `unavailable` when Stripe can't be asked.
    """
    if payment.intent_id is None:
        raise request_in_progress("This payment is still being made.")
    try:
        reply = desk.provider_of(payment).retrieve(payment.intent_id)
    except RequestRefusedError as error:
        if error.is_missing and payment.simulated:
            return _lost(desk, payment), None
        raise
    except (OutcomeUnknownError, NotExecutedError) as error:
        raise unavailable(retry_after=1) from error
    with desk.transaction() as connection:
        now = read_app_now(connection)
        seen = converge(connection, payment.id, reply.observation, now, desk.operator_zone)
    return seen, reply.observation


def may_have_been_done(operation: Operation) -> bool:
    """Whether Stripe answered this request with a failure of its own, as it will again under its key."""
    return was_answered_by_failure(operation.state, operation.error_code)


def was_answered_by_failure(state: str, error_code: str | None) -> bool:
    """Whether a request in this state has such an answer."""
    return state == "unknown" and error_code == SERVER_ERROR


def search(desk: Desk, payment: Payment, created: Operation) -> Outcome:
    """Find out whether a creation that may have been done was done.

    If so the payment has its intent now; if not, the next attempt may have a new key, since nothing
    was created. Raises `unavailable`.
    """
    try:
        seen = desk.provider_of(payment).find(payment.id, payment.created_at)
    except ProviderError as error:
        raise unavailable(retry_after=1) from error
    with desk.transaction() as connection:
        now = _close(connection, created, "ok" if seen else "failed", None, SERVER_ERROR)
        if seen is None:
            return payment, None
        return converge(connection, payment.id, seen, now, desk.operator_zone), seen


def _claim(desk: Desk, payment: Payment, kind: OperationKind) -> tuple[Payment, Operation | None]:
    """The request to send, claimed by this process; None when the payment was settled meanwhile."""
    provider = desk.provider_of(payment)
    with desk.transaction() as connection:
        current = lock_payment(connection, payment.id)
        if not _is_open(current, kind):
            return current, None
        now = read_app_now(connection)
        if operations.is_claimed(connection, payment.id, now):
            raise request_in_progress("This payment is still being made.")
        if kind is OperationKind.CONFIRM and is_too_late(connection, current, now):
            raise TooLateError
        operation = operations.latest(connection, payment.id, kind)
        if operation is None or _is_used_up(operation):
            request = _next_request(provider, current, kind, operation)
            attempt = operation.attempt + 1 if operation else 1
            operation = operations.add(connection, payment.id, request, attempt)
            _note_not_simulated(connection, current, provider.not_simulated(request), now)
        operations.claim(connection, operation.id, now + timedelta(seconds=CLAIM_SECONDS))
    return current, operation


def _is_open(payment: Payment, kind: OperationKind) -> bool:
    """Whether such a request still changes anything. A hold is taken or released when that was decided."""
    if payment.state is State.AUTHORIZED and kind in (OperationKind.CAPTURE, OperationKind.CANCEL):
        return payment.capture_cause is not None
    return payment.state not in SETTLED


def _is_used_up(operation: Operation) -> bool:
    """Whether its key can bring nothing new. Stripe answers a failure of its own again under the key;
    a confirmation may then have another, because the intent itself can be paid only once."""
    is_creation = operation.op == OperationKind.CREATE
    return operation.state == "failed" or (may_have_been_done(operation) and not is_creation)


def _next_request(
    provider: PaymentProvider, payment: Payment, kind: OperationKind, last: Operation | None
) -> ProviderRequest:
    if kind is OperationKind.CREATE and last is not None:
        return ProviderRequest(kind, None, last.params)
    if payment.intent_id is None:
        raise ValueError("a request about an intent needs one")
    if kind is OperationKind.CAPTURE:
        return provider.capture_request(_capture_order(payment, payment.intent_id))
    if payment.state is State.AUTHORIZED:
        return provider.release_request(payment.intent_id)
    build = provider.cancel_request if kind is OperationKind.CANCEL else provider.confirm_request
    return build(payment.intent_id)


def _capture_order(payment: Payment, intent_id: str) -> CaptureOrder:
    taken, ordered = payment.taken, payment.split.commission
    return CaptureOrder(intent_id, taken.total, taken.commission, had_commission=ordered.amount > 0)


def _note_not_simulated(
    connection: Connection, payment: Payment, names: tuple[str, ...], now: datetime
) -> None:
    known = set(payment.params_not_simulated)
    if not known.issuperset(names):
        payments.change(connection, payment, {"params_not_simulated": sorted(known.union(names))}, now)


def _close(
    connection: Connection, operation: Operation, state: str, request_id: str | None, code: str | None = None
) -> datetime:
    """Write what came of a request; returns the instant that what follows is decided by."""
    lock_payment(connection, operation.payment_id)
    operations.close(connection, operation.id, state, request_id, code)
    return read_app_now(connection)


def _done(desk: Desk, payment: Payment, operation: Operation, reply: Reply) -> Outcome:
    with desk.transaction() as connection:
        now = _close(connection, operation, "ok", reply.request_id)
        seen = reply.observation
        return converge(connection, payment.id, seen, now, desk.operator_zone), seen


def _declined(desk: Desk, payment: Payment, operation: Operation, error: CardDeclinedError) -> Outcome:
    with desk.transaction() as connection:
        now = _close(connection, operation, "failed", error.request_id, error.code)
        if operation.intent_id is None:
            return settle_without_intent(connection, payment.id, State.FAILED, error.failure, now), None
        if operation.op == OperationKind.CAPTURE:
            return payments.by_id(connection, payment.id), None
        seen = _refused_card(payment, operation.intent_id, error.failure)
        return converge(connection, payment.id, seen, now, desk.operator_zone), seen


def _refused_card(payment: Payment, intent_id: str, failure: Failure) -> Observation:
    """What the intent says after its card was refused; Stripe's error is as good as a look."""
    total = payment.split.total
    return Observation(
        intent_id=intent_id,
        status=IntentStatus.REQUIRES_PAYMENT_METHOD,
        amount=provider_amount(total),
        amount_received=0,
        currency=total.currency.lower(),
        failure=failure,
    )


def _refused(desk: Desk, payment: Payment, operation: Operation, error: RequestRefusedError) -> Outcome:
    """A refused creation ends the payment; anything else is looked at, for the intent may have moved."""
    with desk.transaction() as connection:
        now = _close(connection, operation, "failed", error.request_id, error.code)
        if operation.intent_id is None:
            return settle_without_intent(connection, payment.id, State.FAILED, error.failure, now), None
    return look(desk, payment)


def _unknown(desk: Desk, payment: Payment, operation: Operation, error: OutcomeUnknownError) -> Outcome:
    """Only a confirmation moves money: without its outcome the slot is kept until it is known."""
    with desk.transaction() as connection:
        now = _close(connection, operation, "unknown", error.request_id, error.code)
        if operation.op != OperationKind.CONFIRM:
            return payments.by_id(connection, payment.id), None
        return mark_confirming(connection, payment.id, now), None


def _not_sent(desk: Desk, operation: Operation, request_id: str | None, code: str) -> Outcome:
    """Nothing was done at Stripe; the job sends it soon, so the customer is told 'processing'."""
    with desk.transaction() as connection:
        _close(connection, operation, "pending", request_id, code)
        return payments.by_id(connection, operation.payment_id), None


def _lost(desk: Desk, payment: Payment) -> Payment:
    """The stand-in forgets everything when it starts anew; that is not a failure of the payment."""
    with desk.transaction() as connection:
        now = read_app_now(connection)
        logs.event(log, logging.WARNING, "standin_lost_intent", payment_id=payment.id)
        return settle_without_intent(connection, payment.id, State.STANDIN_LOST, Failure("standin_lost"), now)

"""Who may send a request of a payment: one process at a time, each under a key of its own (rule W7)."""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.payment.clients.payment_provider import SERVER_ERROR, PaymentProvider
from services.payment.domain.charge import CaptureOrder, OperationKind, ProviderRequest
from services.payment.domain.states import DEAD, SETTLED, State
from services.payment.store import operations, payments
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Operation, Payment
from services.payment.usecases.desk import Desk
from services.payment.usecases.too_late import TooLateError, is_over_by
from shared.errors import ServiceError, request_in_progress

CLAIM_SECONDS = 30
"""Longer than a call may take (2 s to connect, 8 s to read): then its process is taken for dead."""


def claim(desk: Desk, payment: Payment, kind: OperationKind) -> tuple[Payment, Operation | None]:
    """The request to send, claimed by this process; None when the payment was settled meanwhile.

    Raises `request_in_progress` while another process sends one of this payment, and TooLateError instead of
    a confirmation when the booking has ended.
    """
    provider = desk.provider_of(payment)
    with desk.transaction() as connection:
        current = lock_payment(connection, payment.id)
        return current, _claim(connection, provider, current, kind)


def claim_confirmation(
    connection: Connection, provider: PaymentProvider, locked: Payment
) -> Operation | None:
    """The confirmation of an intent that was just made, claimed in the transaction that notes the intent;
    None when it must not be sent now: who asks again by `claim` is told why."""
    with suppress(TooLateError, ServiceError):
        return _claim(connection, provider, locked, OperationKind.CONFIRM)
    return None


def claimed_until(now: datetime) -> datetime:
    """Until when others keep away from what is claimed now."""
    return now + timedelta(seconds=CLAIM_SECONDS)


def may_have_been_done(operation: Operation) -> bool:
    """Whether Stripe answered this request with a failure of its own, as it will again under its key."""
    return was_answered_by_failure(operation.state, operation.error_code)


def was_answered_by_failure(state: str, error_code: str | None) -> bool:
    """Whether a request in this state has such an answer."""
    return state == "unknown" and error_code == SERVER_ERROR


def _claim(
    connection: Connection, provider: PaymentProvider, current: Payment, kind: OperationKind
) -> Operation | None:
    if not _is_open(current, kind):
        return None
    standing = operations.standing(connection, current.id, current.booking_id, kind)
    if standing.is_claimed:
        raise request_in_progress("This payment is still being made.")
    now, operation = standing.now, standing.latest
    if kind is OperationKind.CONFIRM and is_over_by(current, standing):
        raise TooLateError
    is_of_late_hold = current.state in DEAD and operation is not None and operation.state == "ok"
    if operation is None or is_of_late_hold or _is_used_up(operation):
        request = _next_request(provider, current, kind, operation)
        attempt = operation.attempt + 1 if operation else 1
        _note_not_simulated(connection, current, provider.not_simulated(request), now)
        return operations.add_claimed(connection, current.id, request, attempt, claimed_until(now))
    operations.claim(connection, operation.id, claimed_until(now))
    return operation


def _is_open(payment: Payment, kind: OperationKind) -> bool:
    """Whether such a request still changes anything. A hold is taken or released when that was decided; of a
    payment that is dead it is released, however late the card let us have it."""
    if payment.state in DEAD:
        return kind is OperationKind.CANCEL
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

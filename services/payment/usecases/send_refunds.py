"""Sends a refund exactly once: claimed and committed, sent under its key, its outcome applied (rule W7)."""

from sqlalchemy import Connection

from services.payment.clients.payment_provider import (
    BalanceTooLowError,
    OutcomeUnknownError,
    ProviderError,
    RequestRefusedError,
)
from services.payment.domain.charge import OperationKind, ProviderRequest, RefundOrder
from services.payment.domain.refunds import UNSENT, RefundStatus
from services.payment.store import disputes, operations, payments, refunds
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Operation, Payment, Refund
from services.payment.usecases.claims import claimed_until, may_have_been_done
from services.payment.usecases.desk import Desk
from services.payment.usecases.refunds_due import refunded_or_owed
from services.payment.usecases.settle_refunds import apply_refund, block_unsent, fail_unsent, look_at_refunds
from services.payment.usecases.unsent_refunds import waits_for_dispute
from shared.database.transaction import read_app_now
from shared.errors import ServiceError, request_in_progress, unavailable
from shared.messages.jobs import Close, Job, JobRefusedError

Claimed = tuple[Payment, Refund, Operation, bool]
"""What is to be sent; and whether this or an earlier request for it may have been sent before."""


def send_refund(desk: Desk, job: Job) -> Close:
    """Give one refund back. Raises when it could not be sent or its outcome is not known: the job comes
    again, later each time, under the same key, after it has looked whether it was done."""
    refund_id = job.payload["refund_id"]
    claimed = None if waits_for_dispute(desk, refund_id) else _claim(desk, refund_id)
    if claimed is None:
        return _nothing_more
    payment, refund, operation, is_repeat = claimed
    if is_repeat and _was_done(desk, payment, refund, operation):
        return _nothing_more
    request = ProviderRequest(OperationKind.REFUND, operation.intent_id, operation.params)
    try:
        reply = desk.provider_of(payment).refunds.refund(request, operation.idem_key)
    except RequestRefusedError as error:
        if _refused(desk, refund, operation, error):
            return _nothing_more
        raise JobRefusedError(error.code) from error
    except OutcomeUnknownError as error:
        _close(desk, operation, "unknown", error.request_id, error.code)
        raise unavailable() from error
    except ProviderError as error:
        _close(desk, operation, "pending", error.request_id, error.code)
        raise unavailable() from error
    except ServiceError as error:
        _close(desk, operation, "pending", None, error.code)
        raise
    with desk.transaction() as connection:
        lock_payment(connection, payment.id)
        operations.close(connection, operation.id, "ok", reply.request_id)
        apply_refund(connection, payment.id, reply.observation, read_app_now(connection), desk.operator_zone)
    return _nothing_more


def _claim(desk: Desk, refund_id: str) -> Claimed | None:
    """None when there is nothing left to send. Raises `request_in_progress`, JobRefusedError."""
    desk.open_provider()
    with desk.transaction() as connection:
        payment = lock_payment(connection, refunds.by_id(connection, refund_id).payment_id)
        refund = refunds.by_id(connection, refund_id)
        if refund.status not in UNSENT:
            return None
        if any(one.forbids_refunds for one in disputes.of_payment(connection, payment.id)):
            raise request_in_progress("This payment is in dispute.")
        now = read_app_now(connection)
        if operations.is_claimed(connection, payment.id, now):
            raise request_in_progress("Another refund of this payment is under way.")
        if refunded_or_owed(connection, payment).total.amount > payment.captured_amount:
            raise JobRefusedError("refund_exceeds_payment")
        operation, is_repeat = _operation(connection, desk, payment, refund)
        refunds.change(connection, refund, {"status": RefundStatus.CLAIMED}, now)
        operations.claim(connection, operation.id, claimed_until(now))
    return payment, refund, operation, is_repeat


def _operation(
    connection: Connection, desk: Desk, payment: Payment, refund: Refund
) -> tuple[Operation, bool]:
    known = operations.of_refund(connection, refund.id, OperationKind.REFUND)
    this_attempt = [one for one in known if one.params["metadata"]["attempt"] == str(refund.attempt)]
    if this_attempt and this_attempt[0].state in ("pending", "unknown"):
        return this_attempt[0], True
    total = refund.parts(payment.currency).total
    order = RefundOrder(
        refund_id=refund.id,
        attempt=refund.attempt,
        payment_id=payment.id,
        booking_id=payment.booking_id,
        intent_id=payment.intent_id or "",
        amount=total,
        takes_transfer_back=refund.reverses_transfer and not any(one.state == "ok" for one in known),
    )
    provider = desk.provider_of(payment).refunds
    request = provider.refund_request(order)
    names = set(payment.params_not_simulated).union(provider.not_simulated(request))
    if names != set(payment.params_not_simulated):
        payments.change(
            connection, payment, {"params_not_simulated": sorted(names)}, read_app_now(connection)
        )
    return operations.add(connection, payment.id, request, len(known) + 1, refund.id), bool(known)


def _was_done(desk: Desk, payment: Payment, refund: Refund, operation: Operation) -> bool:
    """Look before a repeat: what was done is applied. A failure of Stripe's own uses the key up; its
    next try has another, since nothing was made."""
    seen = look_at_refunds(desk, payment)
    if any(one.our_id == refund.id and one.attempt == refund.attempt for one in seen):
        _close(desk, operation, "ok", None, None)
        return True
    if may_have_been_done(operation):
        _close(desk, operation, "failed", None, operation.error_code)
        raise unavailable()
    return False


def _refused(desk: Desk, refund: Refund, operation: Operation, error: RequestRefusedError) -> bool:
    """Note the refusal. True when only the provider's account could not give it: that waits for an
    administrator, and its job is done."""
    is_blocked = isinstance(error, BalanceTooLowError) and operation.params["reverse_transfer"]
    stop = block_unsent if is_blocked else fail_unsent
    with desk.transaction() as connection:
        payment = lock_payment(connection, operation.payment_id)
        operations.close(connection, operation.id, "failed", error.request_id, error.code)
        refund = refunds.by_id(connection, refund.id)
        if refund.status in UNSENT:
            stop(connection, payment, refund, error.code, read_app_now(connection))
    return is_blocked


def _close(desk: Desk, operation: Operation, state: str, request_id: str | None, code: str | None) -> None:
    with desk.transaction() as connection:
        lock_payment(connection, operation.payment_id)
        operations.close(connection, operation.id, state, request_id, code)


def _nothing_more(connection: Connection) -> None:
    """Everything was written step by step."""

"""Gives the provider's account its share of the commission back, once for a refund (rules M9 and M10)."""

from sqlalchemy import Connection

from services.payment.clients.payment_provider import ProviderError, RefundProvider, RequestRefusedError
from services.payment.domain.charge import FeeRefundOrder, OperationKind, ProviderRequest
from services.payment.domain.refunds import ACCEPTED
from services.payment.store import operations, payments, refunds
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Operation, Payment, Refund
from services.payment.usecases.claims import may_have_been_done
from services.payment.usecases.desk import Desk
from services.payment.usecases.operations import look
from shared.errors import unavailable
from shared.messages.jobs import Close, Job, JobRefusedError


def return_commission(desk: Desk, job: Job) -> Close:
    """A request of its own beside the refund, repeated under its key after a look whether it was done.

    A stand-in without application fees gets nothing: the request is checked and kept.
    """
    payment, refund = _load(desk, job.payload["refund_id"])
    provider = desk.provider_of(payment).refunds
    if refund.status not in ACCEPTED:
        raise JobRefusedError("refund_not_accepted")
    operation = _operation(desk, payment, refund)
    if operation.state in operations.CARRIED_OUT:
        return _nothing_more
    request = ProviderRequest(OperationKind.REFUND_FEE, None, operation.params)
    if not provider.knows_fees:
        provider.check(request)
        return lambda connection: operations.close(connection, operation.id, "not_simulated")
    fee_id = _fee_id(desk, payment)
    is_repeat = operation.attempt > 1 or operation.state == "unknown"
    if is_repeat and _was_done(desk, provider, fee_id, refund, operation):
        return lambda connection: operations.close(connection, operation.id, "ok")
    return _send(desk, provider, fee_id, request, operation)


def _send(
    desk: Desk, provider: RefundProvider, fee_id: str, request: ProviderRequest, operation: Operation
) -> Close:
    try:
        request_id = provider.refund_fee(fee_id, request, operation.idem_key)
    except RequestRefusedError as error:
        _close(desk, operation, "failed", error.request_id, error.code)
        raise JobRefusedError(error.code) from error
    except ProviderError as error:
        _close(desk, operation, "unknown", error.request_id, error.code)
        raise unavailable() from error
    return lambda connection: operations.close(connection, operation.id, "ok", request_id)


def _fee_id(desk: Desk, payment: Payment) -> str:
    """The commission's own object, which may be known only after the charge."""
    if payment.application_fee_id is None:
        payment, _ = look(desk, payment)
    if payment.application_fee_id is None:
        raise unavailable()
    return payment.application_fee_id


def _was_done(
    desk: Desk, provider: RefundProvider, fee_id: str, refund: Refund, operation: Operation
) -> bool:
    """A failure of the provider's own uses the key up; the next try has another, since nothing was done."""
    try:
        done = provider.refunds_with_fee_returned(fee_id)
    except ProviderError as error:
        raise unavailable() from error
    if refund.id in done:
        return True
    if may_have_been_done(operation):
        _close(desk, operation, "failed", None, operation.error_code)
        raise unavailable()
    return False


def _load(desk: Desk, refund_id: str) -> tuple[Payment, Refund]:
    with desk.reading() as connection:
        refund = refunds.by_id(connection, refund_id)
        return payments.by_id(connection, refund.payment_id), refund


def _operation(desk: Desk, payment: Payment, refund: Refund) -> Operation:
    """The request that stands for this refund, however often the refund itself was begun anew."""
    with desk.transaction() as connection:
        lock_payment(connection, payment.id)
        known = operations.of_refund(connection, refund.id, OperationKind.REFUND_FEE)
        if known and known[0].state != "failed":
            return known[0]
        order = FeeRefundOrder(refund.id, payment.id, refund.parts(payment.currency).commission)
        request = desk.provider_of(payment).refunds.fee_refund_request(order)
        return operations.add(connection, payment.id, request, len(known) + 1, refund.id)


def _close(desk: Desk, operation: Operation, state: str, request_id: str | None, code: str | None) -> None:
    with desk.transaction() as connection:
        lock_payment(connection, operation.payment_id)
        operations.close(connection, operation.id, state, request_id, code)


def _nothing_more(connection: Connection) -> None:
    """Everything was written step by step."""

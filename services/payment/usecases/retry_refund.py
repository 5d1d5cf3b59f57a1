"""An operator's decision about a refund that does not go on by itself."""

from services.payment.domain.refunds import UNSENT, RefundStatus
from services.payment.store import refunds
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Refund
from services.payment.usecases.refunds_due import REFUND_JOB, send_soon
from services.payment.usecases.refusals import refund_not_failed
from services.payment.usecases.settle_refunds import FEE_JOB
from shared.database.transaction import Transaction, read_app_now


def retry_refund(transaction: Transaction, refund_id: str) -> Refund:
    """Begin a failed refund anew, or let the parked job of one go on: its own, or its commission's.

    Raises `not_found`, and `refund_not_failed` when it is accepted or its job still goes on.
    """
    with transaction() as connection:
        lock_payment(connection, refunds.by_id(connection, refund_id).payment_id)
        refund = refunds.by_id(connection, refund_id)
        now = read_app_now(connection)
        if refund.status is RefundStatus.FAILED:
            values = {"status": RefundStatus.DUE, "provider_refund_id": None, "failure_code": None}
            refund = refunds.change(connection, refund, values | {"attempt": refund.attempt + 1}, now)
            send_soon(connection, refund, now)
        else:
            kind = REFUND_JOB if refund.status in UNSENT else FEE_JOB
            if not refunds.revive_job(connection, kind, refund, now):
                raise refund_not_failed(refund_id=refund.id, status=refund.status.value)
        return refund

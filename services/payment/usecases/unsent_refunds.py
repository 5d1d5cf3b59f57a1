"""Refunds that a dispute stops: what may have been sent is looked for, the rest waits (rule M14)."""

from services.payment.domain.refunds import UNSENT, RefundStatus
from services.payment.store import disputes, operations, payments, refunds
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Payment, Refund
from services.payment.usecases.desk import Desk
from services.payment.usecases.settle_refunds import fail_unsent, look_at_refunds
from shared.database.transaction import read_app_now
from shared.errors import request_in_progress

IN_DISPUTE = "charge_disputed"
"""Stripe's own word for a charge that nothing may be given back of any more."""


def waits_for_dispute(desk: Desk, refund_id: str) -> bool:
    """Whether nothing may be sent for this refund now. Raises `request_in_progress`, `unavailable`.

    While a dispute is open it waits, and its end hands it to a job again. Where a lost dispute forbids any
    refund it fails, and stays owed for a person to decide.
    """
    with desk.transaction() as connection:
        payment = payments.by_id(connection, refunds.by_id(connection, refund_id).payment_id)
        known = disputes.of_payment(connection, payment.id)
    if not any(one.forbids_refunds for one in known):
        return False  # Whoever claims it looks again, under the lock.
    resolve_claimed(desk, payment)
    with desk.transaction() as connection:
        payment = lock_payment(connection, payment.id)
        refund = refunds.by_id(connection, refund_id)
        is_open = disputes.is_open(connection, payment.id)
        if refund.status in UNSENT and not is_open:
            fail_unsent(connection, payment, refund, IN_DISPUTE, read_app_now(connection))
    return True


def resolve_claimed(desk: Desk, payment: Payment) -> None:
    """Look whether a refund that may have been sent was; one that was not is owed as before.

    Its request keeps its key, so that should it still arrive, it is found. Raises `request_in_progress`
    while one is on its way, `unavailable`.
    """
    with desk.transaction() as connection:
        lock_payment(connection, payment.id)
        if not _claimed(refunds.of_payment(connection, payment.id)):
            return
        if operations.is_claimed(connection, payment.id, read_app_now(connection)):
            raise request_in_progress("A refund of this payment is under way.")
    look_at_refunds(desk, payment)
    with desk.transaction() as connection:
        lock_payment(connection, payment.id)
        now = read_app_now(connection)
        if operations.is_claimed(connection, payment.id, now):
            raise request_in_progress("A refund of this payment is under way.")
        for refund in _claimed(refunds.of_payment(connection, payment.id)):
            refunds.change(connection, refund, {"status": RefundStatus.DUE}, now)


def _claimed(found: list[Refund]) -> list[Refund]:
    return [one for one in found if one.status is RefundStatus.CLAIMED]

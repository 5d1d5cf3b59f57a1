"""The provider's part of a dispute at Stripe: taken back while it is open, given again when it is won.

The ledger says by itself who bears a loss; these requests only bring the accounts at Stripe to it. What an
account can't give stays on our side, and is kept from later payouts (rule M13).
"""

import logging
from datetime import datetime

from sqlalchemy import Connection

from services.payment.clients.payment_provider import SERVER_ERROR, ProviderError, RequestRefusedError
from services.payment.domain.charge import OperationKind, ProviderRequest
from services.payment.domain.charge_limits import money_of
from services.payment.domain.disputes import DisputeStatus, TransferOrder, loss_of
from services.payment.store import disputes, operations
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Dispute, Operation, Payment
from services.payment.usecases.claims import claimed_until, may_have_been_done
from services.payment.usecases.desk import Desk
from services.payment.usecases.refunds_due import refunded_or_owed
from shared import logs
from shared.database.transaction import read_app_now
from shared.errors import request_in_progress, unavailable
from shared.messages import jobs
from shared.messages.jobs import Close, Job
from shared.money import Money

log = logging.getLogger(__name__)

REVERSE_JOB = "reverse_transfer"
RETURN_JOB = "return_transfer"
KINDS = {REVERSE_JOB: OperationKind.REVERSE_TRANSFER, RETURN_JOB: OperationKind.RETURN_TRANSFER}
GIVEN_BACK = frozenset({DisputeStatus.WON, DisputeStatus.PREVENTED, DisputeStatus.WARNING_CLOSED})


def ask_for_transfers(connection: Connection, payment: Payment, dispute: Dispute, now: datetime) -> None:
    """Hand what is due at Stripe to jobs, once each; `payment` is locked."""
    taken = sum(one.taken.amount for one in disputes.movements_of(connection, dispute))
    payload = {"dispute_id": dispute.id}
    if taken > 0 and dispute.status not in GIVEN_BACK:
        jobs.enqueue(connection, REVERSE_JOB, dispute.id, payload, now)
    if dispute.status in GIVEN_BACK:
        done = operations.of_dispute(connection, dispute.id, OperationKind.REVERSE_TRANSFER)
        if done:
            jobs.enqueue(connection, RETURN_JOB, dispute.id, payload, now)


def move_transfer(desk: Desk, job: Job) -> Close:
    """Send one of the two, under a key of its own, again under it until its outcome is known.

    A repeat looks first whether it was done: Stripe forgets keys after a day (rule W7). A refusal is an
    outcome: the account has not enough, and the ledger's receivable stands.
    """
    found = _claim(desk, job)
    if found is None:
        return _nothing_more
    payment, dispute, operation, is_repeat = found
    provider = desk.open_disputes()
    request = ProviderRequest(KINDS[job.kind], None, operation.params)
    if not provider.knows_transfers:
        provider.check(request)
        return lambda connection: operations.close(connection, operation.id, "not_simulated")
    if is_repeat and _was_done(desk, payment, dispute, operation):
        return lambda connection: operations.close(connection, operation.id, "ok")
    try:
        request_id = _send(desk, dispute, request, operation)
    except RequestRefusedError as error:
        logs.event(log, logging.ERROR, "transfer_not_moved", dispute=dispute.id, code=error.code)
        _close(desk, payment, operation, "failed", error.request_id, error.code)
        return _nothing_more
    except ProviderError as error:
        _close(desk, payment, operation, "unknown", error.request_id, error.code)
        raise unavailable() from error
    return lambda connection: operations.close(connection, operation.id, "ok", request_id)


def _send(desk: Desk, dispute: Dispute, request: ProviderRequest, operation: Operation) -> str | None:
    provider = desk.open_disputes()
    if request.operation is OperationKind.RETURN_TRANSFER:
        return provider.return_transfer(request, operation.idem_key)
    return provider.reverse_transfer(_transfer_of(desk, dispute), request, operation.idem_key)


def _was_done(desk: Desk, payment: Payment, dispute: Dispute, operation: Operation) -> bool:
    """A failure of Stripe's own uses the key up; the next try has another, since nothing was moved."""
    provider = desk.open_disputes()
    try:
        if operation.op == OperationKind.RETURN_TRANSFER:
            done = provider.disputes_returned(payment.booking_id)
        else:
            done = provider.disputes_reversed(_transfer_of(desk, dispute))
    except ProviderError as error:
        _close(desk, payment, operation, operation.state, None, operation.error_code)
        raise unavailable() from error
    if dispute.id in done:
        return True
    if may_have_been_done(operation):
        _close(desk, payment, operation, "failed", None, operation.error_code)
        raise unavailable()
    return False


def _transfer_of(desk: Desk, dispute: Dispute) -> str:
    transfer_id = desk.open_disputes().transfer_of(dispute.charge_id)
    if transfer_id is None:
        raise unavailable()
    return transfer_id


def _claim(desk: Desk, job: Job) -> tuple[Payment, Dispute, Operation, bool] | None:
    """The request, and whether it may have been sent before; None when nothing is to be sent (any more)."""
    with desk.transaction() as connection:
        dispute = disputes.by_id(connection, job.payload["dispute_id"])
        payment = lock_payment(connection, dispute.payment_id)
        dispute = disputes.by_id(connection, dispute.id)
        now = read_app_now(connection)
        if operations.is_claimed(connection, payment.id, now):
            raise request_in_progress()
        known = operations.of_dispute(connection, dispute.id, KINDS[job.kind])
        operation = _operation(connection, desk, payment, dispute, KINDS[job.kind], known)
        if operation is None:
            return None
        operations.claim(connection, operation.id, claimed_until(now))
    return payment, dispute, operation, bool(known)


def _operation(
    connection: Connection,
    desk: Desk,
    payment: Payment,
    dispute: Dispute,
    kind: OperationKind,
    known: list[Operation],
) -> Operation | None:
    """`known`: the attempts so far, the newest first; after a refusal there is no other."""
    if known and known[0].state in ("pending", "unknown"):
        return known[0]
    if known and (known[0].state, known[0].error_code) != ("failed", SERVER_ERROR):
        return None
    if kind is OperationKind.REVERSE_TRANSFER and dispute.status in GIVEN_BACK:
        return None
    amount = _amount(connection, payment, dispute, kind)
    if not amount.amount:
        return None
    order = TransferOrder(dispute.id, payment.id, payment.booking_id, payment.destination, amount)
    provider = desk.open_disputes()
    is_reversal = kind is OperationKind.REVERSE_TRANSFER
    request = provider.reversal_request(order) if is_reversal else provider.return_request(order)
    attempt = len(operations.of_payment(connection, payment.id, kind)) + 1
    return operations.add(connection, payment.id, request, attempt, of_dispute=(dispute.id, None))


def _amount(connection: Connection, payment: Payment, dispute: Dispute, kind: OperationKind) -> Money:
    """Taken back: the provider's part of what the bank took. Given again: what was really taken back."""
    if kind is OperationKind.RETURN_TRANSFER:
        taken_back = operations.of_dispute(connection, dispute.id, OperationKind.REVERSE_TRANSFER)
        if any(one.state in ("pending", "unknown") for one in taken_back):
            raise request_in_progress("Whether it was taken back is not known yet.")
        return next(
            (_amount_of(one, payment) for one in taken_back if one.state in operations.CARRIED_OUT),
            Money(0, payment.currency),
        )
    if dispute.loss.total.amount:
        return dispute.loss.parts.borne_by_provider
    so_far = refunded_or_owed(connection, payment)
    taken = sum(one.taken.amount for one in disputes.movements_of(connection, dispute))
    return loss_of(payment.taken, so_far, Money(max(taken, 0), payment.currency)).parts.borne_by_provider


def _amount_of(operation: Operation, payment: Payment) -> Money:
    return money_of(operation.params["amount"], payment.currency)


def _close(
    desk: Desk, payment: Payment, operation: Operation, state: str, request_id: str | None, code: str | None
) -> None:
    with desk.transaction() as connection:
        lock_payment(connection, payment.id)
        operations.close(connection, operation.id, state, request_id, code)


def _nothing_more(connection: Connection) -> None:
    """Everything was written step by step."""

"""Sends a payout exactly once: claimed and committed, sent under its key, its outcome applied (rule W7)."""

from sqlalchemy import Connection

from services.payment.clients.payment_provider import (
    OutcomeUnknownError,
    ProviderError,
    RequestRefusedError,
)
from services.payment.clients.standin_capabilities import standin_payout
from services.payment.domain.charge import OperationKind, ProviderRequest
from services.payment.domain.charge_limits import provider_amount
from services.payment.domain.payouts import PayoutObservation, PayoutOrder, PayoutState
from services.payment.store import payouts, provider_operations, shares
from services.payment.store.locks import lock_payments, lock_payout
from services.payment.store.rows import Payout, ProviderOperation
from services.payment.usecases.claims import claimed_until, was_answered_by_failure
from services.payment.usecases.desk import Desk
from services.payment.usecases.settle_payouts import apply_payout, fail_unsent
from shared.database.transaction import read_app_now
from shared.errors import ServiceError, request_in_progress, unavailable
from shared.messages import jobs
from shared.messages.jobs import Close, Job

LOOK_JOB = "look_at_payout"
UNKNOWN = "unknown"
"""State of a request that Stripe may have worked, and that it has not shown us."""
FROZEN = "payment_frozen"


def send_payout(desk: Desk, payout: Payout) -> None:
    """Ask for a payout, unless it was done. Raises when it could not be sent or its outcome is not known:
    the job comes again, under the same key, after it has looked."""
    claimed = _claim(desk, payout)
    if claimed is None:
        return
    operation, is_repeat = claimed
    connect = desk.open_connect()
    request = ProviderRequest(OperationKind.PAYOUT, None, operation.params)
    if not connect.knows_accounts:
        connect.check(request)
        _note(desk, payout, operation, "not_simulated", _simulated(payout, PayoutState.SENT))
        return
    if (is_repeat and _was_done(desk, payout, operation)) or _is_given_up(desk, payout, operation):
        return
    try:
        reply = connect.pay_out(payout.account_id, request, operation.idem_key)
    except RequestRefusedError as error:
        _refused(desk, payout, operation, error)
        return
    except OutcomeUnknownError as error:
        _close(desk, operation, UNKNOWN, error.request_id, error.code)
        raise unavailable() from error
    except ProviderError as error:
        _close(desk, operation, "pending", error.request_id, error.code)
        raise unavailable() from error
    except ServiceError as error:
        _close(desk, operation, "pending", None, error.code)
        raise
    _note(desk, payout, operation, "ok", reply.observation, reply.request_id)


def look_at_payout(desk: Desk, job: Job) -> Close:
    """Make a payout's row say what is true: sent if it was not, looked at if it was."""
    with desk.transaction() as connection:
        payout = payouts.by_id(connection, job.payload["payout_id"])
    if payout.state is PayoutState.CREATED:
        send_payout(desk, payout)
    else:
        _look(desk, payout)
    return _nothing_more


def _look(desk: Desk, payout: Payout) -> None:
    connect = desk.open_connect()
    if not connect.knows_accounts:
        seen = _simulated(payout, PayoutState.PAID)
    else:
        try:
            seen = connect.payout(payout.account_id, payout.provider_payout_id or "")
        except ProviderError as error:
            raise unavailable() from error
    with desk.transaction() as connection:
        apply_payout(connection, payout.id, seen, read_app_now(connection))


def _claim(desk: Desk, payout: Payout) -> tuple[ProviderOperation, bool] | None:
    """The request to send, and whether it or an earlier one may have been sent; None when it was."""
    with desk.transaction() as connection:
        if lock_payout(connection, payout.id).state is not PayoutState.CREATED:
            return None
        now = read_app_now(connection)
        known = provider_operations.latest_of_payout(connection, payout.id)
        operation = known
        if operation is not None and provider_operations.is_claimed(connection, operation.id, now):
            raise request_in_progress("This payout is under way.")
        if operation is None or operation.state == "failed":
            order = PayoutOrder(payout.id, payout.provider_id, payout.account_id, payout.money)
            request = desk.open_connect().payout_request(order)
            attempt = known.attempt + 1 if known else 1
            operation = provider_operations.add(connection, payout.provider_id, request, attempt, payout.id)
        provider_operations.claim(connection, operation.id, claimed_until(now))
    return operation, known is not None


def _is_given_up(desk: Desk, payout: Payout, operation: ProviderOperation) -> bool:
    """Whether a payment in it was disputed, or is owed back, since it was written: then it is given up before
    it is sent, and what nothing freezes is for the next one (rule M14)."""
    if operation.state == UNKNOWN:
        return False
    with desk.transaction() as connection:
        lines = payouts.lines_of(connection, payout.id)
        paid_for = [line.payment_id for line in lines if line.due]
        lock_payments(connection, [line.payment_id for line in lines])
        if not shares.some_frozen(connection, paid_for):
            return False
        fail_unsent(connection, payout.id, FROZEN, read_app_now(connection))
        provider_operations.close(connection, operation.id, "failed", None, FROZEN)
    return True


def _was_done(desk: Desk, payout: Payout, operation: ProviderOperation) -> bool:
    """Look before a repeat: what was done is applied. A failure of Stripe's own uses the key up; its
    next try has another, since nothing was made."""
    try:
        seen = desk.open_connect().find_payout(payout.account_id, payout.id, payout.created_at)
    except ProviderError as error:
        _close(desk, operation, operation.state, None, operation.error_code)
        raise unavailable() from error
    if seen is not None:
        _note(desk, payout, operation, "ok", seen)
        return True
    if was_answered_by_failure(operation.state, operation.error_code):
        _close(desk, operation, "failed", None, operation.error_code)
        raise unavailable()
    return False


def _note(
    desk: Desk,
    payout: Payout,
    operation: ProviderOperation,
    state: str,
    seen: PayoutObservation,
    request_id: str | None = None,
) -> None:
    with desk.transaction() as connection:
        now = read_app_now(connection)
        after = apply_payout(connection, payout.id, seen, now)
        provider_operations.close(connection, operation.id, state, request_id)
        if after.simulated:
            # Nobody else will ever say that it has arrived.
            jobs.enqueue(connection, LOOK_JOB, payout.id, {"payout_id": payout.id}, now)


def _refused(desk: Desk, payout: Payout, operation: ProviderOperation, error: RequestRefusedError) -> None:
    with desk.transaction() as connection:
        fail_unsent(connection, payout.id, error.code, read_app_now(connection))
        provider_operations.close(connection, operation.id, "failed", error.request_id, error.code)


def _close(
    desk: Desk, operation: ProviderOperation, state: str, request_id: str | None, code: str | None
) -> None:
    with desk.transaction() as connection:
        provider_operations.close(connection, operation.id, state, request_id, code)


def _simulated(payout: Payout, state: PayoutState) -> PayoutObservation:
    """What a stand-in that knows no payouts would say: no money moves, and everyone is told so."""
    return PayoutObservation(
        provider_payout_id=standin_payout(payout.id),
        state=state,
        amount=provider_amount(payout.money),
        currency=payout.currency.lower(),
        our_id=payout.id,
        failure_code=None,
    )


def _nothing_more(connection: Connection) -> None:
    """Everything was written step by step."""

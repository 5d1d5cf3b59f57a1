"""Moves a payment on from wherever it stands: the same steps for a request, its repeat and a job."""

from services.payment.domain.charge import OperationKind
from services.payment.domain.declines import Failure
from services.payment.domain.observation import CANCELLABLE, IntentStatus, Observation
from services.payment.domain.states import SETTLED, State
from services.payment.store import operations
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Payment
from services.payment.usecases.converge import settle_without_intent
from services.payment.usecases.desk import Desk
from services.payment.usecases.operations import Outcome, look, perform, search
from shared.contracts.booking import hold_expired
from shared.database.transaction import read_app_now
from shared.errors import request_in_progress

LEAST_SECONDS_TO_CONFIRM = 3.0
"""With less patience left the caller is told 'processing', and a job confirms."""


def drive(desk: Desk, payment: Payment) -> Outcome:
    """Create the intent, or look at it, and confirm it when that is what it waits for.

    Never confirms after the slot's hold has ended: then the intent is cancelled. The observation is
    None when Stripe was not asked or gave no answer. Raises `unavailable`, `request_in_progress`.
    """
    if payment.state in SETTLED:
        return payment, None
    if payment.intent_id is None:
        if _is_too_late(desk, payment):
            return abandon(desk, payment), None
        payment, seen = search(desk, payment)
        if seen is None:
            payment, seen = perform(desk, payment, OperationKind.CREATE)
    else:
        payment, seen = look(desk, payment)
    if seen is None or seen.status is not IntentStatus.REQUIRES_CONFIRMATION:
        return payment, seen
    if _is_too_late(desk, payment):
        return abandon(desk, payment), None
    if desk.seconds_left() < LEAST_SECONDS_TO_CONFIRM:
        return payment, seen
    return perform(desk, payment, OperationKind.CONFIRM)


def abandon(desk: Desk, payment: Payment) -> Payment:
    """Take back what is not paid (rule W6); what was paid meanwhile converges instead.

    Raises `request_in_progress` while a request is under way or the outcome is open, `unavailable`.
    """
    if payment.state in SETTLED:
        return payment
    if payment.intent_id is None:
        return _end_unborn(desk, payment)
    payment, seen = look(desk, payment)
    if seen is not None and seen.status in CANCELLABLE:
        payment, _ = perform(desk, payment, OperationKind.CANCEL)
    if payment.state not in SETTLED:
        raise request_in_progress("The outcome of this payment is not known yet.")
    return payment


def observe_again(desk: Desk, payment: Payment) -> tuple[Payment, Observation | None]:
    """Drive, but ask Stripe nothing where only the customer can go on or nothing is left to do."""
    if payment.state is State.FAILED_RETRYABLE:
        return payment, None
    return drive(desk, payment)


def _end_unborn(desk: Desk, payment: Payment) -> Payment:
    with desk.transaction() as connection:
        lock_payment(connection, payment.id)
        now = read_app_now(connection)
        if operations.is_claimed(connection, payment.id, now):
            raise request_in_progress("This payment is still being made.")
        # Should its creation have reached Stripe, nobody has that intent's secret and it was never
        # confirmed: it can't be paid.
        return settle_without_intent(connection, payment.id, State.FAILED, Failure(hold_expired.code), now)


def _is_too_late(desk: Desk, payment: Payment) -> bool:
    with desk.transaction() as connection:
        return read_app_now(connection) >= payment.pay_before

"""Moves a payment on from wherever it stands: the same steps for a request, its repeat and a job."""

from services.payment.domain.charge import OperationKind
from services.payment.domain.declines import Failure
from services.payment.domain.observation import CANCELLABLE, IntentStatus, Observation
from services.payment.domain.states import SETTLED, State
from services.payment.store import operations
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Operation, Payment
from services.payment.usecases.claims import may_have_been_done
from services.payment.usecases.converge import settle_without_intent
from services.payment.usecases.desk import Desk
from services.payment.usecases.operations import (
    LEAST_SECONDS_TO_CONFIRM,
    Outcome,
    look,
    perform,
    search,
    send,
)
from services.payment.usecases.too_late import TooLateError, is_over_by
from shared.contracts.booking import hold_expired
from shared.database.transaction import read_app_now
from shared.errors import request_in_progress

_UNPAID = (IntentStatus.REQUIRES_CONFIRMATION, IntentStatus.REQUIRES_ACTION)


def drive(desk: Desk, payment: Payment) -> Outcome:
    """Create the intent, or look at it, and confirm it when that is what it waits for.

    Never confirms after the slot's hold has ended or the booking was cancelled: then the intent is
    cancelled, also one that waits for its owner, since a slot is kept for as long as its payment is
    in work. The observation is None when Stripe was not asked or gave no answer. Raises
    `unavailable`, `request_in_progress`.
    """
    if payment.state in SETTLED:
        return payment, None
    is_over, created = _standing(desk, payment)
    if payment.intent_id is not None:
        outcome = look(desk, payment)
    elif is_over:
        return abandon(desk, payment), None
    else:
        outcome = _create(desk, payment, created)
    return _go_on(desk, outcome, is_over=is_over)


def begin_to_drive(desk: Desk, payment: Payment, creation: Operation) -> Outcome:
    """Drive a payment that this process has just written, with the creation of its intent claimed."""
    payment, seen = send(desk, payment, creation)
    is_over = False
    if seen is not None and seen.status in _UNPAID:
        is_over, _ = _standing(desk, payment)
    return _go_on(desk, (payment, seen), is_over=is_over)


def _go_on(desk: Desk, outcome: Outcome, *, is_over: bool) -> Outcome:
    payment, seen = outcome
    if seen is None or seen.status not in _UNPAID:
        return payment, seen
    if is_over:
        return abandon(desk, payment), None
    if seen.status is IntentStatus.REQUIRES_ACTION or desk.seconds_left() < LEAST_SECONDS_TO_CONFIRM:
        return payment, seen
    return _confirm(desk, payment)


def abandon(desk: Desk, payment: Payment) -> Payment:
    """Take back what is not paid (rule W6); what was paid meanwhile converges instead.

    Raises `request_in_progress` while a request is under way or the outcome is open, `unavailable`.
    """
    if payment.state in SETTLED:
        return payment
    if payment.intent_id is None:
        return _end_unborn(desk, payment)
    payment, seen = look(desk, payment)
    is_unpaid = seen is not None and seen.status in CANCELLABLE
    if is_unpaid and payment.can.takes_back_unpaid:
        payment, _ = perform(desk, payment, OperationKind.CANCEL)
    if payment.state not in SETTLED:
        raise request_in_progress(
            "The outcome of this payment is not known yet.", payment_intent_id=payment.intent_id
        )
    return payment


def observe_again(desk: Desk, payment: Payment) -> tuple[Payment, Observation | None]:
    """Drive, but ask Stripe nothing where only the customer can go on or nothing is left to do."""
    if payment.state is State.FAILED_RETRYABLE:
        return payment, None
    return drive(desk, payment)


def _confirm(desk: Desk, payment: Payment) -> Outcome:
    try:
        return perform(desk, payment, OperationKind.CONFIRM)
    except TooLateError:
        return abandon(desk, payment), None


def _end_unborn(desk: Desk, payment: Payment) -> Payment:
    with desk.transaction() as connection:
        locked, now = lock_payment(connection, payment.id), read_app_now(connection)
        if operations.is_claimed(connection, payment.id, now):
            raise request_in_progress("This payment is still being made.")
        # Should its creation have reached Stripe, nobody has that intent's secret and it was never
        # confirmed: it can't be paid.
        return settle_without_intent(connection, locked, State.FAILED, Failure(hold_expired.code), now)


def _standing(desk: Desk, payment: Payment) -> tuple[bool, Operation | None]:
    """Whether the booking has ended, and how far the creation of the intent has come."""
    with desk.reading() as connection:
        found = operations.standing(connection, payment.id, payment.booking_id, OperationKind.CREATE)
    return is_over_by(payment, found), found.latest


def _create(desk: Desk, payment: Payment, created: Operation | None) -> Outcome:
    if created is not None and may_have_been_done(created):
        payment, seen = search(desk, payment, created)
        if seen is not None:
            return payment, seen
    return perform(desk, payment, OperationKind.CREATE)

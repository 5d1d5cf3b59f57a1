"""Does one request at Stripe exactly once: claimed, committed, sent under its key, closed (rule W7)."""

import logging
from datetime import datetime

from sqlalchemy import Connection

from services.payment.clients.payment_provider import (
    SERVER_ERROR,
    CardDeclinedError,
    NotExecutedError,
    OutcomeUnknownError,
    ProviderError,
    Reply,
    RequestRefusedError,
)
from services.payment.domain.charge import OperationKind, ProviderRequest
from services.payment.domain.charge_limits import provider_amount
from services.payment.domain.declines import Failure
from services.payment.domain.observation import IntentStatus, Observation
from services.payment.domain.states import State
from services.payment.store import operations
from services.payment.store.locks import lock_payment_now
from services.payment.store.rows import Operation, Payment
from services.payment.usecases.claims import claim, claim_confirmation
from services.payment.usecases.converge import (
    converge,
    mark_confirming,
    settle_without_intent,
)
from services.payment.usecases.desk import Desk
from shared import logs
from shared.errors import ServiceError, request_in_progress, unavailable

log = logging.getLogger(__name__)

LEAST_SECONDS_TO_CONFIRM = 3.0
"""With less patience left the caller is told 'processing', and a job confirms."""

Outcome = tuple[Payment, Observation | None]


def perform(desk: Desk, payment: Payment, kind: OperationKind) -> Outcome:
    """Send the payment's request of this kind and apply what came of it.

    A request that was interrupted is sent again as it was stored, under its key. The observation is
    None when nothing could be sent or the outcome is not known; a job goes on then. Raises
    `request_in_progress` while another process sends a request of this payment, and TooLateError
    instead of a confirmation when the booking has ended.
    """
    current, operation = claim(desk, payment, kind)
    return (current, None) if operation is None else send(desk, payment, operation)


def send(desk: Desk, payment: Payment, operation: Operation) -> Outcome:
    """Send a request that this process has claimed, and apply what came of it, like `perform`.

    An intent that was made, and waits for its confirmation, is confirmed too: that is claimed in the
    transaction that notes the intent.
    """
    request = ProviderRequest(OperationKind(operation.op), operation.intent_id, operation.params)
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
        locked, now = lock_payment_now(connection, payment.id)
        seen = converge(connection, locked, reply.observation, now, desk.operator_zone)
    return seen, reply.observation


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
        locked, now = _close(connection, created, "ok" if seen else "failed", None, SERVER_ERROR)
        if seen is None:
            return payment, None
        return converge(connection, locked, seen, now, desk.operator_zone), seen


def _close(
    connection: Connection, operation: Operation, state: str, request_id: str | None, code: str | None = None
) -> tuple[Payment, datetime]:
    """Write what came of a request; its payment, locked, and the instant that what follows is decided by."""
    locked = lock_payment_now(connection, operation.payment_id)
    operations.close(connection, operation.id, state, request_id, code)
    return locked


def _done(desk: Desk, payment: Payment, operation: Operation, reply: Reply) -> Outcome:
    seen, confirmation = reply.observation, None
    with desk.transaction() as connection:
        locked, now = _close(connection, operation, "ok", reply.request_id)
        current = converge(connection, locked, seen, now, desk.operator_zone)
        if _goes_on(desk, operation, seen):
            confirmation = claim_confirmation(connection, desk.provider_of(payment), current)
    return (current, seen) if confirmation is None else send(desk, current, confirmation)


def _goes_on(desk: Desk, operation: Operation, seen: Observation) -> bool:
    is_made = operation.op == OperationKind.CREATE and seen.status is IntentStatus.REQUIRES_CONFIRMATION
    return is_made and desk.seconds_left() >= LEAST_SECONDS_TO_CONFIRM


def _declined(desk: Desk, payment: Payment, operation: Operation, error: CardDeclinedError) -> Outcome:
    with desk.transaction() as connection:
        locked, now = _close(connection, operation, "failed", error.request_id, error.code)
        if operation.intent_id is None:
            return settle_without_intent(connection, locked, State.FAILED, error.failure, now), None
        if operation.op == OperationKind.CAPTURE:
            return locked, None
        seen = _refused_card(payment, operation.intent_id, error.failure)
        return converge(connection, locked, seen, now, desk.operator_zone), seen


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
        locked, now = _close(connection, operation, "failed", error.request_id, error.code)
        if operation.intent_id is None:
            return settle_without_intent(connection, locked, State.FAILED, error.failure, now), None
    return look(desk, locked)


def _unknown(desk: Desk, payment: Payment, operation: Operation, error: OutcomeUnknownError) -> Outcome:
    """Only a confirmation moves money: without its outcome the slot is kept until it is known."""
    with desk.transaction() as connection:
        locked, now = _close(connection, operation, "unknown", error.request_id, error.code)
        if operation.op != OperationKind.CONFIRM:
            return locked, None
        return mark_confirming(connection, locked, now), None


def _not_sent(desk: Desk, operation: Operation, request_id: str | None, code: str) -> Outcome:
    """Nothing was done at Stripe; the job sends it soon, so the customer is told 'processing'."""
    with desk.transaction() as connection:
        locked, _ = _close(connection, operation, "pending", request_id, code)
    return locked, None


def _lost(desk: Desk, payment: Payment) -> Payment:
    """The stand-in forgets everything when it starts anew; that is not a failure of the payment."""
    with desk.transaction() as connection:
        locked, now = lock_payment_now(connection, payment.id)
        logs.event(log, logging.WARNING, "standin_lost_intent", payment_id=payment.id)
        return settle_without_intent(connection, locked, State.STANDIN_LOST, Failure("standin_lost"), now)

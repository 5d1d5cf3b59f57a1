"""What a customer hears of a payment that was processed or looked at: the payment, or why there is none."""

from typing import Any

from services.payment.domain.observation import Observation
from services.payment.domain.states import DEAD, PaymentKind
from services.payment.store import payments, waiting_jobs
from services.payment.store.rows import Payment
from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_events import ABANDON_JOB
from services.payment.usecases.too_late import is_too_late
from services.payment.usecases.views import failure_of, view
from shared.contracts.booking import hold_expired
from shared.contracts.declaration import Caller
from shared.contracts.payment import payment_taken_back
from shared.database.transaction import read_app_now
from shared.errors import ServiceError


def outcome_of(desk: Desk, payment: Payment, seen: Observation | None, caller: Caller) -> dict[str, Any]:
    """The payment as its customer may see it.

    Raises `card_declined` and its kin for one that failed; for one that was taken back `hold_expired`
    when its booking ended, `payment_taken_back` when another took its place or its intent is no more.
    """
    failure = failure_of(payment, caller.locale)
    if failure is None and payment.state in DEAD:
        failure = _taken_back(desk, payment)
    if failure is not None:
        raise failure
    return view(payment, seen)


def _taken_back(desk: Desk, payment: Payment) -> ServiceError:
    kind = PaymentKind(payment.kind)
    with desk.reading() as connection:
        is_replaced = payments.live_of_booking(connection, payment.booking_id, kind) is not None
        is_over = is_too_late(connection, payment, read_app_now(connection)) or waiting_jobs.is_asked_for(
            connection, ABANDON_JOB, payment.id
        )
    is_of_hold = is_over and not is_replaced and kind is PaymentKind.BOOKING
    code = hold_expired if is_of_hold else payment_taken_back
    return code(payment_id=payment.id)

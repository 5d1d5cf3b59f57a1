"""Beginning a payment: the way is cleared, and its row and its request are committed before any call."""

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection

from services.payment.clients.payment_provider import NotExecutedError, OutcomeUnknownError, ProviderError
from services.payment.domain.charge import ChargeOrder, ProviderRequest
from services.payment.domain.states import SECURED, PaymentKind
from services.payment.store import operations, payments
from services.payment.store.rows import Operation, Payment
from services.payment.usecases.claims import claimed_until
from services.payment.usecases.converge import RESUME_JOB
from services.payment.usecases.desk import Desk
from services.payment.usecases.drive import abandon
from services.payment.usecases.too_late import is_too_late
from shared.contracts.payment import already_paid, already_tipped, payment_method_invalid
from shared.errors import request_in_progress, unavailable
from shared.messages import jobs

TIP_END_JOB = "abandon_tip"
"""No booking's end takes an unfinished tip back: its own time does."""
ALREADY = {PaymentKind.BOOKING: already_paid, PaymentKind.TIP: already_tipped}


@dataclass(frozen=True)
class Begun:
    """A payment, and the creation of its intent when this process has claimed it, and sends it now."""

    payment: Payment
    creation: Operation | None


def begin(desk: Desk, new: Payment, payment_method: str | None) -> Begun:
    """Commit the payment with the request that makes its intent, or answer the one of the same request.

    Raises `already_paid`, `already_tipped`, `request_in_progress`, `payment_method_invalid`, `unavailable`.
    """
    order = ChargeOrder(
        payment_id=new.id,
        booking_id=new.booking_id,
        kind=new.kind,
        amount=new.split.total,
        commission=new.split.commission,
        destination=new.destination,
        payment_method=_usable_payment_method(desk, new, payment_method),
        capture_method=new.capture_method,
    )
    begun = _write(desk, new, order)
    if begun is None:
        _clear_the_way(desk, new)
        begun = _write(desk, new, order)
    if begun is None:
        raise request_in_progress("Another payment for this booking is under way.")
    return begun


def _clear_the_way(desk: Desk, new: Payment) -> None:
    """At most one live payment per booking and kind (rule W9): an unfinished one is taken back or in the way.

    Raises `already_paid` or `already_tipped` when another turns out paid, `request_in_progress` while its
    outcome is open.
    """
    with desk.reading() as connection:
        live = payments.live_of_booking(connection, new.booking_id, PaymentKind(new.kind))
    if live is None:
        return
    if live.intent_id is None:
        raise request_in_progress("Another payment for this booking is under way.")
    live = abandon(desk, live)
    if live.state in SECURED:
        raise ALREADY[PaymentKind(new.kind)](payment_id=live.id)


def _usable_payment_method(desk: Desk, new: Payment, named: str | None) -> str:
    try:
        return desk.provider_of(new).usable_payment_method(named or new.method.value)
    except (OutcomeUnknownError, NotExecutedError) as error:
        raise unavailable(retry_after=1) from error
    except ProviderError as error:
        raise payment_method_invalid() from error


def _write(desk: Desk, payment: Payment, order: ChargeOrder) -> Begun | None:
    """None when another live payment of the booking is in the way."""
    provider = desk.provider_of(payment)
    request = provider.charge_request(order)
    new = replace(payment, params_not_simulated=provider.not_simulated(request))
    with desk.transaction() as connection:
        if not payments.add(connection, new):
            same_key = payments.by_key(connection, new.customer_id, new.idempotency_key)
            return None if same_key is None else Begun(same_key, None)
        creation = _add_creation(connection, new, request)
        run_at = new.created_at + timedelta(seconds=desk.resume_seconds)
        jobs.enqueue(connection, RESUME_JOB, new.id, {"payment_id": new.id}, run_at)
        if new.kind == PaymentKind.TIP:
            jobs.enqueue(connection, TIP_END_JOB, new.id, {"payment_id": new.id}, new.pay_before)
    return Begun(new, creation)


def _add_creation(connection: Connection, new: Payment, request: ProviderRequest) -> Operation | None:
    """Write the request that makes the intent: claimed, unless the booking has ended meanwhile."""
    if is_too_late(connection, new, new.created_at):
        operations.add(connection, new.id, request, attempt=1)
        return None
    return operations.add_claimed(connection, new.id, request, 1, claimed_until(new.created_at))

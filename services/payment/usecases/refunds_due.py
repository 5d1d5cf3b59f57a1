"""What is owed to a customer: written down, posted and handed to a job at once, never more than is there."""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.payment.domain import refund_postings
from services.payment.domain.authorization import CaptureCause
from services.payment.domain.charge_limits import is_exact
from services.payment.domain.disputes import still_owed
from services.payment.domain.refunds import (
    OWED,
    RefundParts,
    RefundStatus,
    is_refundable,
    sum_of,
    with_commission,
)
from services.payment.domain.states import CAPTURED, PaymentKind
from services.payment.store import disputes, ledger, refunds
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Cancellation, Dispute, Payment, Refund
from services.payment.usecases.desk import Desk
from services.payment.usecases.provider_money import account_of_share, keep_due
from shared import logs
from shared.contracts.payment_disputes import payment_in_dispute
from shared.contracts.payment_refunds import not_captured, refund_exceeds_payment
from shared.database.transaction import read_app_now, when_committed
from shared.errors import idempotency_key_reused
from shared.ids import new_id
from shared.messages import jobs
from shared.money import Money, amount_precision
from shared.telemetry import metrics

log = logging.getLogger(__name__)

WHOLE = 100
REFUND_JOB = "send_refund"
PAID_TWICE = "paid_twice"


@dataclass(frozen=True)
class Occasion:
    """What a refund is owed for: `request_key` once per payment; an administrator's reason and id."""

    request_key: str
    cause: str | None
    reason: str | None = None
    requested_by: str | None = None


def note_refund_due(
    connection: Connection, payment: Payment, cancellation: Cancellation | None, now: datetime
) -> None:
    """Write what is owed of this locked payment, when it took money and its booking is cancelled; all of it
    when another pays.

    Called from both sides, so the order of 'cancelled' and 'captured' does not matter. The amounts
    are booking's; where it gave everything back before it knew of the money, everything is owed.
    """
    if payment.paid_twice and payment.state in CAPTURED:
        _owe_all(connection, payment, now)
        return
    is_of_visit = payment.kind == PaymentKind.BOOKING
    if cancellation is None or not is_of_visit or payment.state not in CAPTURED:
        return
    if payment.capture_cause is CaptureCause.CANCELLED:
        return  # What goes back was never taken.
    if payment.capture_cause is CaptureCause.NO_SHOW and cancellation.is_no_show:
        return
    key = f"booking_{'no_show' if cancellation.is_no_show else 'cancelled'}:{payment.booking_id}"
    if refunds.by_request(connection, payment.id, key) is not None:
        return
    so_far = refunded_or_owed(connection, payment)
    service, tip = owed_of(payment, cancellation, so_far, lost_of(connection, payment))
    if service.amount + tip.amount == 0:
        return
    parts = with_commission(payment.taken, so_far, service, tip)
    owed = owe(connection, payment, Occasion(key, cancellation.cause), parts, now)
    logs.event(log, logging.INFO, "refund_due", payment_id=payment.id, refund_id=owed.id)


def _owe_all(connection: Connection, payment: Payment, now: datetime) -> None:
    """All of a payment whose booking another one pays, with the tip and whatever booking says later."""
    key = f"{PAID_TWICE}:{payment.id}"
    if refunds.by_request(connection, payment.id, key) is not None:
        return
    taken = payment.taken
    owe_what_is_left(connection, payment, Occasion(key, PAID_TWICE), (taken.service, taken.tip), now)


def refund_part(
    desk: Desk, payment_id: str, service: Money, tip: Money, request_key: str, cause: str | None = None
) -> Refund:
    """Owe a part of a payment back, once per `request_key`; a job sends it.

    Raises `not_found`, `not_captured`, `amount_precision`, `idempotency_key_reused` for the same key
    with other amounts, and `refund_exceeds_payment` when less is left than is asked for, counting all
    that went back or is on its way (rule M11). Whatever is refused calls nobody.
    """
    with desk.transaction() as connection:
        payment = lock_payment(connection, payment_id)
        known = refunds.by_request(connection, payment.id, request_key)
        if known is not None:
            if (known.service_amount, known.tip_amount) != (service.amount, tip.amount):
                raise idempotency_key_reused()
            return known
        refuse_in_dispute(connection, payment)
        parts = checked_parts(payment, refunded_or_owed(connection, payment), service, tip)
        return owe(connection, payment, Occasion(request_key, cause), parts, read_app_now(connection))


def checked_parts(payment: Payment, so_far: RefundParts, service: Money, tip: Money) -> RefundParts:
    """A further refund of these parts with the commission that goes back with it.

    Raises `not_captured`, `amount_precision`, `refund_exceeds_payment`.
    """
    if payment.state not in CAPTURED:
        raise not_captured(payment_id=payment.id)
    if {service.currency, tip.currency} != {payment.currency}:
        raise refund_exceeds_payment(currency=payment.currency)
    if not is_exact(service) or not is_exact(tip):
        raise amount_precision(currency=payment.currency)
    if not is_refundable(payment.taken, so_far, service, tip):
        raise refund_exceeds_payment(refundable=(payment.taken.total - so_far.total).to_wire())
    return with_commission(payment.taken, so_far, service, tip)


def refuse_in_dispute(connection: Connection, payment: Payment) -> None:
    """Raise `payment_in_dispute` where the customer's bank may give, or gave, the same money (rule M14)."""
    known = disputes.of_payment(connection, payment.id)
    if any(one.forbids_refunds for one in known):
        raise payment_in_dispute(payment_id=payment.id)


def refunded_or_owed(connection: Connection, payment: Payment) -> RefundParts:
    """All refunds of a locked payment together, and what banks kept of it by disputes.

    A failed refund counts: its money is still owed. A covered one does not: the bank gave it.
    """
    owed = (one for one in refunds.of_payment(connection, payment.id) if one.status in OWED)
    return sum_of((one.parts(payment.currency) for one in owed), payment.currency) + lost_of(
        connection, payment
    )


def lost_of(connection: Connection, payment: Payment) -> RefundParts:
    """What banks kept of a payment, all its disputes together."""
    lost = (one.loss.parts for one in disputes.of_payment(connection, payment.id))
    return sum_of(lost, payment.currency)


def owe_what_is_left(
    connection: Connection,
    payment: Payment,
    occasion: Occasion,
    wanted: tuple[Money, Money],
    now: datetime,
) -> None:
    """Owe a service and tip part as far as they are left of a locked payment."""
    so_far = refunded_or_owed(connection, payment)
    left = (payment.taken.service - so_far.service, payment.taken.tip - so_far.tip)
    service, tip = (
        min(one, most, key=lambda money: money.amount) for one, most in zip(wanted, left, strict=True)
    )
    if service.amount + tip.amount > 0:
        owe(connection, payment, occasion, with_commission(payment.taken, so_far, service, tip), now)


def owe(
    connection: Connection,
    payment: Payment,
    occasion: Occasion,
    parts: RefundParts,
    now: datetime,
) -> Refund:
    """Write and post a refund that is known to be refundable, and the job that sends it."""
    new = Refund(
        id=new_id(),
        payment_id=payment.id,
        request_key=occasion.request_key,
        cause=occasion.cause,
        service_amount=parts.service.amount,
        tip_amount=parts.tip.amount,
        commission_returned=parts.commission.amount,
        status=RefundStatus.DUE,
        attempt=1,
        provider_refund_id=None,
        failure_code=None,
        created_at=now,
        updated_at=now,
        reason=occasion.reason,
        requested_by=occasion.requested_by,
    )
    refunds.add(connection, new)
    share = account_of_share(connection, payment)
    ledger.post(connection, payment, refund_postings.refund_owed(parts, new.id, share), now)
    ledger.post(connection, payment, refund_postings.commission_returned(parts, new.id, share), now)
    keep_due(connection, payment, now)
    send_soon(connection, new, now)
    return new


def send_soon(connection: Connection, refund: Refund, now: datetime) -> None:
    """Hand a refund to a job; once per attempt."""
    when_committed(connection, metrics.refunds_moved.labels(status=RefundStatus.DUE.value).inc)
    key = f"{refund.id}:{refund.attempt}"
    jobs.enqueue(connection, REFUND_JOB, key, {"refund_id": refund.id}, now)


def send_after_dispute(connection: Connection, refund: Refund, dispute: Dispute, now: datetime) -> None:
    """Hand a refund that has waited for a dispute to a job again, with each status that closes it: a job that
    found it open once more has left it waiting."""
    key = f"{refund.id}:{refund.attempt}:{dispute.id}:{dispute.status}"
    jobs.enqueue(connection, REFUND_JOB, key, {"refund_id": refund.id}, now)


def owed_of(
    payment: Payment,
    cancellation: Cancellation,
    so_far: RefundParts | None = None,
    lost: RefundParts | None = None,
) -> tuple[Money, Money]:
    """What a cancellation gives back of the service and of the tip, beside all that went back so far. What a
    bank gave the customer by a dispute counts as given."""
    whole, currency = payment.taken, payment.currency
    nothing = sum_of([], currency)
    so_far, lost = so_far or nothing, lost or nothing
    service, tip = Money(cancellation.service_refund, currency), Money(cancellation.tip_refund, currency)
    wanted = RefundParts(
        service if cancellation.refund_percent < WHOLE else whole.service,
        tip if cancellation.tip_percent < WHOLE else whole.tip,
        Money(0, currency),
    )
    service, tip = still_owed(wanted, lost.total)
    return (
        Money(min(service.amount, (whole.service - so_far.service).amount), currency),
        Money(min(tip.amount, (whole.tip - so_far.tip).amount), currency),
    )

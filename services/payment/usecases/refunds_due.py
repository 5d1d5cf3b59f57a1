"""What is owed to a customer whose booking was cancelled: written down at once, whoever comes first."""

import logging

from sqlalchemy import Connection

from services.payment.domain.states import CAPTURED
from services.payment.store import refunds
from services.payment.store.rows import Cancellation, Payment
from shared import logs
from shared.money import Money

log = logging.getLogger(__name__)

WHOLE = 100


def note_refund_due(connection: Connection, payment: Payment) -> None:
    """Write what is owed, when this payment took money and its booking is cancelled.

    Called from both sides, so the order of 'cancelled' and 'captured' does not matter. The amounts
    are booking's; where it gave everything back before it knew of the money, everything is owed.
    """
    cancellation = refunds.cancellation_of(connection, payment.booking_id)
    if cancellation is None or payment.state not in CAPTURED:
        return
    service, tip = _owed(payment, cancellation)
    if service.amount + tip.amount == 0:
        return
    if refunds.add_due(connection, payment, cancellation.cause, service, tip):
        logs.event(log, logging.WARNING, "refund_due", payment_id=payment.id)


def _owed(payment: Payment, cancellation: Cancellation) -> tuple[Money, Money]:
    service, tip = payment.split.service, payment.split.tip
    if cancellation.refund_percent < WHOLE:
        service = Money(min(cancellation.service_refund, service.amount), payment.currency)
    if cancellation.tip_percent < WHOLE:
        tip = Money(min(cancellation.tip_refund, tip.amount), payment.currency)
    return service, tip

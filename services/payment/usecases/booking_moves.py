"""What a visit's move to another time means for its money (rules M15 and B2)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.payment.domain.refunds import RESCHEDULED
from services.payment.domain.states import CAPTURED, PaymentKind
from services.payment.store import moves, payments, refunds
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Payment
from services.payment.usecases.holds import is_undecided, take_in_time
from services.payment.usecases.refunds_due import Occasion, owe_what_is_left
from shared.money import Money


def note_moves(connection: Connection, payment: Payment, now: datetime) -> Payment:
    """Owe what the price of this locked payment's visit has fallen, each move once; what is held is taken for
    it. A hold knows from then on when the visit counts as done.

    Called from both sides, so the order of 'moved' and 'captured' does not matter.
    """
    if payment.kind != PaymentKind.BOOKING or payment.paid_twice:
        return payment
    known = moves.of_booking(connection, payment.booking_id)
    if not known:
        return payment
    if is_undecided(payment):
        payment = _told_when_done(connection, payment, known[-1].done_by, now)
        if any(one.service_refund or _takes_more(payment, one) for one in known):
            take_in_time(connection, payment, now)
            return lock_payment(connection, payment.id)
        return payment
    if payment.state in CAPTURED:
        for one in known:
            _owe(connection, payment, one, known, now)
    return payment


def _told_when_done(connection: Connection, payment: Payment, done_by: datetime, now: datetime) -> Payment:
    if payment.visit_done_by == done_by:
        return payment
    return payments.change(connection, payment, {"visit_done_by": done_by}, now)


def _owe(
    connection: Connection,
    payment: Payment,
    move: moves.BookingMove,
    known: Sequence[moves.BookingMove],
    now: datetime,
) -> None:
    key, amount = moves.refund_key(move.version), move.service_refund
    if refunds.by_request(connection, payment.id, key) is not None:
        return
    if _takes_more(payment, move):
        amount = payment.service_amount - (move.unpaid_price or 0) - _owed_since(connection, payment, known)
    if amount > 0:
        due = Money(amount, move.currency), Money(0, move.currency)
        owe_what_is_left(connection, payment, Occasion(key, RESCHEDULED), due, now)


def _takes_more(payment: Payment, move: moves.BookingMove) -> bool:
    """Whether the payment was begun before the visit was moved unpaid, to where it costs less."""
    return move.unpaid_price is not None and payment.service_amount > move.unpaid_price


def _owed_since(connection: Connection, payment: Payment, known: Sequence[moves.BookingMove]) -> int:
    """What is owed already by moves before it was paid: whichever of them is heard of first."""
    keys = {moves.refund_key(one.version) for one in known if one.unpaid_price is not None}
    found = refunds.of_payment(connection, payment.id)
    return sum(one.service_amount for one in found if one.request_key in keys)

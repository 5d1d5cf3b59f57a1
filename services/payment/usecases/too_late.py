"""When money must not be taken any more, whatever the customer still waits for (rule W6)."""

from datetime import datetime

from sqlalchemy import Connection

from services.payment.store import refunds
from services.payment.store.operations import Standing
from services.payment.store.rows import Payment


class TooLateError(Exception):
    """The payment's booking has ended: its intent must not be confirmed."""


def is_over_by(payment: Payment, standing: Standing) -> bool:
    """The same as `is_too_late`, where the store was asked already."""
    return standing.is_cancelled or standing.now >= payment.pay_before


def is_too_late(connection: Connection, payment: Payment, now: datetime) -> bool:
    """The hold's time is over, or booking said that it cancelled the booking, at any time before."""
    return now >= payment.pay_before or refunds.cancellation_of(connection, payment.booking_id) is not None

"""Every lock of the payment service. Order: payment rows by id, then their operations; never back."""

from sqlalchemy import Connection, select

from services.payment.store.payments import read
from services.payment.store.rows import Payment
from services.payment.store.tables import payment
from shared.errors import not_found


def lock_payment(connection: Connection, payment_id: str) -> Payment:
    """The payment's row, locked until the transaction ends. Raises `not_found`."""
    row = connection.execute(
        select(payment).where(payment.c.id == payment_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise not_found()
    return read(row)


def lock_payments_of_booking(connection: Connection, booking_id: str) -> list[Payment]:
    """All payments of a booking, locked in order of their ids."""
    query = select(payment).where(payment.c.booking_id == booking_id).order_by(payment.c.id).with_for_update()
    return [read(row) for row in connection.execute(query)]

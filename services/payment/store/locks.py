"""Every lock of the payment service. Order: payment rows by id, operations, the ledger's days; never back."""

from sqlalchemy import Connection, func, select

from services.payment.store.payments import read
from services.payment.store.rows import Payment
from services.payment.store.tables import payment
from shared.errors import not_found

LEDGER_DAYS = 5_200_190_007
"""Held by all who post, together, in a trigger of `ledger_transaction`; alone by who seals a day."""
CLOSINGS = 5_200_190_008
"""Held by who sums sealed days up: one after the other, since each is chained to the one before."""


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


def stop_posting(connection: Connection) -> None:
    """Wait for every posting in work, and let none begin before this transaction ends."""
    connection.execute(select(func.pg_advisory_xact_lock(LEDGER_DAYS)))


def lock_closings(connection: Connection) -> None:
    """Only one transaction closes days, until it ends."""
    connection.execute(select(func.pg_advisory_xact_lock(CLOSINGS)))

"""Every lock of the payment service. Order: a provider, payment rows by id, a payout, operations, the
ledger's days, the job that `waiting_jobs.take_back` deletes, and last the series of invoices, then of credit
notes, whose rows `documents.issue` locks as it counts; never back."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from services.payment.store import payouts
from services.payment.store.payments import from_columns, read
from services.payment.store.rows import Payment, Payout
from services.payment.store.tables import payment, payout, provider_account
from shared.database.kept_plans import kept
from shared.database.session import send_with_next, unread
from shared.errors import not_found

LEDGER_DAYS = 5_200_190_007
"""Held by all who post, together, in a trigger of `ledger_transaction`; alone by who seals a day."""
CLOSINGS = 5_200_190_008
"""Held by who sums sealed days up: one after the other, since each is chained to the one before."""


_PAYMENT = select(payment).where(payment.c.id == bindparam("payment_id")).with_for_update()

# The lock and the question go together: the instant is of when the lock was had, however long it took. An
# intent may be written between the two; then the question takes the lock.
_LOCK = unread("SELECT FROM payment WHERE id = %(payment_id)s FOR UPDATE", payment_id="uuid")
_LOCK_OF_INTENT = unread(
    "SELECT FROM payment WHERE intent_id = %(intent_id)s FOR UPDATE", intent_id="varchar"
)
_WITH_NOW = select(payment, func.app_now().label("now")).with_for_update()
_PAYMENT_NOW = kept(_WITH_NOW.where(payment.c.id == bindparam("payment_id")), payment_id="uuid")
_OF_INTENT_NOW = kept(_WITH_NOW.where(payment.c.intent_id == bindparam("intent_id")), intent_id="varchar")


def lock_payment(connection: Connection, payment_id: str) -> Payment:
    """The payment's row, locked until the transaction ends. Raises `not_found`."""
    row = connection.execute(_PAYMENT, {"payment_id": payment_id}).one_or_none()
    if row is None:
        raise not_found()
    return read(row)


def lock_payment_now(connection: Connection, payment_id: str) -> tuple[Payment, datetime]:
    """The same, and the instant that what follows is decided by. Raises `not_found`."""
    send_with_next(connection, _LOCK, {"payment_id": payment_id})
    found = connection.execute(_PAYMENT_NOW, {"payment_id": payment_id}).one_or_none()
    if found is None:
        raise not_found()
    return _with_now(found)


def lock_payment_of_intent(connection: Connection, intent_id: str) -> tuple[Payment, datetime] | None:
    """The same by the payment's intent; None when none has it."""
    send_with_next(connection, _LOCK_OF_INTENT, {"intent_id": intent_id})
    found = connection.execute(_OF_INTENT_NOW, {"intent_id": intent_id}).one_or_none()
    return None if found is None else _with_now(found)


def _with_now(row: Row[Any]) -> tuple[Payment, datetime]:
    values = dict(row._mapping)
    now: datetime = values.pop("now")
    return from_columns(values), now.astimezone(UTC)


def lock_payments(connection: Connection, payment_ids: Collection[str]) -> list[Payment]:
    """These payments, locked in order of their ids; all of them exist."""
    query = select(payment).where(payment.c.id.in_(payment_ids)).order_by(payment.c.id).with_for_update()
    return [read(row) for row in connection.execute(query)]


def lock_payout(connection: Connection, payout_id: str) -> Payout:
    """The payout, locked until the transaction ends. Raises `not_found`."""
    connection.execute(select(payout.c.id).where(payout.c.id == payout_id).with_for_update())
    return payouts.by_id(connection, payout_id)


def lock_provider(connection: Connection, provider_id: str) -> None:
    """What is done for one provider as a whole is done by one process at a time."""
    query = select(provider_account.c.provider_id).where(provider_account.c.provider_id == provider_id)
    connection.execute(query.with_for_update())


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

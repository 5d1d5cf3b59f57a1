"""Posting to the ledger, once per fact, and reading accounts. Nothing here changes a row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from services.payment.domain.postings import Posting
from services.payment.store.ledger_tables import ledger_entry, ledger_transaction
from services.payment.store.rows import Payment
from shared.ids import new_id
from shared.money import Money

_ADD_TRANSACTIONS = (
    insert(ledger_transaction)
    .on_conflict_do_nothing(index_elements=["payment_id", "fact"])
    .returning(ledger_transaction.c.id)
)
_ADD_ENTRIES = plain_insert(ledger_entry)


@dataclass(frozen=True)
class LedgerLine:
    """An entry with the fact that it belongs to. A debit is positive."""

    transaction_id: str
    kind: str
    fact: str
    reference: str | None
    posted_at: datetime
    account: str
    amount: Money


def post(connection: Connection, payment: Payment, posting: Posting, now: datetime) -> bool:
    """Post a fact of a payment; False when it is posted already or moves nothing."""
    return bool(post_all(connection, payment, [posting], now))


def post_all(connection: Connection, payment: Payment, postings: Iterable[Posting], now: datetime) -> int:
    """Post facts of a payment together; how many of them were not posted before and move something."""
    by_id = {new_id(): posting for posting in postings if posting.moves}
    if not by_id:
        return 0
    transactions = [
        {
            "id": transaction_id,
            "payment_id": payment.id,
            "booking_id": payment.booking_id,
            "kind": posting.kind,
            "fact": posting.fact,
            "reference": posting.reference,
            "posted_at": now,
        }
        for transaction_id, posting in by_id.items()
    ]
    posted = connection.execute(_ADD_TRANSACTIONS, transactions).scalars().all()
    entries = [
        {
            "id": new_id(),
            "transaction_id": transaction_id,
            "account": account,
            "amount": amount,
            "currency": by_id[transaction_id].currency,
            "posted_at": now,
            "kind": by_id[transaction_id].kind,
            "payment_id": payment.id,
        }
        for transaction_id in by_id
        if transaction_id in posted
        for account, amount in by_id[transaction_id].moves
    ]
    if entries:
        connection.execute(_ADD_ENTRIES, entries)
    return len(posted)


def lines_of_payment(connection: Connection, payment_id: str) -> list[LedgerLine]:
    """All entries of a payment, the oldest first."""
    return _lines(connection, ledger_transaction.c.payment_id == payment_id)


def lines_of_booking(connection: Connection, booking_id: str) -> list[LedgerLine]:
    """All entries of all payments of a booking, the oldest first."""
    return _lines(connection, ledger_transaction.c.booking_id == booking_id)


def balances_of_payment(connection: Connection, payment_id: str) -> Mapping[str, int]:
    """What stands on each account for a payment, in minor units of its currency."""
    query = (
        select(ledger_entry.c.account, func.sum(ledger_entry.c.amount))
        .join(ledger_transaction, ledger_transaction.c.id == ledger_entry.c.transaction_id)
        .where(ledger_transaction.c.payment_id == payment_id)
        .group_by(ledger_entry.c.account)
    )
    return {account: int(amount) for account, amount in connection.execute(query)}


def _lines(connection: Connection, condition: ColumnElement[bool]) -> list[LedgerLine]:
    columns: list[Any] = [
        ledger_transaction.c.id,
        ledger_transaction.c.kind,
        ledger_transaction.c.fact,
        ledger_transaction.c.reference,
        ledger_transaction.c.posted_at,
        ledger_entry.c.account,
        ledger_entry.c.amount,
        ledger_entry.c.currency,
    ]
    query = (
        select(*columns)
        .join(ledger_entry, ledger_entry.c.transaction_id == ledger_transaction.c.id)
        .where(condition)
        .order_by(ledger_transaction.c.id, ledger_entry.c.id)
    )
    return [
        LedgerLine(
            row.id,
            row.kind,
            row.fact,
            row.reference,
            row.posted_at,
            row.account,
            _money(row),
        )
        for row in connection.execute(query)
    ]


def _money(row: Row[Any]) -> Money:
    return Money(row.amount, row.currency)

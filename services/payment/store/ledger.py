"""Posting to the ledger, once per fact, and reading accounts. Nothing here changes a row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from services.payment.domain.postings import Posting
from services.payment.store.ledger_tables import ledger_entry, ledger_transaction
from services.payment.store.rows import Payment
from shared.database.session import send_with_next, unread
from shared.ids import new_id
from shared.money import Money

_ADD_TRANSACTIONS = unread(
    """
INSERT INTO ledger_transaction (id, payment_id, booking_id, kind, fact, reference, posted_at)
SELECT fact.id, %(payment_id)s, %(booking_id)s, fact.kind, fact.fact, fact.reference, %(posted_at)s
FROM unnest(%(ids)s, %(kinds)s, %(facts)s, %(refs)s) AS fact (id, kind, fact, reference)
ON CONFLICT (payment_id, fact) DO NOTHING
""",
    **dict.fromkeys(("payment_id", "booking_id"), "uuid"),
    **dict.fromkeys(("kinds", "facts", "refs"), "varchar[]"),
    posted_at="timestamptz",
    ids="uuid[]",
)
# A fact that was posted before was given no new transaction.
_ADD_ENTRIES = unread(
    """
INSERT INTO ledger_entry (id, transaction_id, account, amount, currency, posted_at, kind, payment_id)
SELECT move.id, posted.id, move.account, move.amount, move.currency, posted.posted_at, posted.kind,
    posted.payment_id
FROM unnest(%(ids)s, %(transaction_ids)s, %(accounts)s, %(amounts)s, %(currencies)s)
    AS move (id, transaction_id, account, amount, currency)
JOIN ledger_transaction AS posted ON posted.id = move.transaction_id
""",
    **dict.fromkeys(("ids", "transaction_ids"), "uuid[]"),
    **dict.fromkeys(("accounts", "currencies"), "varchar[]"),
    amounts="bigint[]",
)


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


def post(connection: Connection, payment: Payment, posting: Posting, now: datetime) -> None:
    """Post a fact of a payment; nothing when it is posted already or moves nothing."""
    post_all(connection, payment, [posting], now)


def post_all(connection: Connection, payment: Payment, postings: Iterable[Posting], now: datetime) -> None:
    """Post facts of a payment together: those that were not posted before and move something."""
    by_id = {new_id(): posting for posting in postings if posting.moves}
    if not by_id:
        return
    facts = {
        "payment_id": payment.id,
        "booking_id": payment.booking_id,
        "posted_at": now,
        "ids": [*by_id],
        "kinds": [posting.kind.value for posting in by_id.values()],
        "facts": [posting.fact for posting in by_id.values()],
        "refs": [posting.reference for posting in by_id.values()],
    }
    send_with_next(connection, _ADD_TRANSACTIONS, facts)
    moves = [
        (transaction_id, account, amount, posting.currency)
        for transaction_id, posting in by_id.items()
        for account, amount in posting.moves
    ]
    transaction_ids, accounts, amounts, currencies = map(list, zip(*moves, strict=True))
    entries = {
        "ids": [new_id() for _ in moves],
        "transaction_ids": transaction_ids,
        "accounts": accounts,
        "amounts": amounts,
        "currencies": currencies,
    }
    send_with_next(connection, _ADD_ENTRIES, entries)


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

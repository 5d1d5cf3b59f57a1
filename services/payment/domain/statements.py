"""A provider's money over a period: what each line is, and how it adds up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from services.payment.domain.postings import PostingKind
from shared.money import exponent


class LineKind(StrEnum):
    """What a line of a statement is about. What only moves between a provider's own accounts is no line."""

    EARNED = "earned"
    REFUNDED = "refunded"
    COMMISSION_RETURNED = "commission_returned"
    DISPUTED = "disputed"
    PAID_OUT = "paid_out"
    PAYOUT_FAILED = "payout_failed"
    OTHER = "other"


KINDS = {
    PostingKind.PROVIDER_SHARE.value: LineKind.EARNED,
    PostingKind.REFUND_OWED.value: LineKind.REFUNDED,
    PostingKind.REFUND_COVERED.value: LineKind.REFUNDED,
    PostingKind.COMMISSION_RETURNED.value: LineKind.COMMISSION_RETURNED,
    PostingKind.DISPUTE_WITHDRAWN.value: LineKind.DISPUTED,
    PostingKind.DISPUTE_REINSTATED.value: LineKind.DISPUTED,
    PostingKind.DISPUTE_LOST.value: LineKind.DISPUTED,
    PostingKind.DISPUTE_FEE.value: LineKind.DISPUTED,
    PostingKind.PAYOUT_SENT.value: LineKind.PAID_OUT,
    PostingKind.PAYOUT_PUT_BACK.value: LineKind.PAYOUT_FAILED,
}

OF_PAYOUTS = frozenset({LineKind.PAID_OUT, LineKind.PAYOUT_FAILED})
INTERNAL = [
    PostingKind.SHARE_RELEASED.value,
    PostingKind.RECEIVABLE_NETTED.value,
    PostingKind.RECEIVABLE_BOOKED.value,
]
"""What moves only between a provider's own accounts; of each other kind one entry is on one of them."""


class StatementLine(NamedTuple):
    """One fact about a provider's money, in minor units: `amount` is above zero where the provider gets it.

    Of what was earned `service`, `tip` and `commission` (below zero) add up to it, and so of what went
    back. Where a line has no such parts they are zero.
    """

    posted_at: datetime
    transaction_id: str
    kind: LineKind
    booking_id: str
    payment_id: str
    service: int
    tip: int
    commission: int
    amount: int
    payout_id: str | None


@dataclass(frozen=True)
class Earnings:
    """Where a provider's money of one currency stands, in minor units. `receivable` is owed by the
    provider; `last` is the newest entry that is counted."""

    currency: str
    waiting: int
    due: int
    receivable: int
    in_transit: int
    paid_out: int


CSV_HEADER = (
    "posted_at,kind,booking_id,payment_id,payout_id,currency,service,tip,commission,amount,balance\r\n"
)


def csv_of(lines: Iterable[StatementLine], currency: str, balance: int) -> tuple[str, int]:
    """RFC 4180 rows without a header, and the balance after them. Nothing in them needs quotes: instants,
    ids, words of ours and decimal numbers."""
    digits, words = exponent(currency), {kind: kind.value for kind in LineKind}
    rows = []
    for at, _, kind, booking_id, payment_id, service, tip, commission, amount, payout_id in lines:
        balance += amount
        rows.append(
            f"{at.isoformat()[:19]}Z,{words[kind]},{booking_id},{payment_id},{payout_id or ''},{currency},"
            f"{_price(service, digits)},{_price(tip, digits)},{_price(commission, digits)},"
            f"{_price(amount, digits)},{_major(balance, digits)}\r\n"
        )
    return "".join(rows), balance


def _major(amount: int, digits: int) -> str:
    """Minor units as a decimal number; Decimal is ten times as slow, and there are many."""
    if amount < 0:
        return f"-{_major(-amount, digits)}"
    if not digits:
        return str(amount)
    padded = str(amount).zfill(digits + 1)
    return f"{padded[:-digits]}.{padded[-digits:]}"


_price = lru_cache(maxsize=4096)(_major)
"""Prices repeat: most lines find theirs written. Balances don't."""

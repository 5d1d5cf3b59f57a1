"""Reads a provider's entries of the ledger, in the order in which they were posted."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from services.payment.domain.chart_of_accounts import (
    PROVIDER_DUE,
    PROVIDER_PAYABLE,
    PROVIDER_RECEIVABLE,
    of_provider,
)
from services.payment.domain.statements import INTERNAL, KINDS, OF_PAYOUTS, LineKind, StatementLine

ACCOUNTS = (PROVIDER_PAYABLE, PROVIDER_DUE, PROVIDER_RECEIVABLE)

# Each account is read in the order of its index, from it alone, and the first of the three are merged: a page
# costs what is on it, wherever in the history it lies.
_OF_ACCOUNT = """
    (SELECT posted_at, transaction_id, amount, kind, payment_id
     FROM ledger_entry
     WHERE account = :{name} AND currency = :currency
       AND posted_at >= :after_at AND posted_at < :until
       AND (posted_at, transaction_id) > (:after_at, CAST(:after_id AS uuid))
       AND kind <> ALL(:internal)
     ORDER BY posted_at, transaction_id LIMIT :most)
"""
# Most lines are shares, which their payments tell all about. What else a line needs is looked up for it
# alone: a plain join the planner would answer by reading the whole of the other table.
_LINES = text(f"""
SELECT line.posted_at, line.transaction_id::text, line.kind, p.booking_id::text, line.payment_id::text,
    line.fact, -line.amount AS amount, coalesce(p.kept_service_amount, p.service_amount),
    coalesce(p.kept_tip_amount, p.tip_amount), coalesce(p.kept_commission_amount, p.commission_amount),
    r.service_amount AS service_refund, r.tip_amount AS tip_refund
FROM (
    SELECT merged.*, CASE WHEN kind <> 'provider_share'
        THEN (SELECT fact FROM ledger_transaction WHERE id = merged.transaction_id) END AS fact
    FROM ({" UNION ALL ".join(_OF_ACCOUNT.format(name=name) for name in ACCOUNTS)}) AS merged
    ORDER BY posted_at, transaction_id LIMIT :most
) line
JOIN LATERAL (SELECT * FROM payment WHERE id = line.payment_id LIMIT 1) p ON true
LEFT JOIN LATERAL (
    SELECT service_amount, tip_amount FROM refund
    WHERE id = CASE WHEN line.kind IN ('refund_owed', 'refund_covered')
        THEN split_part(line.fact, ':', 2)::uuid END LIMIT 1
) r ON true
ORDER BY line.posted_at, line.transaction_id
""")

_ALONE = text("SET LOCAL max_parallel_workers_per_gather = 0")
"""A page is some 30 ms of work; to begin two workers for it took 7 to 16 ms more (EXPLAIN ANALYZE)."""

_BALANCE = text("""
SELECT -coalesce(sum(amount), 0)::bigint FROM ledger_entry
WHERE account = ANY(:accounts) AND currency = :currency AND posted_at < :until
""")

_BALANCES = text("""
SELECT account, currency, -sum(amount)::bigint AS amount FROM ledger_entry
WHERE account = ANY(:accounts) GROUP BY account, currency
""")

_PAYOUTS = text("""
SELECT currency, state, sum(amount)::bigint AS amount FROM payout
WHERE provider_id = :provider AND state IN ('sent', 'paid') GROUP BY currency, state
""")

_CURRENCY = text("""
SELECT currency FROM payment WHERE provider_id = :provider AND captured_at IS NOT NULL
ORDER BY captured_at DESC LIMIT 1
""")

_SUMS = text("""
SELECT kind, -sum(amount)::bigint AS amount FROM ledger_entry
WHERE account = ANY(:accounts) AND currency = :currency AND posted_at >= :since AND posted_at < :until
GROUP BY kind
""")

BEGINNING = "00000000-0000-0000-0000-000000000000"


def lines(
    connection: Connection,
    provider_id: str,
    currency: str,
    period: tuple[datetime, datetime],
    after: tuple[datetime, str],
    most: int,
) -> list[StatementLine]:
    """The next lines of a period, from its first instant until before its last, `most` at most."""
    values = {name: of_provider(name, provider_id) for name in ACCOUNTS} | {
        "currency": currency,
        "until": period[1],
        "after_at": max(after[0], period[0]),
        "after_id": after[1],
        "most": most,
        "internal": INTERNAL,
    }
    connection.execute(_ALONE)
    return [_line(row) for row in connection.execute(_LINES, values).all()]


def balance_before(connection: Connection, provider_id: str, currency: str, instant: datetime) -> int:
    """What was the provider's at an instant, wherever it stood, less what the provider owed."""
    values = {"accounts": _accounts(provider_id), "currency": currency, "until": instant}
    return int(connection.execute(_BALANCE, values).scalar_one())


def sums(
    connection: Connection, provider_id: str, currency: str, period: tuple[datetime, datetime]
) -> dict[LineKind, int]:
    """What the lines of a period add up to, by their kind."""
    values = {
        "accounts": _accounts(provider_id),
        "currency": currency,
        "since": period[0],
        "until": period[1],
    }
    found: dict[LineKind, int] = {}
    for kind, amount in connection.execute(_SUMS, values):
        line = KINDS.get(kind, LineKind.OTHER)
        found[line] = found.get(line, 0) + int(amount)
    return found


def balances(connection: Connection, provider_id: str) -> Mapping[tuple[str, str], int]:
    """What stands on each of the provider's accounts, by name and currency; above zero for the provider."""
    found = connection.execute(_BALANCES, {"accounts": _accounts(provider_id)})
    return {(row.account.partition(":")[0], row.currency): int(row.amount) for row in found}


def payouts(connection: Connection, provider_id: str) -> Mapping[tuple[str, str], int]:
    """What is on its way to the provider's bank and what has arrived, by state and currency."""
    found = connection.execute(_PAYOUTS, {"provider": provider_id})
    return {(row.state, row.currency): int(row.amount) for row in found}


def latest_currency(connection: Connection, provider_id: str) -> str | None:
    """The currency in which the provider was paid last."""
    found: str | None = connection.execute(_CURRENCY, {"provider": provider_id}).scalar_one_or_none()
    return found


def _accounts(provider_id: str) -> list[str]:
    return [of_provider(name, provider_id) for name in ACCOUNTS]


def _line(row: Iterable[Any]) -> StatementLine:
    posted_at, transaction_id, kind, booking_id, payment_id, fact, amount, *parts = row
    service, tip, commission, service_back, tip_back = parts
    line, shown, payout_id = KINDS.get(kind, LineKind.OTHER), (0, 0, 0), None
    if line is LineKind.EARNED:
        shown = (service, tip, -commission)
    elif line is LineKind.REFUNDED:
        shown = _given_back(service_back, tip_back, amount)
    elif line is LineKind.COMMISSION_RETURNED:
        shown = (0, 0, amount)
    elif line in OF_PAYOUTS:
        payout_id = fact.partition(":")[2]
    return StatementLine(posted_at, transaction_id, line, booking_id, payment_id, *shown, amount, payout_id)


def _given_back(service: int, tip: int, amount: int) -> tuple[int, int, int]:
    """The parts of a refund, below zero; above it of one that is owed no more, whose commission has come back
    to the platform with it."""
    sign = -1 if amount < 0 else 1
    service, tip = sign * service, sign * tip
    return service, tip, amount - service - tip

"""Sealing days of the ledger, summing them up, and reading what was found. Each reads its own day only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text

from services.payment.domain.closing import FIRST, Balance, SealedDay, Summary
from services.payment.domain.operator_days import Period
from services.payment.store.tables import (
    ledger_closing,
    ledger_closing_day,
    ledger_day,
    ledger_transaction,
)

# `posted_at` finds the day's transactions by an index. OFFSET 0 keeps their entries looked up one by one, by
# an index too: joined freely, PostgreSQL reads the whole ledger for a day of a million entries.
_OF_THE_DAY = """
    FROM ledger_transaction t CROSS JOIN LATERAL (
        SELECT id, account, amount, currency, transaction_id FROM ledger_entry
        WHERE transaction_id = t.id OFFSET 0
    ) e
    WHERE t.posted_at >= :begins AND t.posted_at < :ends
"""
_MOVED = f"""
    SELECT e.account, e.currency, coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0)::bigint AS debits,
        coalesce(-sum(e.amount) FILTER (WHERE e.amount < 0), 0)::bigint AS credits,
        count(*)::integer AS transactions
    {_OF_THE_DAY}
    GROUP BY e.account, e.currency
"""
_BALANCES = text(f"""
    SELECT m.account, m.currency, coalesce(before.closing, 0) AS opening, m.debits, m.credits,
        coalesce(before.closing, 0) + m.debits - m.credits AS closing, m.transactions
    FROM ({_MOVED}) m
    LEFT JOIN LATERAL (
        SELECT closing FROM ledger_closing c
        WHERE c.account = m.account AND c.currency = m.currency AND c.day < :day ORDER BY c.day DESC LIMIT 1
    ) before ON true
    ORDER BY m.account COLLATE "C", m.currency
""")
_ENTRIES = text(f"""
    SELECT count(DISTINCT t.id)::integer AS transactions, count(*)::integer AS entries,
        encode(sha256(convert_to(coalesce(string_agg(concat_ws('|', e.id, t.id, t.payment_id, t.booking_id,
            t.kind, t.fact, coalesce(t.reference, ''), extract(epoch FROM t.posted_at), e.account, e.amount,
            e.currency), E'\\n' ORDER BY e.id), ''), 'UTF8')), 'hex') AS digest
    {_OF_THE_DAY}
""")


@dataclass(frozen=True)
class ClosedDay:
    """A sealed day and what was written of it; `summary` is None until it is summed up."""

    sealed: SealedDay
    summary: Summary | None
    previous_digest: str
    digest: str


def first_posting(connection: Connection) -> datetime | None:
    """When the ledger begins."""
    first: datetime | None = connection.execute(select(func.min(ledger_transaction.c.posted_at))).scalar_one()
    return first


def seal(connection: Connection, sealed: SealedDay) -> None:
    """Nothing is posted to this day any more. Posting is stopped meanwhile (store/locks.py)."""
    connection.execute(
        insert(ledger_day).values(
            day=sealed.day, begins_at=sealed.period.begins, ends_at=sealed.period.ends, zone=sealed.zone
        )
    )


def last_sealed(connection: Connection) -> SealedDay | None:
    row = connection.execute(select(ledger_day).order_by(ledger_day.c.day.desc()).limit(1)).one_or_none()
    return None if row is None else _sealed(row)


def first_not_summed(connection: Connection) -> SealedDay | None:
    """The oldest day that is sealed and not summed up."""
    query = (
        select(ledger_day)
        .outerjoin(ledger_closing_day, ledger_closing_day.c.day == ledger_day.c.day)
        .where(ledger_closing_day.c.day.is_(None))
        .order_by(ledger_day.c.day)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _sealed(row)


def count_entries(connection: Connection, sealed: SealedDay) -> tuple[int, int, str]:
    """Transactions, entries and the digest of all that stands in the ledger for a day."""
    row = connection.execute(_ENTRIES, _bounds(sealed)).one()
    return row.transactions, row.entries, row.digest


def computed_balances(connection: Connection, sealed: SealedDay) -> list[Balance]:
    """By the day's entries, and what the accounts stood at when they were last closed before it."""
    values = {**_bounds(sealed), "day": sealed.day}
    return [Balance(**row._mapping) for row in connection.execute(_BALANCES, values)]


def written_balances(connection: Connection, day: date) -> list[Balance]:
    """As they were closed, in the same order."""
    columns = [ledger_closing.c[name] for name in Balance.__dataclass_fields__]
    query = (
        select(*columns)
        .where(ledger_closing.c.day == day)
        .order_by(ledger_closing.c.account.collate("C"), ledger_closing.c.currency)
    )
    return [Balance(**row._mapping) for row in connection.execute(query)]


def write(
    connection: Connection, day: date, balances: list[Balance], summary: Summary, chain: tuple[str, str]
) -> None:
    """Keep what was found in a day; `chain` is the digest of the day before and its own."""
    if balances:
        rows = [{"day": day, **vars(one)} for one in balances]
        connection.execute(insert(ledger_closing), rows)
    previous, digest = chain
    values = {**vars(summary), "previous_digest": previous, "digest": digest}
    connection.execute(insert(ledger_closing_day).values(day=day, **values))


def digest_before(connection: Connection, day: date) -> str:
    """What a day is chained to."""
    query = (
        select(ledger_closing_day.c.digest)
        .where(ledger_closing_day.c.day < day)
        .order_by(ledger_closing_day.c.day.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none() or FIRST


def closed_days(connection: Connection, after: date | None, limit: int) -> list[ClosedDay]:
    """Days in their order, from the first after that one."""
    return list(_days(connection, after, limit))


def posted_before(connection: Connection, instant: datetime) -> int:
    """How many transactions stand before the first day."""
    query = select(func.count()).where(ledger_transaction.c.posted_at < instant)
    return connection.execute(query).scalar_one()


def _days(connection: Connection, after: date | None, limit: int) -> Iterator[ClosedDay]:
    written = ledger_closing_day.c
    columns: list[Any] = [*ledger_day.c, *(column for column in written if column.name != "day")]
    query = (
        select(*columns)
        .outerjoin(ledger_closing_day, written.day == ledger_day.c.day)
        .order_by(ledger_day.c.day)
        .limit(limit)
    )
    if after is not None:
        query = query.where(ledger_day.c.day > after)
    for row in connection.execute(query):
        summary = None
        if row.digest is not None:
            summary = Summary(row.transactions, row.entries, row.entries_digest, row.balances_digest)
        yield ClosedDay(_sealed(row), summary, row.previous_digest or FIRST, row.digest or "")


def _sealed(row: Row[Any]) -> SealedDay:
    return SealedDay(row.day, Period(row.begins_at, row.ends_at), row.zone)


def _bounds(sealed: SealedDay) -> dict[str, datetime]:
    return {"begins": sealed.period.begins, "ends": sealed.period.ends}

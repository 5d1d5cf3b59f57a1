"""Sums of the ledger's entries by what their payments were about. Nothing else says how much money moved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, DateTime, String, and_, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from services.payment.domain.capabilities import PaymentProviderName
from services.payment.domain.chart_of_accounts import PLATFORM_COMMISSION, REFUNDS_PAYABLE, clearing_of
from services.payment.domain.operator_days import Period
from services.payment.domain.postings import PostingKind
from services.payment.store.tables import ledger_entry, ledger_transaction, payment

CLEARING = tuple(clearing_of(name) for name in PaymentProviderName)
COUNTED = (*CLEARING, PLATFORM_COMMISSION, REFUNDS_PAYABLE)


@dataclass(frozen=True)
class Figure:
    """Sums of one group and currency, in minor units. `bookings_revenue` is the part of `revenue` that was
    captured for bookings; the rest are tips that were given later, and what paid for a booking twice."""

    group: str | None
    currency: str
    revenue: int
    commission: int
    refunds: int
    bookings: int
    bookings_revenue: int


def by_attribute(
    connection: Connection, period: Period, attribute: str, currency: str | None
) -> list[Figure]:
    """By a column of the payment."""
    return _sums(connection, cast(payment.c[attribute], String), period, currency)


def by_day(connection: Connection, days: Mapping[str, Period], currency: str | None) -> list[Figure]:
    """By days that follow each other, whose instants are handed in: the database converts no zones."""
    names, periods = list(days), list(days.values())
    begins = literal([one.begins for one in periods], ARRAY(DateTime(timezone=True)))
    number = cast(func.width_bucket(ledger_transaction.c.posted_at, begins), String)
    period = Period(periods[0].begins, periods[-1].ends)
    found = _sums(connection, number, period, currency)
    named = [replace(one, group=names[int(one.group or 0) - 1]) for one in found]
    return sorted(named, key=lambda one: (one.group, one.currency))


def _sums(
    connection: Connection, group: ColumnElement[str], period: Period, currency: str | None
) -> list[Figure]:
    conditions: list[ColumnElement[bool]] = [ledger_entry.c.account.in_(COUNTED)]
    if currency is not None:
        conditions.append(ledger_entry.c.currency == currency)
    query = (
        select(group.label("group"), ledger_entry.c.currency, *_columns())
        .select_from(ledger_transaction)
        .join(ledger_entry, ledger_entry.c.transaction_id == ledger_transaction.c.id)
        .join(payment, payment.c.id == ledger_transaction.c.payment_id)
        .where(
            ledger_transaction.c.posted_at >= period.begins,
            ledger_transaction.c.posted_at < period.ends,
            # The same instants: they bound what is read of each account. An entry knows its payment too, but
            # joined to it alone the planner reads all payments there are.
            ledger_entry.c.posted_at >= period.begins,
            ledger_entry.c.posted_at < period.ends,
            *conditions,
        )
        .group_by(literal_column("1"), ledger_entry.c.currency)
        .order_by(literal_column("1"), ledger_entry.c.currency)
    )
    return [Figure(*row) for row in connection.execute(query)]


def _columns() -> list[Any]:
    account, kind = ledger_entry.c.account, ledger_transaction.c.kind
    captured = and_(account.in_(CLEARING), kind == PostingKind.CAPTURED)
    of_booking = and_(captured, payment.c.kind == "booking", ~payment.c.paid_twice)
    owed = and_(account == REFUNDS_PAYABLE, kind.in_((PostingKind.REFUND_OWED, PostingKind.REFUND_COVERED)))
    return [
        _sum(ledger_entry.c.amount, captured),
        _sum(-ledger_entry.c.amount, account == PLATFORM_COMMISSION),
        _sum(-ledger_entry.c.amount, owed),
        func.count().filter(of_booking),
        _sum(ledger_entry.c.amount, of_booking),
    ]


def _sum(amount: ColumnElement[Any], condition: ColumnElement[bool]) -> ColumnElement[Any]:
    """PostgreSQL sums to numeric; no sum of ours leaves 64 bits."""
    return cast(func.coalesce(func.sum(amount).filter(condition), 0), ledger_entry.c.amount.type)

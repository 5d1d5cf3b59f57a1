"""Sums of the ledger's entries by what their payments were about. Nothing else says how much money moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, DateTime, String, and_, cast, column, func, select, values
from sqlalchemy.sql.elements import ColumnElement

from services.payment.domain.chart_of_accounts import PLATFORM_COMMISSION, REFUNDS_PAYABLE, STRIPE_CLEARING
from services.payment.domain.operator_days import Period
from services.payment.domain.postings import PostingKind
from services.payment.store.tables import ledger_entry, ledger_transaction, payment

COUNTED = (STRIPE_CLEARING, PLATFORM_COMMISSION, REFUNDS_PAYABLE)


@dataclass(frozen=True)
class Figure:
    """Sums of one group and currency, in minor units. `bookings_revenue` is the part of `revenue` that was
    captured for bookings; the rest are tips that were given later."""

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
    return _sums(connection, cast(payment.c[attribute], String), {"period": period}, currency)


def by_day(connection: Connection, days: Mapping[str, Period], currency: str | None) -> list[Figure]:
    """By days, whose instants are handed in: the database converts no zones."""
    return _sums(connection, None, days, currency)


def _sums(
    connection: Connection,
    group: ColumnElement[str] | None,
    periods: Mapping[str, Period],
    currency: str | None,
) -> list[Figure]:
    period = values(
        column("name", String),
        column("begins", DateTime(timezone=True)),
        column("ends", DateTime(timezone=True)),
        name="period",
    ).data([(name, one.begins, one.ends) for name, one in periods.items()])
    told_apart: ColumnElement[Any] = period.c.name if group is None else group
    conditions: list[ColumnElement[bool]] = [ledger_entry.c.account.in_(COUNTED)]
    if currency is not None:
        conditions.append(ledger_entry.c.currency == currency)
    query = (
        select(told_apart.label("group"), ledger_entry.c.currency, *_columns())
        .select_from(period)
        .join(
            ledger_transaction,
            and_(
                ledger_transaction.c.posted_at >= period.c.begins,
                ledger_transaction.c.posted_at < period.c.ends,
            ),
        )
        .join(ledger_entry, ledger_entry.c.transaction_id == ledger_transaction.c.id)
        .join(payment, payment.c.id == ledger_transaction.c.payment_id)
        .where(*conditions)
        .group_by(told_apart, ledger_entry.c.currency)
        .order_by(told_apart, ledger_entry.c.currency)
    )
    return [Figure(*row) for row in connection.execute(query)]


def _columns() -> list[Any]:
    account, kind = ledger_entry.c.account, ledger_transaction.c.kind
    captured = and_(account == STRIPE_CLEARING, kind == PostingKind.CAPTURED)
    of_booking = and_(captured, payment.c.kind == "booking")
    owed = and_(account == REFUNDS_PAYABLE, kind == PostingKind.REFUND_OWED)
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

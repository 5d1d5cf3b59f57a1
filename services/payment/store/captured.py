"""Reads captured payments with what the ledger kept of them, in the order in which they were captured."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, tuple_

from services.payment.domain.chart_of_accounts import PLATFORM_COMMISSION
from services.payment.domain.operator_days import Period
from services.payment.domain.refunds import OWED
from services.payment.store.payments import from_columns
from services.payment.store.rows import Payment
from services.payment.store.tables import dispute, ledger_entry, ledger_transaction, payment, refund

PAGE = 1000


@dataclass(frozen=True)
class CapturedPayment:
    """`kept`: the commission that stands in the ledger; `service_back`: owed to the customer, given back, or
    kept by a bank that gave it to them."""

    payment: Payment
    service_back: int
    kept: int


def count(connection: Connection, period: Period, most: int) -> int:
    """How many bookings were captured in the period; `most` stands for 'so many or more'."""
    some = select(payment.c.id).where(*_captured_in(period)).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def captured_in(connection: Connection, period: Period) -> Iterator[CapturedPayment]:
    """Every booking captured in the period, read page by page within this transaction."""
    after: tuple[datetime, str] | None = None
    while True:
        query = _page(period)
        if after is not None:
            query = query.where(tuple_(payment.c.captured_at, payment.c.id) > tuple_(*after))
        found = connection.execute(query).all()
        for row in found:
            values = dict(row._mapping)
            service = int(values.pop("refunded") or 0) + int(values.pop("lost") or 0)
            kept = int(values.pop("kept") or 0)
            yield CapturedPayment(from_columns(values), service, kept)
        if len(found) < PAGE:
            return
        after = (found[-1].captured_at, found[-1].id)


def _page(period: Period) -> Any:
    gone = (
        select(func.sum(refund.c.service_amount).label("refunded"))
        .where(refund.c.payment_id == payment.c.id, refund.c.status.in_(sorted(OWED)))
        .lateral()
    )
    lost = (
        select(func.sum(dispute.c.lost_service_amount).label("lost"))
        .where(dispute.c.payment_id == payment.c.id)
        .lateral()
    )
    kept = (
        select((-func.sum(ledger_entry.c.amount)).label("kept"))
        .join(ledger_transaction, ledger_transaction.c.id == ledger_entry.c.transaction_id)
        .where(ledger_transaction.c.payment_id == payment.c.id, ledger_entry.c.account == PLATFORM_COMMISSION)
        .lateral()
    )
    columns: list[Any] = [*payment.c, gone.c.refunded, lost.c.lost, kept.c.kept]
    return (
        select(*columns)
        .select_from(payment)
        .where(*_captured_in(period))
        .order_by(payment.c.captured_at, payment.c.id)
        .limit(PAGE)
    )


def _captured_in(period: Period) -> tuple[Any, ...]:
    return (
        payment.c.captured_at >= period.begins,
        payment.c.captured_at < period.ends,
        payment.c.kind == "booking",
        ~payment.c.paid_twice,
    )

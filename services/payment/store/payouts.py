"""Reading and writing payouts and their lines, and what is due or owed by payment."""

import dataclasses
import functools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    String,
    bindparam,
    cast,
    func,
    insert,
    select,
    text,
    true,
    update,
)

from services.payment.domain.chart_of_accounts import PROVIDER_DUE, PROVIDER_RECEIVABLE, of_provider
from services.payment.domain.payouts import MOVING, PayoutLine, PayoutState
from services.payment.store.rows import Payout
from services.payment.store.shares import frozen
from services.payment.store.tables import (
    ledger_entry,
    ledger_transaction,
    payout,
    payout_line,
    provider_share,
)
from shared.errors import not_found

_COLUMNS = tuple(payout.c[field.name] for field in dataclasses.fields(Payout))


def whose_money_is_due(connection: Connection) -> list[tuple[str, str]]:
    """Providers and currencies of shares that are to be paid out."""
    query = select(provider_share.c.provider_id, provider_share.c.currency).where(provider_share.c.is_due)
    return [(row.provider_id, row.currency) for row in connection.execute(query.distinct())]


def payable_payments(connection: Connection, provider_id: str, currency: str, limit: int) -> list[str]:
    """Ids of payments with something to be paid out that nothing freezes, the oldest first."""
    query = (
        select(provider_share.c.payment_id)
        .where(
            provider_share.c.is_due,
            provider_share.c.provider_id == provider_id,
            provider_share.c.currency == currency,
            ~frozen(),
        )
        .order_by(provider_share.c.payment_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def due_by_payment(connection: Connection, provider_id: str, payments: Collection[str]) -> dict[str, int]:
    """What stands on `provider_due` for each of these payments, above zero where the provider gets it."""
    query = (
        select(ledger_transaction.c.payment_id, -func.sum(ledger_entry.c.amount))
        .join(ledger_entry, ledger_entry.c.transaction_id == ledger_transaction.c.id)
        .where(
            ledger_transaction.c.payment_id.in_(payments),
            ledger_entry.c.account == of_provider(PROVIDER_DUE, provider_id),
        )
        .group_by(ledger_transaction.c.payment_id)
    )
    return {payment_id: int(amount) for payment_id, amount in connection.execute(query) if amount}


def owed_by_payment(connection: Connection, provider_id: str, currency: str) -> dict[str, int]:
    """What the provider owes by payment: few ever do."""
    query = (
        select(ledger_entry.c.payment_id, func.sum(ledger_entry.c.amount))
        .where(
            ledger_entry.c.account == of_provider(PROVIDER_RECEIVABLE, provider_id),
            ledger_entry.c.currency == currency,
        )
        .group_by(ledger_entry.c.payment_id)
        .having(func.sum(ledger_entry.c.amount) != 0)
    )
    return {payment_id: int(amount) for payment_id, amount in connection.execute(query)}


def add(connection: Connection, new: Payout, lines: Iterable[PayoutLine]) -> None:
    connection.execute(insert(payout).values(**dataclasses.asdict(new)))
    rows = [
        {
            "payout_id": new.id,
            "payment_id": line.payment_id,
            "due_amount": line.due,
            "netted_amount": line.netted,
        }
        for line in lines
    ]
    connection.execute(insert(payout_line), rows)


def change(connection: Connection, old: Payout, values: Mapping[str, Any], now: datetime) -> Payout:
    """Write new values of a locked payout; its version rises by one."""
    statement = (
        update(payout)
        .where(payout.c.id == old.id)
        .values(**values, version=old.version + 1, updated_at=now)
        .returning(*_COLUMNS)
    )
    return _read(connection.execute(statement).one())


def by_id(connection: Connection, payout_id: str) -> Payout:
    """Raises `not_found`."""
    row = connection.execute(select(*_COLUMNS).where(payout.c.id == payout_id)).one_or_none()
    if row is None:
        raise not_found()
    return _read(row)


def by_reference(connection: Connection, provider_payout_id: str) -> Payout | None:
    query = select(*_COLUMNS).where(payout.c.provider_payout_id == provider_payout_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _read(row)


def created(connection: Connection, provider_id: str, currency: str) -> Payout | None:
    """The one payout that Stripe has not taken on yet, if there is one."""
    query = select(*_COLUMNS).where(
        payout.c.provider_id == provider_id,
        payout.c.currency == currency,
        payout.c.state == PayoutState.CREATED,
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _read(row)


def in_books(connection: Connection, payment_id: str) -> list[tuple[Payout, PayoutLine, int, bool]]:
    """The payouts that pay something of a payment, the oldest first: with its line, what all lines add up
    to, and whether it is the first payment in it."""
    found = []
    for row in connection.execute(_in_books(), {"payment_id": payment_id}):
        values = dict(row._mapping)
        line_of = PayoutLine(payment_id, values.pop("due_amount"), values.pop("netted_amount"))
        total, first = int(values.pop("total")), values.pop("first")
        found.append((_of(values), line_of, total, first == payment_id))
    return found


@functools.cache
def _in_books() -> Select[Any]:
    """Made once: every payment is compared, and to put this together takes longer than to run it."""
    others = payout_line.alias()
    whole = (
        select(
            func.sum(others.c.due_amount - others.c.netted_amount).label("total"),
            func.min(cast(others.c.payment_id, String)).label("first"),
        )
        .where(others.c.payout_id == payout.c.id)
        .lateral()
    )
    line = (payout_line.c.due_amount, payout_line.c.netted_amount)
    return (
        select(*_COLUMNS, *line, whole.c.total, whole.c.first)
        .join(payout_line, payout_line.c.payout_id == payout.c.id)
        .join(whole, true())
        .where(payout_line.c.payment_id == bindparam("payment_id"))
        .order_by(payout.c.id)
    )


def lines_of(connection: Connection, payout_id: str) -> list[PayoutLine]:
    query = (
        select(payout_line.c.payment_id, payout_line.c.due_amount, payout_line.c.netted_amount)
        .where(payout_line.c.payout_id == payout_id)
        .order_by(payout_line.c.payment_id)
    )
    return [PayoutLine(*row) for row in connection.execute(query)]


@dataclass(frozen=True)
class MovingPayouts:
    """How many there are in a state, and how long ago the oldest of them was written."""

    count: int
    oldest_seconds: float


_MOVING = text("""
SELECT state, count(*) AS payouts, extract(epoch FROM app_now() - min(created_at)) AS age
FROM payout WHERE state IN ('created', 'sent') GROUP BY state
""")


def moving(connection: Connection) -> Mapping[PayoutState, MovingPayouts]:
    """By state; a state without payouts is left out."""
    return {
        PayoutState(row.state): MovingPayouts(row.payouts, max(0.0, float(row.age)))
        for row in connection.execute(_MOVING)
    }


def moving_since(connection: Connection, instant: datetime, limit: int) -> list[str]:
    """Ids of payouts without an outcome that nothing has changed since then, the longest first."""
    query = (
        select(payout.c.id)
        .where(payout.c.state.in_(sorted(MOVING)), payout.c.updated_at <= instant)
        .order_by(payout.c.updated_at)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def _read(row: Row[Any]) -> Payout:
    return _of(dict(row._mapping))


def _of(values: dict[str, Any]) -> Payout:
    return Payout(**values | {"state": PayoutState(values["state"])})

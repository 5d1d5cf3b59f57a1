"""Figures of money: sums of the ledger by the operator's days, never across currencies."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from services.payment.domain.operator_days import days, each_day
from services.payment.store import figures
from services.payment.store.books import forbid_writing
from services.payment.store.figures import Figure
from services.payment.usecases.commission_rules import refuse_others
from services.payment.usecases.desk import Desk
from services.payment.usecases.periods import Days, days_of
from shared.contracts.declaration import Caller
from shared.contracts.payment_books import period_too_long
from shared.contracts.payment_books_forms import GroupBy
from shared.money import Money, round_to_step

MOST_DAYS = 366

COLUMNS = {
    GroupBy.CATEGORY: "category",
    GroupBy.CITY: "city",
    GroupBy.PROVIDER: "provider_id",
    GroupBy.CURRENCY: "currency",
}
"""The payment's column by which figures are told apart; days are instants of the ledger."""


def get_money_figures(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Revenue, commission, refunds and average per booking (promise D10, rule B18), of one moment's state.

    Raises `not_found` for who is no administrator, `validation_failed`, `period_too_long`.
    """
    refuse_others(caller)
    wanted = days_of(request, desk.operator_zone)
    if wanted.count > MOST_DAYS:
        raise period_too_long(most_days=MOST_DAYS)
    with desk.transaction() as connection:
        forbid_writing(connection)
        found = _read(desk, connection, wanted, request)
    return {
        "time_zone": desk.operator_zone.key,
        "figures": [_view(one) for one in found],
        "totals": [_view(one) for one in _totals(found)],
    }


def _read(desk: Desk, connection: Connection, wanted: Days, request: dict[str, Any]) -> list[Figure]:
    group, currency = GroupBy(request["group_by"]), request["currency"]
    if group is not GroupBy.DAY:
        return figures.by_attribute(connection, wanted.period, COLUMNS[group], currency)
    zone = desk.operator_zone
    by_name = {day.isoformat(): days(day, day, zone) for day in each_day(wanted.first, wanted.last)}
    return figures.by_day(connection, by_name, currency)


def _totals(found: Iterable[Figure]) -> list[Figure]:
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for one in found:
        amounts = (one.revenue, one.commission, one.refunds, one.bookings, one.bookings_revenue)
        sums[one.currency] = [a + b for a, b in zip(sums[one.currency], amounts, strict=True)]
    return [Figure(None, currency, *amounts) for currency, amounts in sorted(sums.items())]


def _view(one: Figure) -> dict[str, Any]:
    return {
        "group": one.group,
        "revenue": Money(one.revenue, one.currency).to_wire(),
        "commission": Money(one.commission, one.currency).to_wire(),
        "refunds": Money(one.refunds, one.currency).to_wire(),
        "bookings": one.bookings,
        "average_per_booking": _average(one),
    }


def _average(one: Figure) -> dict[str, Any] | None:
    if not one.bookings:
        return None
    exact = Decimal(one.bookings_revenue) / one.bookings
    return Money(round_to_step(exact, one.currency), one.currency).to_wire()

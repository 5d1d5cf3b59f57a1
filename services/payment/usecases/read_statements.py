"""A provider's earnings and statements, for its owners; each line follows to a visit."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from services.payment.domain.statements import CSV_HEADER, Earnings, LineKind, StatementLine, csv_of
from services.payment.settings import Mode
from services.payment.store import accounts, statements
from services.payment.store.books import forbid_writing
from services.payment.usecases.desk import Desk
from services.payment.usecases.owners import check_owner
from services.payment.usecases.periods import date_of
from shared.contracts.declaration import Caller
from shared.cursors import read_cursor, write_cursor
from shared.errors import invalid_field, not_found
from shared.money import Money

CSV_LINES = 2500
"""Of one answer: some 400 KiB."""
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Period:
    """Days of a provider's own zone, first and last included, and the instants that bound them."""

    provider_id: str
    currency: str
    first: date
    last: date
    zone: str

    @property
    def instants(self) -> tuple[datetime, datetime]:
        zone = ZoneInfo(self.zone)
        begin = datetime.combine(self.first, time(), zone)
        end = datetime.combine(self.last + timedelta(days=1), time(), zone)
        return begin.astimezone(UTC), end.astimezone(UTC)


def get_earnings(desk: Desk, provider_id: str, caller: Caller) -> dict[str, Any]:
    """Where the provider's money stands now, by currency. Raises `not_found`, `forbidden`."""
    with desk.transaction() as connection:
        forbid_writing(connection)
        _zone_of(connection, provider_id, caller)
        found = earnings_of(connection, provider_id)
    return {
        "provider_id": provider_id,
        "earnings": [_earnings_view(one) for one in found],
        "simulated": desk.mode is Mode.STAND_IN,
    }


def earnings_of(connection: Connection, provider_id: str) -> list[Earnings]:
    """From the ledger and the payouts alone, in order of the currencies."""
    stands = statements.balances(connection, provider_id)
    paid = statements.payouts(connection, provider_id)
    currencies = sorted({currency for _, currency in (*stands, *paid)})
    return [
        Earnings(
            currency=currency,
            waiting=stands.get(("provider_payable", currency), 0),
            due=stands.get(("provider_due", currency), 0),
            receivable=-stands.get(("provider_receivable", currency), 0),
            in_transit=paid.get(("sent", currency), 0),
            paid_out=paid.get(("paid", currency), 0),
        )
        for currency in currencies
    ]


def get_statement(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """A period's lines, `limit` at most, with what they and all others of the period add up to, all
    of one moment's state.

    Raises `not_found`, `cursor_invalid`, `validation_failed`.
    """
    with desk.transaction() as connection:
        forbid_writing(connection)
        period = period_of(connection, request, caller)
        since, until = period.instants
        opening = statements.balance_before(connection, period.provider_id, period.currency, since)
        sums = statements.sums(connection, period.provider_id, period.currency, (since, until))
        page, balance, following = _page(connection, period, opening, request["cursor"], request["limit"])
    return _period_view(desk, period) | {
        "opening_balance": Money(opening, period.currency).to_wire(),
        "closing_balance": Money(opening + sum(sums.values()), period.currency).to_wire(),
        **{kind.value: Money(sums.get(kind, 0), period.currency).to_wire() for kind in SUMMED},
        "lines": _line_views(page, period.currency, balance),
        "next": following,
    }


SUMMED = (
    LineKind.EARNED,
    LineKind.REFUNDED,
    LineKind.COMMISSION_RETURNED,
    LineKind.DISPUTED,
    LineKind.PAID_OUT,
    LineKind.PAYOUT_FAILED,
)


def get_statement_csv(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The next part of a period's lines as CSV, the first with its header. Raises like `get_statement`."""
    with desk.transaction() as connection:
        forbid_writing(connection)
        period = period_of(connection, request, caller)
        opening = 0
        if request["cursor"] is None:
            since = period.instants[0]
            opening = statements.balance_before(connection, period.provider_id, period.currency, since)
        page, balance, following = _page(connection, period, opening, request["cursor"], CSV_LINES)
    text, _ = csv_of(page, period.currency, balance)
    header = CSV_HEADER if request["cursor"] is None else ""
    return _period_view(desk, period) | {"csv": header + text, "next": following}


def period_of(connection: Connection, request: dict[str, Any], caller: Caller) -> Period:
    """What was asked for, in full. Raises `not_found`, `validation_failed`."""
    provider_id = request["provider_id"]
    zone = _zone_of(connection, provider_id, caller)
    currency = request["currency"] or statements.latest_currency(connection, provider_id)
    if currency is None:
        raise invalid_field("currency", "Say in which currency.")
    first, last = date_of(request, "from_date"), date_of(request, "to_date")
    if not first <= last < first + LONGEST:
        raise invalid_field("to_date", "A statement covers one day to a year.")
    return Period(provider_id, currency, first, last, zone)


def all_lines(connection: Connection, period: Period, most: int) -> list[StatementLine]:
    """The lines of a period, `most` at most."""
    start = (period.instants[0], statements.BEGINNING)
    return statements.lines(connection, period.provider_id, period.currency, period.instants, start, most)


def _page(
    connection: Connection, period: Period, opening: int, cursor: str | None, limit: int
) -> tuple[list[StatementLine], int, str | None]:
    """The lines behind a cursor, the balance before them, and where they go on."""
    query = ("statement", period.provider_id, period.currency, str(period.first), str(period.last))
    at, balance, after_id = period.instants[0], opening, statements.BEGINNING
    if cursor is not None:
        at, balance, after_id = read_cursor(cursor, query, (datetime, int, str))
    found = statements.lines(
        connection, period.provider_id, period.currency, period.instants, (at, after_id), limit + 1
    )
    page = found[:limit]
    if len(found) <= limit:
        return page, balance, None
    after = balance + sum(line.amount for line in page)
    return page, balance, write_cursor(query, (page[-1].posted_at, after, page[-1].transaction_id))


def _zone_of(connection: Connection, provider_id: str, caller: Caller) -> str:
    check_owner(caller, provider_id)
    account = accounts.of_provider(connection, provider_id)
    if account is None:
        raise not_found()
    return account.time_zone or "UTC"


def _earnings_view(one: Earnings) -> dict[str, Any]:
    amounts = ("waiting", "due", "receivable", "in_transit", "paid_out")
    return {name: Money(getattr(one, name), one.currency).to_wire() for name in amounts}


def _period_view(desk: Desk, period: Period) -> dict[str, Any]:
    return {
        "provider_id": period.provider_id,
        "currency": period.currency,
        "from_date": period.first.isoformat(),
        "to_date": period.last.isoformat(),
        "time_zone": period.zone,
        "simulated": desk.mode is Mode.STAND_IN,
    }


def _line_views(lines: list[StatementLine], currency: str, balance: int) -> list[dict[str, Any]]:
    return list(_views(lines, currency, balance))


def _views(lines: list[StatementLine], currency: str, balance: int) -> Iterator[dict[str, Any]]:
    for line in lines:
        balance += line.amount
        yield {
            "posted_at": line.posted_at,
            "kind": line.kind.value,
            "booking_id": line.booking_id,
            "payment_id": line.payment_id,
            "payout_id": line.payout_id,
            "service": Money(line.service, currency).to_wire(),
            "tip": Money(line.tip, currency).to_wire(),
            "commission": Money(line.commission, currency).to_wire(),
            "amount": Money(line.amount, currency).to_wire(),
            "balance": Money(balance, currency).to_wire(),
        }

"""Cancels one visit of a series, that and the following, or all: future ones only, each by its own notice."""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, cancel
from services.booking.domain.refund_quotes import RefundQuote
from services.booking.domain.series import Outcome, Series
from services.booking.domain.states import Actor, Change, Reason, State
from services.booking.store.locks import lock_bookings_of_series, lock_series
from services.booking.store.series import bookings_of, decide
from services.booking.usecases.endings import record_cancellation
from services.booking.usecases.once import answer_once
from services.booking.usecases.read_series import own_series, series_view
from services.booking.usecases.refund_quote import refund_due
from services.booking.usecases.series_scope import meant
from services.booking.usecases.views import refund_quote_id, refund_quote_view
from shared.contracts.booking_forms import CancelCause
from shared.contracts.booking_series import CANCEL_SERIES, nothing_to_cancel, series_quote_changed
from shared.contracts.booking_series_forms import SeriesRefundQuoteSchema
from shared.contracts.declaration import Caller, write
from shared.database.idempotency import IdempotentRequest
from shared.database.transaction import Transaction, read_app_now
from shared.errors import invalid_field
from shared.money import Money

_CAN_BE_CANCELLED = (State.PENDING, State.CONFIRMED)


@dataclass(frozen=True, slots=True)
class _Due:
    """Visits that will be cancelled, and what each gives back."""

    series: Series
    visits: list[tuple[Booking, RefundQuote]]


def get_series_refund_quote(
    transaction: Transaction, request: dict[str, Any], caller: Caller
) -> dict[str, Any]:
    """What cancelling now would give back (SeriesRefundQuoteSchema); changes nothing.

    Raises `not_found`, `nothing_to_cancel`, and `validation_failed` where there is no sum: in two currencies.
    """
    with transaction() as connection:
        series = own_series(connection, request["series_id"], caller)
        change = Change(Actor.CUSTOMER, caller.user_id, Reason.CUSTOMER_CANCELLED, read_app_now(connection))
        return _quote_view(
            _due(connection, series, request, bookings_of(connection, series.series_id), change)
        )


def cancel_series(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Cancel visits of a series before their start (SeriesSchema), once per key: all of them or none.

    Raises `not_found`, `nothing_to_cancel`, and `series_quote_changed` with the quote of now.
    """
    with transaction() as connection:
        key = IdempotentRequest.of(CANCEL_SERIES, caller, request)
        return answer_once(connection, key, caller, lambda: _cancel(connection, request, caller))


def _cancel(connection: Connection, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    now = read_app_now(connection)
    series = own_series(connection, request["series_id"], caller)
    lock_series(connection, series.series_id)
    visits = lock_bookings_of_series(connection, series.series_id)
    change = Change(Actor.CUSTOMER, caller.user_id, Reason.CUSTOMER_CANCELLED, now, request["reason"])
    due = _due(connection, series, request, visits, change)
    if due.visits:
        _cancel_visits(connection, due, request, change)
    still_open = [one for one in meant(connection, series, request) if one.outcome is Outcome.OPEN]
    if not due.visits and not still_open:
        raise nothing_to_cancel()
    for instance in still_open:
        decide(connection, series.series_id, instance.position, Outcome.SKIPPED)
    return series_view(connection, series)


def _cancel_visits(connection: Connection, due: _Due, request: dict[str, Any], change: Change) -> None:
    """Raises `series_quote_changed`."""
    if request["refund_quote_id"] not in (None, _quote_id(due)):
        raise series_quote_changed(quote=write(SeriesRefundQuoteSchema, _quote_view(due)))
    for booking, refund in due.visits:
        cancelled = cancel(booking, CancelCause.CUSTOMER.value, refund.refund, change)
        record_cancellation(connection, booking, cancelled, change)


def _due(
    connection: Connection, series: Series, request: dict[str, Any], visits: list[Booking], change: Change
) -> _Due:
    ids = {one.booking_id for one in meant(connection, series, request)}
    future = [
        visit
        for visit in visits
        if visit.booking_id in ids and visit.state in _CAN_BE_CANCELLED and change.at < visit.visit.start
    ]
    return _Due(series, [(visit, refund_due(connection, visit, change)) for visit in future])


def _quote_id(due: _Due) -> str:
    """A digest of the visits' quotes; nothing is stored."""
    ids = " ".join(refund_quote_id(quote) for _, quote in due.visits)
    return "rs_" + hashlib.sha256(ids.encode()).hexdigest()[:32]


def _quote_view(due: _Due) -> dict[str, Any]:
    """SeriesRefundQuoteSchema. Raises `nothing_to_cancel`, `validation_failed`."""
    if not due.visits:
        raise nothing_to_cancel()
    quotes = [quote for _, quote in due.visits]
    currency = _currency_of(quotes)
    return {
        "quote_id": _quote_id(due),
        "series_id": due.series.series_id,
        "valid_until": min(quote.valid_until for quote in quotes),
        "service_refund": Money(sum(quote.refund.service.amount for quote in quotes), currency).to_wire(),
        "tip_refund": Money(sum(quote.refund.tip.amount for quote in quotes), currency).to_wire(),
        "visits": [refund_quote_view(quote) for quote in quotes],
    }


def _currency_of(quotes: list[RefundQuote]) -> str:
    """That of what is due; a visit that gives nothing back may be priced in another.

    Raises `validation_failed` for two: the provider's currency has changed while the series was booked.
    """
    amounts = [money for quote in quotes for money in (quote.refund.service, quote.refund.tip)]
    found = {money.currency for money in amounts if money.amount}
    if len(found) > 1:
        raise invalid_field("scope", "What is due back is in two currencies: ask about one visit at a time.")
    return found.pop() if found else amounts[0].currency

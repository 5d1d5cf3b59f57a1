"""A series whose provider takes another currency while it is booked: it is quoted where there is a sum."""

from typing import Any

import pytest

from services.booking.usecases import book_series
from services.booking.usecases.hold_slot import hold_part
from shared.errors import ServiceError
from tests.integration.booking.desk import Desk
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.series_desk import SeriesDesk
from tests.integration.booking.test_series import states, visits

Value = dict[str, Any]


@pytest.fixture
def customer(desk: Desk) -> SeriesDesk:
    return SeriesDesk(desk)


@pytest.fixture
def series(desk: Desk, customer: SeriesDesk, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Value:
    """Two visits, the first in dollars and the second in euros."""
    provider = desk.open_provider()
    currencies = iter(("USD", "EUR"))

    def hold(*arguments: Any) -> Value:
        change = "UPDATE service SET price_currency = :currency WHERE id = :id"
        ledger.run(change, currency=next(currencies), id=provider.services[0])
        return hold_part(*arguments)

    monkeypatch.setattr(book_series, "hold_part", hold)
    return customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2")


def _due(quote: Value) -> list[Value]:
    return [quote["service_refund"], quote["tip_refund"]]


def _usd(amount: int) -> Value:
    return {"amount": amount, "currency": "USD"}


def test_what_is_due_in_one_currency_has_a_sum(desk: Desk, customer: SeriesDesk, series: Value) -> None:
    """rules T17 and B3: a visit that is not paid gives nothing back, in whichever currency."""
    desk.payment_succeeds(visits(series)[0])
    quote = customer.quote(series, "all")
    assert _due(quote) == [_usd(10000), _usd(500)]
    assert states(customer.cancel(series, "all", refund_quote_id=quote["quote_id"])) == ["cancelled"] * 2


def test_what_is_due_in_two_currencies_is_asked_about_one_by_one(
    desk: Desk, customer: SeriesDesk, series: Value
) -> None:
    """rules T17 and B3: there is no sum of dollars and euros; all of it can be cancelled, and each gives back
    its own."""
    for visit in visits(series):
        desk.payment_succeeds(visit)
    shown = [customer.quote(series, "one", position) for position in (1, 2)]
    assert [quote["service_refund"]["currency"] for quote in shown] == ["USD", "EUR"]
    with pytest.raises(ServiceError) as no_sum:
        customer.quote(series, "all")
    with pytest.raises(ServiceError) as no_sum_now:
        customer.cancel(series, "all", refund_quote_id=shown[0]["quote_id"])
    for refused in (no_sum.value, no_sum_now.value):
        assert (refused.code, list(refused.details["errors"])) == ("validation_failed", ["scope"])
    cancelled = visits(customer.cancel(series, "all"))
    refunds = [visit["refund"]["service_refund"] for visit in cancelled]
    assert refunds == [_usd(10000), {"amount": 10000, "currency": "EUR"}]

"""Somebody looks at a series while its visits are being booked, or replaced: no look fails for that."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, event

from services.booking.usecases import book_series
from services.booking.usecases.hold_slot import hold_part
from shared.database.transaction import Transaction
from tests.integration.booking.desk import Desk
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.series_desk import SeriesDesk
from tests.integration.booking.test_series import outcomes, visits

Value = dict[str, Any]
GAPS = range(1, 4)
"""A look is three statements: after each of them others may commit."""


def _interrupted(transaction: Transaction, after: int, happen: Callable[[], Any]) -> Transaction:
    """Transactions in the first of which something happens, and commits, after so many statements."""
    statements = count(1)

    def notice(*_: Any) -> None:
        if next(statements) == after:
            happen()

    @contextmanager
    def begin() -> Iterator[Connection]:
        with transaction() as connection:
            event.listen(connection, "after_cursor_execute", notice)
            yield connection

    return begin


def _interrupt(customer: SeriesDesk, after: int, happen: Callable[[], Any]) -> SeriesDesk:
    desk = customer.desk
    looks = replace(desk, transaction=_interrupted(desk.transaction, after, happen))
    return SeriesDesk(looks, customer.caller)


def _half_booked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> tuple[SeriesDesk, Value]:
    """The first of three visits is held, the others are still to be."""
    provider, customer, left = desk.open_provider(), SeriesDesk(desk), iter(range(1))

    def dies(*arguments: Any) -> Value:
        if next(left, None) is None:
            raise ConnectionError("the process died")
        return hold_part(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(book_series, "hold_part", dies)
        with pytest.raises(ConnectionError):
            customer.create(provider, desk.day, "FREQ=DAILY;COUNT=3")
    [series] = customer.own()["series"]
    return customer, series


@pytest.mark.parametrize("gap", GAPS)
def test_while_it_is_booked_it_is_seen_as_far_as_it_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, gap: int
) -> None:
    """rule T17: a look that began before the other visits were held shows each as held or not yet."""
    customer, series = _half_booked(desk, monkeypatch)

    def goes_on() -> None:
        book_series.finish_series(desk.transaction, desk.settings, series["series_id"])

    seen = outcomes(_interrupt(customer, gap, goes_on).get(series))
    assert seen in (["booked", "open", "open"], ["booked"] * 3)
    assert outcomes(customer.get(series)) == ["booked"] * 3


@pytest.mark.parametrize("gap", GAPS)
def test_while_it_is_booked_moving_what_is_booked_can_be_asked_about(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, gap: int
) -> None:
    """rule T17: those that were held when it was asked, or all."""
    customer, series = _half_booked(desk, monkeypatch)

    def goes_on() -> None:
        book_series.finish_series(desk.transaction, desk.settings, series["series_id"])

    seen = _interrupt(customer, gap, goes_on).preview_move(series, "all", start_time="12:00")
    assert [one["position"] for one in seen] in ([1], [1, 2, 3])


@pytest.mark.parametrize("gap", GAPS)
def test_while_a_visit_is_replaced_the_old_or_the_new_one_is_seen(
    desk: Desk, ledger: Ledger, gap: int
) -> None:
    """promise C6: whenever somebody looks, the instance has the one or the other, and none is refused."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2")
    for visit in visits(series):
        desk.payment_succeeds(visit)
    ledger.run("UPDATE service SET price_amount = 12000 WHERE id = :id", id=provider.services[0])
    old = visits(series)[0]
    new = desk.hold(provider, "14:00", customer.caller, replaces_booking_id=old["booking_id"])

    first, _ = visits(_interrupt(customer, gap, lambda: desk.payment_succeeds(new)).get(series))
    assert first["booking_id"] in (old["booking_id"], new["booking_id"])
    assert visits(customer.get(series))[0]["booking_id"] == new["booking_id"]

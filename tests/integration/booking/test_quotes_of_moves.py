"""What a quote of a move shows of the visit is what the move makes of it, or nothing moves."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts import booking as contract
from shared.contracts.declaration import read
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from tests.integration.booking.desk import Desk, Provider
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk
from tests.integration.booking.series_desk import SeriesDesk
from tests.integration.booking.test_series import visits


def _takes(ledger: Ledger, provider: Provider, minutes: int) -> None:
    ledger.run(
        "UPDATE service SET duration_minutes = :minutes WHERE id = :id",
        minutes=minutes,
        id=provider.services[0],
    )


def _agreed(desk: Desk, provider: Provider, start: str = "10:00") -> dict[str, Any]:
    booking = desk.hold(provider, start)
    desk.payment_succeeds(booking)
    return booking


def test_a_visit_that_would_be_shorter_by_now_moves_by_a_new_quote(desk: Desk, ledger: Ledger) -> None:
    """rule B3: half an hour for the same price is not what was shown."""
    provider = desk.open_provider()
    booking = _agreed(desk, provider)
    seen = desk.reschedule_quote(booking, "14:00")
    _takes(ledger, provider, 30)
    with pytest.raises(ServiceError) as refused:
        desk.reschedule(booking, "14:00", quote_id=seen["quote_id"])
    assert refused.value.code == "quote_changed"
    assert desk.look(booking)["starts_at"] == booking["starts_at"]
    now = read(contract.GET_RESCHEDULE_QUOTE.answer, refused.value.details["quote"])
    assert now["ends_at"] == seen["ends_at"] - timedelta(minutes=30)
    assert desk.reschedule(booking, "14:00", quote_id=now["quote_id"])["ends_at"] == now["ends_at"]


def test_of_a_session_that_is_joined_its_own_end_is_shown(
    desk: Desk, transaction: Transaction, ledger: Ledger
) -> None:
    """rules B3 and C10: it was opened when the service was shorter, and lasts as long as it did then, for a
    visit and for one of a series."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    ProviderDesk(transaction, provider).service_rules(capacity=4)
    session, booking = _agreed(desk, provider, "14:00"), _agreed(desk, provider)
    series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=1")
    [of_series] = visits(series)
    desk.payment_succeeds(of_series)
    _takes(ledger, provider, 90)
    [seen] = customer.preview_move(series, "all", start_time="14:00")
    for visit, quote in ((booking, desk.reschedule_quote(booking, "14:00")), (of_series, seen["quote"])):
        assert quote["ends_at"] == session["ends_at"]
        moved = desk.reschedule(visit, "14:00", quote_id=quote["quote_id"])
        assert moved["ends_at"] == quote["ends_at"]

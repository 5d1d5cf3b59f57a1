"""Whoever waits is offered the first time that fits them, however many before it do not."""

from datetime import timedelta
from typing import Any

import pytest

from services.booking.usecases import offer_freed
from services.booking.usecases.expiry import sweep_expired_holds
from services.booking.usecases.hold_slot import hold_part
from shared.contracts import booking as contract
from shared.database.transaction import Transaction
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import ADDRESS, Desk, windows
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk
from tests.integration.booking.series_desk import Waiting, offer

SPEED = 30
LATE = timedelta(minutes=16)


def test_who_lives_far_away_is_offered_what_can_be_reached(desk: Desk, transaction: Transaction) -> None:
    """promise C6, promise C7: more starts than are tried lie within the two hours of the way to them."""
    provider = desk.open_provider()
    works = ProviderDesk(transaction, provider)
    works.service_rules(places=["customer"])
    works.do(contract.CHANGE_RULES, travel_speed_kmh=SPEED)
    desk.payment_succeeds(desk.hold(provider, "09:00", address=ADDRESS))
    two_hours = ADDRESS | {"latitude": ADDRESS["latitude"] + 1.98 * SPEED / 111.2}
    first = Waiting(desk, provider, address=two_hours)
    offer(desk)
    assert first.state == "offered"
    assert first.entry["booking"]["local_time"] == "12:00"


def test_sessions_elsewhere_do_not_end_a_wait(desk: Desk, transaction: Transaction) -> None:
    """promise C6: shared visits of the morning are online, who waits wants to come to the provider."""
    provider = desk.open_provider()
    ProviderDesk(transaction, provider).service_rules(capacity=3, places=["provider", "online"])
    for hour in range(9, 9 + offer_freed.TRIES):
        desk.hold(provider, f"{hour:02}:00", place="online")
    waiting = Waiting(desk, provider, place="provider")
    offer(desk)
    assert waiting.state == "offered"
    assert waiting.entry["booking"]["local_time"] == f"{9 + offer_freed.TRIES:02}:00"


def test_a_line_is_looked_at_again_where_others_are_quicker(
    desk: Desk, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """promise C6: times that are taken while they are tried end no wait, and hold up no other line."""
    provider, other = desk.open_provider(), desk.open_provider(opening_hours=windows("10:00", "11:00"))
    offer(desk)
    busy, calm = Waiting(desk, provider), Waiting(desk, other)
    quicker = iter(range(offer_freed.TRIES))

    def hold(*arguments: Any) -> dict[str, Any]:
        if arguments[2]["provider_id"] == provider.provider_id and next(quicker, None) is not None:
            raise contract.slot_taken()
        return hold_part(*arguments)

    monkeypatch.setattr(offer_freed, "hold_part", hold)
    offer_freed.offer_freed(desk.transaction, desk.settings)
    offer_freed.offer_freed(desk.transaction, desk.settings)
    assert [busy.state, calm.state] == ["offered", "offered"]
    assert ledger.rows("SELECT id FROM waitlist_call WHERE provider_id = :id", id=provider.provider_id) == []


def test_an_offer_that_ran_out_is_missed_whenever_it_is_paid(desk: Desk, move_clock: MoveClock) -> None:
    """promise C6: somebody else has the time by then, and all the money goes back; one that was declined
    stays declined."""
    provider, other = (desk.open_provider(opening_hours=windows("10:00", "11:00")) for _ in range(2))
    late, declining = Waiting(desk, provider), Waiting(desk, other)
    offer(desk)
    held, declined = late.entry["booking"], declining.decline()["booking"]
    desk.payment_succeeds(declined)
    with move_clock(LATE):
        sweep_expired_holds(desk.transaction)
        desk.hold(provider, "10:00")
        desk.payment_succeeds(held)
        assert [late.state, declining.state] == ["missed", "declined"]
    assert late.entry["booking"]["cancel_cause"] == "late_payment"

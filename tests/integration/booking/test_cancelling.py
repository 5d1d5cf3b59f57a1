"""Cancelling: the slot is free and the refund due in the same commit."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared import clock
from shared.contracts.booking_forms import BookingCancelledSchema
from shared.contracts.declaration import Caller, write
from shared.errors import ServiceError
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, customer_of, member_of, somebody
from tests.integration.booking.ledger import Ledger


def _money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def _due(ledger: Ledger, provider_id: str) -> tuple[Any, ...]:
    data = next(data for name, data in reversed(ledger.events(provider_id)) if name == "booking_cancelled")
    write(BookingCancelledSchema, {**data, **_instants(data)})
    return (data["refund_percent"], data["tip_percent"], data["service_refund"], data["tip_refund"])


def _instants(data: dict[str, Any]) -> dict[str, Any]:
    instants = {name: clock.from_text(data[name]) for name in ("starts_at", "ends_at", "created_at")}
    return {**instants, "quote": {**data["quote"], "quoted_at": clock.from_text(data["quote"]["quoted_at"])}}


def test_a_cancelled_slot_is_free_in_the_same_commit(desk: Desk, ledger: Ledger) -> None:
    """rule C14, promise C4: allocation gone, history, events; unpaid carries 100 % of nothing."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    cancelled = desk.cancel(booking, reason="ill")
    assert (cancelled["state"], cancelled["version"]) == ("cancelled", 2)
    assert (cancelled["cancel_cause"], cancelled["hold_expires_at"]) == ("customer", None)
    booking_id = booking["booking_id"]
    assert ledger.allocations(booking_id) == 0
    assert ledger.history(booking_id)[-1] == (2, "pending", "cancelled", "customer", "customer_cancelled")
    assert ledger.one(
        "SELECT note FROM booking_history WHERE booking_id = :id AND version = 2", id=booking_id
    )
    assert ledger.event_names(provider.provider_id)[-2:] == ["booking_cancelled", "availability_changed"]
    assert _due(ledger, provider.provider_id) == (100, 100, _money(0), _money(0))
    desk.hold(provider)


@pytest.mark.parametrize(
    ("notice", "percent", "service"),
    [
        (timedelta(hours=24, minutes=1), 100, 10000),
        (timedelta(hours=23, minutes=59), 75, 7500),
        (timedelta(hours=2, minutes=1), 75, 7500),
        (timedelta(hours=1, minutes=59), 50, 5000),
        (timedelta(minutes=1), 50, 5000),
    ],
)
def test_what_is_due_depends_on_the_notice(
    desk: Desk,
    ledger: Ledger,
    move_clock: MoveClock,
    notice: timedelta,
    percent: int,
    service: int,
) -> None:
    """rules B1, B3 and B4: by the policy frozen with the quote and the database's clock; the tip in full."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    desk.payment_succeeds(booking)
    with move_clock(_until(booking) - notice):
        desk.cancel(booking)
    assert _due(ledger, provider.provider_id) == (percent, 100, _money(service), _money(500))


def test_after_the_start_a_customer_can_not_cancel(desk: Desk, move_clock: MoveClock) -> None:
    provider = desk.open_provider()
    booking = desk.hold(provider)
    desk.payment_succeeds(booking)
    with move_clock(_until(booking) + timedelta(seconds=1)), pytest.raises(ServiceError) as refused:
        desk.cancel(booking)
    assert refused.value.code == "booking_state_conflict"


def test_the_policy_of_the_day_of_booking_counts(desk: Desk, ledger: Ledger) -> None:
    """rule B4: a policy that is edited later changes nothing for those who have booked."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    desk.payment_succeeds(booking)
    ledger.run(
        "INSERT INTO refund_policy (id, valid_from, tiers) VALUES "
        "('01890000-0000-7000-8000-000000000099', app_now(), '[{\"notice_hours\": 0, \"percent\": 0}]')"
    )
    try:
        other = desk.hold(provider, "14:00")
        assert [tier["percent"] for tier in other["quote"]["refund_tiers"]] == [0]
        desk.cancel(booking)
        assert _due(ledger, provider.provider_id)[0] == 100
    finally:
        ledger.run("DELETE FROM refund_policy WHERE id = '01890000-0000-7000-8000-000000000099'")


def test_only_its_customer_cancels_a_booking(desk: Desk) -> None:
    """rule B11: to everybody else it does not exist."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    admin = Caller(user_id=somebody().user_id, roles=("admin",))
    for caller in (somebody(), member_of(provider), admin, Caller()):
        with pytest.raises(ServiceError) as refused:
            desk.cancel(booking, caller)
        assert refused.value.code == "not_found"
    assert desk.cancel(booking, customer_of(booking))["state"] == "cancelled"


def _until(booking: dict[str, Any]) -> timedelta:
    start: datetime = booking["starts_at"]
    return start - clock.now()

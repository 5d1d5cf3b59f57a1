"""A visit in place of another gives nobody what a move would not: more holds, another visit, a lower fee."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from services.booking.settings import BookingSettings
from services.booking.usecases.series_holds import end_unpaid_keeping
from services.booking.usecases.tell_payment_due import tell_payment_due
from shared import clock
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import ADDRESS, Desk, Provider, customer_of, member_of
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk
from tests.integration.booking.series_desk import SeriesDesk

DEARER = 12000
HOLD_SECONDS = 900


def _raise_price(ledger: Ledger, provider: Provider) -> None:
    ledger.run(
        "UPDATE service SET price_amount = :price WHERE id = :id", price=DEARER, id=provider.services[0]
    )


def _in_place(desk: Desk, provider: Provider, old: dict[str, Any], **members: Any) -> dict[str, Any]:
    members = {"start": "14:00", "replaces_booking_id": old["booking_id"], **members}
    return desk.hold(provider, members.pop("start"), customer_of(old), **members)


def _until(instant: datetime) -> timedelta:
    return instant - clock.now()


def test_they_count_as_holds_also_of_a_paid_series(
    desk: Desk, ledger: Ledger, settings: BookingSettings
) -> None:
    """rule C18"""
    provider, customer = desk.open_provider(staff=8), SeriesDesk(desk)
    paid = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2")["instances"][0]["booking"]
    desk.payment_succeeds(paid)
    _raise_price(ledger, provider)
    elsewhere = {"booking_date": (desk.day + timedelta(days=5)).isoformat(), "allow_overlap": True}
    for _ in range(settings.holds_per_customer):
        _in_place(desk, provider, paid, **elsewhere)
    with pytest.raises(ServiceError) as refused:
        _in_place(desk, provider, paid, **elsewhere)
    assert refused.value.code == "too_many_holds"


@pytest.mark.parametrize(
    "members",
    [
        {"place": "customer", "address": ADDRESS},
        {"place": "provider", "recipient": {"name": "Jules Verne"}},
    ],
    ids=["elsewhere", "for another"],
)
def test_what_its_provider_has_agreed_to_stays(
    desk: Desk, transaction: Transaction, ledger: Ledger, members: dict[str, Any]
) -> None:
    """promise C9: they are not asked again, so it is the same place and for the same person."""
    provider = desk.open_provider()
    ProviderDesk(transaction, provider).service_rules(places=["provider", "customer"], acceptance="provider")
    agreed = desk.hold(provider, place="provider")
    desk.payment_succeeds(agreed)
    desk.accept(agreed, member_of(provider))
    _raise_price(ledger, provider)
    with pytest.raises(ServiceError) as refused:
        _in_place(desk, provider, agreed, **members)
    assert refused.value.code == "validation_failed"


def test_it_joins_no_session_at_another_place(desk: Desk, transaction: Transaction, ledger: Ledger) -> None:
    """promise C9: whoever opened the session meets online; no place is named, so it is the agreed one."""
    provider = desk.open_provider()
    ProviderDesk(transaction, provider).service_rules(capacity=3, places=["provider", "online"])
    agreed = desk.hold(provider, place="provider")
    desk.payment_succeeds(agreed)
    desk.hold(provider, "14:00", place="online")
    there = desk.hold(provider, "16:00", place="provider")
    _raise_price(ledger, provider)
    with pytest.raises(ServiceError) as refused:
        _in_place(desk, provider, agreed)
    assert (refused.value.code, refused.value.details["places"]) == ("place_not_offered", ["online"])
    joined = _in_place(desk, provider, agreed, start="16:00")
    assert (joined["place"], joined["starts_at"]) == ("provider", there["starts_at"])


def test_what_costs_no_more_is_moved(desk: Desk) -> None:
    """promise C6: a second charge and a whole refund are for what a move can't do."""
    provider = desk.open_provider()
    agreed = desk.hold(provider)
    desk.payment_succeeds(agreed)
    with pytest.raises(ServiceError) as refused:
        _in_place(desk, provider, agreed)
    assert refused.value.code == "validation_failed"


def test_what_has_a_price_in_another_currency_is_moved(desk: Desk, ledger: Ledger) -> None:
    """rule B2: nobody gets back all of a dear visit for one that costs less in another currency."""
    provider = desk.open_provider()
    agreed = desk.hold(provider)
    desk.payment_succeeds(agreed)
    priced = "UPDATE service SET price_currency = 'EUR', price_amount = :price WHERE id = :id"
    for price in (1000, DEARER):
        ledger.run(priced, price=price, id=provider.services[0])
        with pytest.raises(ServiceError) as refused:
            _in_place(desk, provider, agreed)
        assert refused.value.code == "validation_failed"
        assert list(refused.value.details["errors"]) == ["replaces_booking_id"]
    assert desk.reschedule(agreed, "14:00")["quote"]["total"]["currency"] == "USD"


def test_the_notice_counts_when_the_other_is_given_up(
    desk: Desk, ledger: Ledger, move_clock: MoveClock
) -> None:
    """rule B2: who holds early and pays late cancels no cheaper."""
    provider = desk.open_provider()
    agreed = desk.hold(provider)
    desk.payment_succeeds(agreed)
    _raise_price(ledger, provider)
    later = (desk.day + timedelta(days=20)).isoformat()
    with move_clock(_until(agreed["starts_at"]) - timedelta(hours=2, minutes=5)):
        new = _in_place(desk, provider, agreed, booking_date=later)
        desk.payment_processing(new)
    with move_clock(_until(agreed["starts_at"]) - timedelta(hours=1, minutes=15)):
        desk.payment_succeeds(new)
        assert ledger.state(agreed["booking_id"]) == "cancelled"
        assert desk.refund_quote(new)["refund_percent"] == 50


def test_a_release_before_does_not_confirm_it_beside_the_other(desk: Desk, ledger: Ledger) -> None:
    """promise C6: it knows of no visit that is replaced, and both would have to be paid, or one cancelled at
    a fee. The database refuses, and the money's success is heard again by a process that knows."""
    provider = desk.open_provider()
    agreed = desk.hold(provider)
    desk.payment_succeeds(agreed)
    _raise_price(ledger, provider)
    new = _in_place(desk, provider, agreed)
    confirm = """
        UPDATE booking SET version = version + 1, state = 'confirmed', pending_for = NULL,
            hold_ends_at = NULL, payment_id = gen_random_uuid(), paid_service = 12000, paid_tip = 0
        WHERE id = :id
    """
    with pytest.raises(IntegrityError, match="the one that it replaces stands"):
        ledger.run(confirm, id=new["booking_id"])
    desk.payment_succeeds(new)
    assert [ledger.state(one["booking_id"]) for one in (agreed, new)] == ["cancelled", "confirmed"]


def test_it_is_held_by_itself_and_not_as_long_as_a_series(
    desk: Desk, transaction: Transaction, ledger: Ledger
) -> None:
    """rule T17: whatever becomes of the series; nobody is reminded of what was held a moment ago."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    made = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=3")
    first, second, _ = [one["booking"] for one in made["instances"]]
    desk.payment_succeeds(first)
    _raise_price(ledger, provider)
    far = (desk.day + timedelta(days=40)).isoformat()
    new = _in_place(desk, provider, first, booking_date=far)
    tell_payment_due(transaction)
    due = [data["booking_id"] for name, data in ledger.events(provider.provider_id) if name.endswith("_due")]
    assert new["booking_id"] not in due
    desk.cancel(first)
    end_unpaid_keeping(transaction, HOLD_SECONDS)
    desk.payment_succeeds(second)
    assert desk.look(new)["hold_expires_at"] == new["hold_expires_at"]

"""Booking's copy of the catalogue: complete without the owner, right in whatever order events come."""

from datetime import timedelta
from typing import Any

import pytest

from services.booking.usecases.catalogue_copy import (
    apply_provider_published,
    apply_provider_withdrawn,
    apply_service_published,
    apply_service_withdrawn,
)
from shared import clock
from shared.contracts import search as search_contract
from shared.contracts.declaration import EventType
from shared.errors import ServiceError
from shared.ids import new_id
from shared.messages.envelope import Event
from tests.integration.booking.desk import Desk, Provider
from tests.integration.booking.ledger import Ledger

HANDLERS = {
    "provider_published": apply_provider_published,
    "provider_withdrawn": apply_provider_withdrawn,
    "service_published": apply_service_published,
    "service_withdrawn": apply_service_withdrawn,
}


def _tell(desk: Desk, event_type: EventType, version: int, data: dict[str, Any]) -> Event:
    aggregate_id = data.get("service_id") or data["provider_id"]
    event = Event(event_type, aggregate_id, version, data["provider_id"], None, data, clock.now())
    HANDLERS[event_type.name](desk.transaction, event)
    return event


def _publish_provider(desk: Desk, provider: Provider, version: int, zone: str = "Africa/Abidjan") -> Event:
    data = {
        "provider_id": provider.provider_id,
        "name": {"en": "Calm Hands", "ar": None},
        "city": "Abidjan",
        "country": "CI",
        "time_zone": zone,
        "currency": "USD",
        "location": {"latitude": 5.3, "longitude": -4.0},
        "payable": True,
    }
    return _tell(desk, search_contract.PROVIDER_PUBLISHED, version, data)


def _publish_service(
    desk: Desk, provider: Provider, version: int, amount: int = 5000, minutes: int = 60
) -> Event:
    data = {
        "service_id": provider.services[0],
        "provider_id": provider.provider_id,
        "category": "massage",
        "name": {"en": "Massage", "ar": None},
        "duration_minutes": minutes,
        "list_price": {"amount": amount, "currency": "USD"},
    }
    return _tell(desk, search_contract.SERVICE_PUBLISHED, version, data)


@pytest.fixture
def stranger() -> Provider:
    """A provider that booking has never heard of."""
    return Provider(new_id(), (new_id(),), (), "Africa/Abidjan")


@pytest.mark.parametrize("provider_first", [True, False])
def test_two_events_make_a_provider_bookable(
    desk: Desk, ledger: Ledger, stranger: Provider, provider_first: bool
) -> None:
    """promise C3: in either order; one default member of staff, 09:00 to 18:00 on half hours."""
    if provider_first:
        _publish_provider(desk, stranger, 1)
    _publish_service(desk, stranger, 1)
    if not provider_first:
        _publish_provider(desk, stranger, 1)
    free = desk.free_times(stranger)
    assert (free[0], free[1], free[-1]) == ("09:00", "09:30", "17:00")
    booking = desk.hold(stranger)
    assert booking["quote"]["total"]["amount"] == 5000
    changed = [data for name, data in ledger.events(stranger.provider_id) if name == "availability_changed"]
    assert {tuple(data["service_ids"]) for data in changed[:2]} == {(), stranger.services}
    assert all(data["local_days"] == [] for data in changed[:2])


def test_a_lower_version_is_ignored(desk: Desk, ledger: Ledger, stranger: Provider) -> None:
    """rule C16: events may arrive backwards and twice."""
    _publish_provider(desk, stranger, 1)
    newest = _publish_service(desk, stranger, 3, amount=7000)
    told = len(ledger.events(stranger.provider_id))
    _publish_service(desk, stranger, 2, amount=6000)
    apply_service_published(desk.transaction, newest)
    assert desk.availability(stranger)["price"]["amount"] == 7000
    assert len(ledger.events(stranger.provider_id)) == told, "nothing changed, nobody is told"


def test_what_is_withdrawn_takes_no_bookings(desk: Desk, stranger: Provider) -> None:
    """Also when the withdrawal comes before what it withdraws."""
    _publish_provider(desk, stranger, 1)
    service = {"service_id": stranger.services[0], "provider_id": stranger.provider_id}
    _tell(desk, search_contract.SERVICE_WITHDRAWN, 2, service)
    _publish_service(desk, stranger, 1)
    _expect_not_found(desk, stranger)
    _publish_service(desk, stranger, 3)
    booking = desk.hold(stranger)
    _tell(desk, search_contract.PROVIDER_WITHDRAWN, 2, {"provider_id": stranger.provider_id})
    _expect_not_found(desk, stranger)
    assert desk.cancel(booking)["state"] == "cancelled"


def _expect_not_found(desk: Desk, provider: Provider) -> None:
    for ask in (desk.availability, desk.hold):
        with pytest.raises(ServiceError) as refused:
            ask(provider)
        assert refused.value.code == "not_found"


def test_a_quote_outlives_the_price(desk: Desk, stranger: Provider) -> None:
    """rule M20: the price that was quoted at the hold is the price."""
    _publish_provider(desk, stranger, 1)
    _publish_service(desk, stranger, 1, amount=5000)
    booking = desk.hold(stranger)
    _publish_service(desk, stranger, 2, amount=9000)
    assert desk.prepare(booking)["quote"]["total"]["amount"] == 5000
    assert desk.hold(stranger, "12:00")["quote"]["total"]["amount"] == 9000


def test_a_provider_that_moves_keeps_its_visits(desk: Desk, ledger: Ledger, stranger: Provider) -> None:
    """rule T13: bookings keep their instant, opening hours move with the zone."""
    _publish_provider(desk, stranger, 1)
    _publish_service(desk, stranger, 1)
    booking = desk.hold(stranger, "12:00")
    _publish_provider(desk, stranger, 2, "Asia/Tokyo")
    answer = desk.availability(stranger)
    assert answer["time_zone"] == "Asia/Tokyo"
    first = answer["slots"][0]
    assert first["starts_at"].hour == 0
    assert (first["local_time"], first["utc_offset"]) == ("09:00", "+09:00")
    start = ledger.one("SELECT lower(visit) FROM booking WHERE id = :id", id=booking["booking_id"])
    assert start == booking["starts_at"]
    moved = next(data for name, data in reversed(ledger.events(stranger.provider_id)))
    assert moved == {"provider_id": stranger.provider_id, "service_ids": [], "local_days": []}


def test_an_unknown_zone_is_not_applied(desk: Desk, stranger: Provider) -> None:
    with pytest.raises(ValueError, match="no such time zone"):
        _publish_provider(desk, stranger, 1, "Mars/Olympus")


def test_days_are_told_in_the_providers_zone(desk: Desk, ledger: Ledger, stranger: Provider) -> None:
    """rule T8: nine in the morning in Tokyo is midnight in UTC; the day told is Tokyo's."""
    _publish_provider(desk, stranger, 1, "Asia/Tokyo")
    _publish_service(desk, stranger, 1)
    desk.hold(stranger, "09:00")
    *_, (name, data) = ledger.events(stranger.provider_id)
    assert name == "availability_changed"
    assert data["local_days"] == [desk.day.isoformat()]
    assert desk.availability(stranger, desk.day + timedelta(days=1))["slots"][0]["local_time"] == "09:00"

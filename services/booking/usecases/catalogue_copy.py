"""Keeps booking's copy of the catalogue, so that it goes on while search is down."""

import json

from services.booking.domain.local_time import zone
from services.booking.store.catalogue import (
    ProviderCopy,
    ServiceCopy,
    put_provider,
    put_service,
    withdraw_provider,
    withdraw_service,
)
from services.booking.store.staff import ensure_staff
from services.booking.usecases.announcements import announce, availability_changed
from shared.database.transaction import Transaction, read_app_now
from shared.messages.envelope import Event
from shared.messages.inbox import first_time


def apply_provider_published(transaction: Transaction, event: Event) -> None:
    """A provider is on offer; when its zone changed, its hours move and its visits stay (rule T13).

    Raises ValueError for a zone that the zone data does not know: tried again, then parked.
    """
    data = event.data
    zone(data["time_zone"])
    copy = ProviderCopy(data["provider_id"], event.aggregate_version, data["time_zone"])
    with transaction() as connection:
        if not first_time(connection, event.id, "booking.provider_published"):
            return
        if put_provider(connection, copy):
            ensure_staff(connection, copy.id, json.dumps(data["name"]))
            announce(connection, [availability_changed(copy.id, [], read_app_now(connection))])


def apply_provider_withdrawn(transaction: Transaction, event: Event) -> None:
    """No new bookings of this provider; those that are there stay."""
    provider_id = event.data["provider_id"]
    with transaction() as connection:
        if not first_time(connection, event.id, "booking.provider_withdrawn"):
            return
        if withdraw_provider(connection, provider_id, event.aggregate_version):
            announce(connection, [availability_changed(provider_id, [], read_app_now(connection))])


def apply_service_published(transaction: Transaction, event: Event) -> None:
    """A service is on offer at this length and price; quotes that were given stay (rule M20)."""
    data = event.data
    copy = ServiceCopy(
        id=data["service_id"],
        provider_id=data["provider_id"],
        version=event.aggregate_version,
        name=data["name"],
        duration_minutes=data["duration_minutes"],
        price_amount=data["list_price"]["amount"],
        price_currency=data["list_price"]["currency"],
    )
    with transaction() as connection:
        if not first_time(connection, event.id, "booking.service_published"):
            return
        if put_service(connection, copy):
            now = read_app_now(connection)
            announce(connection, [availability_changed(copy.provider_id, [], now, [copy.id])])


def apply_service_withdrawn(transaction: Transaction, event: Event) -> None:
    """No new bookings of this service."""
    service_id, provider_id = event.data["service_id"], event.data["provider_id"]
    with transaction() as connection:
        if not first_time(connection, event.id, "booking.service_withdrawn"):
            return
        if withdraw_service(connection, service_id, provider_id, event.aggregate_version):
            now = read_app_now(connection)
            announce(connection, [availability_changed(provider_id, [], now, [service_id])])

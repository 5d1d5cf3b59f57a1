"""What changes a provider's supply and the copy of the catalogue, for `walk`: once each, by name."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from services.booking.usecases.catalogue_copy import (
    apply_provider_published,
    apply_provider_withdrawn,
    apply_service_published,
    apply_service_withdrawn,
)
from shared import clock
from shared.contracts import booking as contract
from shared.contracts import search
from shared.contracts.declaration import EventType
from shared.database.transaction import Transaction
from shared.messages.envelope import Event
from tests.integration.booking.desk import Desk, Provider, one_of_staff
from tests.integration.booking.provider_desk import NAME, ProviderDesk, every_day
from tests.plans.listening import Asking

LATER = 100
"""Above the version of whatever is there."""


def supply_commands(desk: Desk, provider: Provider) -> Iterator[Asking]:
    """In the end, the first service is one that customers share, in one of two rooms."""
    mine = ProviderDesk(desk.transaction, provider)
    made: dict[str, str] = {}

    def keep(name: str, answer: dict[str, Any]) -> None:
        made[name] = answer["changed_id"]

    far = [(desk.day + timedelta(days=days)).isoformat() for days in (200, 201)]
    date_off = {"date": far[0], "windows": []}
    yield "get_supply", mine.supply
    yield "change_hours", lambda: mine.hours(every_day("08:00", "18:00"), dates=[date_off])
    person: dict[str, Any] = {"staff_id": provider.staff[0]}
    yield "change_hours_of_a_person", lambda: mine.hours(every_day("08:00", "18:00"), dates=[], **person)
    opened = {"date": far[1], "windows": [{"opens": "09:00", "closes": "12:00"}]}
    by_staff = {"caller": one_of_staff(provider), "dates": [opened]}
    yield "change_hours_by_staff", lambda: mine.hours(every_day("08:00", "18:00"), **person, **by_staff)
    yield "change_rules", lambda: mine.do(contract.CHANGE_RULES, slot_step_minutes=30)
    time_off = person | {"from_date": far[0], "to_date": far[1]}
    yield "add_time_off", lambda: keep("time_off", mine.do(contract.ADD_TIME_OFF, **time_off))
    yield "remove_time_off", lambda: mine.do(contract.REMOVE_TIME_OFF, time_off_id=made["time_off"])
    yield "put_resource", lambda: made.update(room=mine.rooms(2))
    yield "put_staff", lambda: mine.do(contract.PUT_STAFF, name=NAME, day_cap=8)
    rules = {"capacity": 4, "day_cap": 20, "staff_count": 2}
    yield "list_supply_changes", lambda: mine.changes(limit=3)
    yield "list_supply_changes_page_2", lambda: mine.changes(limit=3, cursor=mine.changes(limit=3)["next"])
    yield "change_service_rules", lambda: mine.service_rules(**rules, needs=[{"resource_id": made["room"]}])


def catalogue_events(desk: Desk, provider: Provider) -> Iterator[Asking]:
    """In the end, the provider and its first service are off."""
    ids = {"provider_id": provider.provider_id}
    service = ids | {"service_id": provider.services[0]}
    names = {"name": NAME, "city": "London", "country": "GB", "currency": "USD"}
    place = {"time_zone": "Europe/London", "location": {"latitude": 51.5, "longitude": 0.0}, "payable": True}
    price = {"duration_minutes": 60, "list_price": {"amount": 5000, "currency": "USD"}, "name": NAME}
    for event_type, apply, data in (
        (search.PROVIDER_PUBLISHED, apply_provider_published, ids | names | place),
        (search.SERVICE_PUBLISHED, apply_service_published, service | price | {"category": "massage"}),
        (search.SERVICE_WITHDRAWN, apply_service_withdrawn, service),
        (search.PROVIDER_WITHDRAWN, apply_provider_withdrawn, ids),
    ):
        yield event_type.name, partial(_tell, desk.transaction, event_type, apply, data)


def _tell(
    transaction: Transaction,
    event_type: EventType,
    apply: Callable[[Transaction, Event], None],
    data: dict[str, Any],
) -> None:
    about = data.get("service_id") or data["provider_id"]
    version = LATER if event_type in (search.PROVIDER_PUBLISHED, search.SERVICE_PUBLISHED) else LATER + 1
    apply(transaction, Event(event_type, about, version, data["provider_id"], None, data, clock.now()))

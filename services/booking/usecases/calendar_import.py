"""Takes in whole calendars at once: hours, rules, staff, time off, services and past bookings."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking
from services.booking.domain.local_time import Interval, local_instant, zone
from services.booking.domain.quotes import quote
from services.booking.domain.refunds import RefundPolicy
from services.booking.domain.states import Actor, Change, Reason, State
from services.booking.store.calendars import CalendarRows, import_digests, replace_calendar, valid_policy
from services.booking.store.catalogue import (
    IMPORTED,
    ProviderCopy,
    ServiceCopy,
    put_provider,
    put_service,
)
from services.booking.store.locks import change_supply
from services.booking.store.past_bookings import insert_past, known_ids
from services.booking.usecases.announcements import announce, availability_changed
from shared import clock
from shared.contracts.booking_forms import CancelCause
from shared.database.transaction import Transaction, read_app_now
from shared.money import Money

FORMAT = 1
BATCH = 500

Object = Mapping[str, Any]


class CalendarFileError(Exception):
    """The file is not of this format."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed; a repeat changes nothing."""

    calendars: int
    bookings: int


def import_calendar(transaction: Transaction, content: Object) -> Imported:
    """Write what differs from the last import of the same calendars.

    Of a provider are replaced: grid, notice, window and buffers, the week of all, staff with the
    services that they do, time off; with an `availability_changed`. What the format does not know stays
    as it is here: hours of a person, of a service and of single dates, rules of services, caps,
    holidays, rooms and equipment. One whose part of the file has not changed is left alone, also when
    it was edited here since. Past bookings are added by id. Raises CalendarFileError.
    """
    if content.get("format") != FORMAT:
        raise CalendarFileError(f"format {content.get('format')} is not {FORMAT}")
    providers = {entry["provider_id"]: entry for entry in content["providers"]}
    with transaction() as connection:
        known = import_digests(connection)
    changed = 0
    for provider_id, entry in providers.items():
        digest = _digest(entry)
        if known.get(provider_id) != digest:
            with transaction() as connection:
                _import_provider(connection, entry, digest)
            changed += 1
    return Imported(changed, _import_bookings(transaction, content["past_bookings"], providers))


def _digest(entry: Object) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()


def _import_provider(connection: Connection, entry: Object, digest: str) -> None:
    provider_id = entry["provider_id"]
    zone(entry["time_zone"])
    change_supply(connection, provider_id)
    put_provider(connection, ProviderCopy(provider_id, IMPORTED, entry["time_zone"]))
    for service in entry["services"]:
        put_service(
            connection,
            ServiceCopy(
                id=service["id"],
                provider_id=provider_id,
                version=IMPORTED,
                name=service["name"],
                duration_minutes=service["duration_minutes"],
                price_amount=service["price"]["amount"],
                price_currency=service["price"]["currency"],
            ),
        )
    replace_calendar(connection, _rows(entry, digest))
    announce(connection, [availability_changed(provider_id, [], read_app_now(connection))])


def _rows(entry: Object, digest: str) -> CalendarRows:
    return CalendarRows(
        provider_id=entry["provider_id"],
        rules={
            "slot_step_minutes": entry["slot_grid_minutes"],
            "minimum_notice_minutes": entry["minimum_notice_minutes"],
            "window_days": entry["window_days"],
            "buffer_before_minutes": entry["buffer_before_minutes"],
            "buffer_after_minutes": entry["buffer_after_minutes"],
            "import_digest": digest,
        },
        windows=_windows(entry),
        staff=entry["staff"],
        time_off=entry["time_off"],
    )


def _windows(entry: Object) -> list[tuple[int, int, int]]:
    """Raises CalendarFileError for hours of a day that overlap."""
    windows = sorted(
        (hours["weekday"], _minutes(hours["opens"]), _minutes(hours["closes"]))
        for hours in entry["opening_hours"]
    )
    for (weekday, _, closes), (next_weekday, opens, _) in pairwise(windows):
        if weekday == next_weekday and opens < closes:
            raise CalendarFileError(f"{entry['provider_id']}: hours of weekday {weekday} overlap")
    return windows


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _import_bookings(
    transaction: Transaction, entries: Iterable[Object], providers: Mapping[str, Object]
) -> int:
    added = 0
    for batch in _batches(entries):
        with transaction() as connection:
            known = known_ids(connection, [entry["id"] for entry in batch])
            new = [entry for entry in batch if entry["id"] not in known]
            if not new:
                continue
            now = read_app_now(connection)
            policy = valid_policy(connection, now)
            bookings = [_past_booking(entry, providers[entry["provider_id"]], policy) for entry in new]
            change = Change(Actor.SYSTEM, None, Reason.IMPORTED, now)
            added += insert_past(connection, bookings, change)
    return added


def _past_booking(entry: Object, provider: Object, policy: RefundPolicy) -> Booking:
    start, end, created_at = (
        clock.from_text(entry[member]) for member in ("starts_at", "ends_at", "created_at")
    )
    visit = Interval(start, end)
    name = next(one["name"] for one in provider["services"] if one["id"] == entry["service_id"])
    state = State(entry["status"])
    return Booking(
        booking_id=entry["id"],
        version=1,
        state=state,
        customer_id=entry["customer_id"],
        provider_id=entry["provider_id"],
        service_id=entry["service_id"],
        staff_id=entry["staff_id"],
        service_name=name,
        visit=visit,
        blocked=visit,
        time_zone=provider["time_zone"],
        start=local_instant(start, provider["time_zone"]),
        quote=quote(name, Money.from_wire(entry["price"]), policy, created_at),
        created_at=created_at,
        cancel_cause=CancelCause.CUSTOMER.value if state is State.CANCELLED else None,
    )


def _batches(entries: Iterable[Object]) -> Iterator[list[Object]]:
    items = list(entries)
    for first in range(0, len(items), BATCH):
        yield items[first : first + BATCH]

"""Tells the other services, through the outbox, what has become of bookings and free times."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking
from services.booking.domain.local_time import Interval
from services.booking.domain.touched_days import Reach
from services.booking.store.waitlist import lines_of
from services.booking.store.waitlist_calls import Freed, call_lines
from services.booking.usecases.views import booking_view, ended_view
from services.booking.usecases.views_of_moves import rescheduled_view
from shared.contracts.booking_events import (
    AVAILABILITY_CHANGED,
    BOOKING_ANSWER_DUE,
    BOOKING_CANCELLED,
    BOOKING_COMPLETED,
    BOOKING_CONFIRMED,
    BOOKING_EXPIRED,
    BOOKING_HELD,
    BOOKING_RESCHEDULED,
)
from shared.contracts.booking_no_show import BOOKING_NO_SHOW
from shared.contracts.declaration import EventType
from shared.database.transaction import when_committed
from shared.messages import outbox
from shared.messages.envelope import Event
from shared.money import Money
from shared.telemetry import metrics

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_CUSTOMER_IS_FREE = (
    *(BOOKING_CANCELLED, BOOKING_EXPIRED, BOOKING_RESCHEDULED),
    *(BOOKING_COMPLETED, BOOKING_NO_SHOW),
)
_WITH_REFUND = (BOOKING_CANCELLED, BOOKING_NO_SHOW)
_COUNTERS = {
    BOOKING_HELD: metrics.holds_created,
    BOOKING_EXPIRED: metrics.holds_expired,
    BOOKING_CONFIRMED: metrics.bookings_confirmed,
    BOOKING_COMPLETED: metrics.bookings_completed,
}


def announce(connection: Connection, events: Iterable[Event]) -> None:
    """Send these with the commit of this transaction, and count them then; who waits for time that gets free
    by it is looked for after it."""
    told = list(events)
    outbox.append_all(connection, told)
    if told and not any(event.type is BOOKING_HELD for event in told):
        call_lines(connection, [*_freed(told), *_customers_freed(connection, told)], told[0].occurred_at)
    for event in told:
        counter = _COUNTERS.get(event.type)
        if counter is not None:
            when_committed(connection, counter.inc)


def _freed(events: Iterable[Event]) -> Iterator[tuple[str, list[date]]]:
    """Where those who wait may be offered something: free times differ, and nobody has just taken one."""
    for event in events:
        if event.type is AVAILABILITY_CHANGED:
            days = [date.fromisoformat(day) for day in event.data["local_days"]]
            yield event.data["provider_id"], days


def _customers_freed(connection: Connection, events: Iterable[Event]) -> list[Freed]:
    """Where those wait who were not offered what was free, since they had this visit then (rule C19): what
    it leaves of its time may be theirs."""
    free = []
    for event in events:
        if event.type in _CUSTOMER_IS_FREE and event.user_id:
            visit = _no_longer_theirs(event.data)
            if event.occurred_at < visit.end:
                free.append((event.user_id, *_local_days(visit)))
    return lines_of(connection, free) if free else []


def _no_longer_theirs(data: Mapping[str, Any]) -> Interval:
    starts_at = data.get("previous_starts_at", data["starts_at"])
    return Interval(starts_at, data.get("previous_ends_at", data["ends_at"]))


def _local_days(visit: Interval) -> tuple[date, date]:
    """The day on which it begins and that on which it ends, in whatever zone."""
    return visit.start.date() - timedelta(days=1), visit.end.date() + timedelta(days=1)


WITHOUT_NOTES = {"notes": None}
"""Who asks for a booking reads them if they are told; what is sent about it goes to more people, and is kept
longer."""


def booking_event(event_type: EventType, booking: Booking, now: datetime) -> Event:
    """A booking's public state, to its provider's and its customer's watchers; no note of anybody's."""
    view = ended_view if event_type in _WITH_REFUND else booking_view
    return Event(
        type=event_type,
        aggregate_id=booking.booking_id,
        aggregate_version=booking.version,
        provider_id=booking.provider_id,
        user_id=booking.customer_id,
        data=view(booking) | WITHOUT_NOTES,
        occurred_at=now,
    )


def secured_event(booking: Booking, now: datetime) -> Event:
    """The money is secured: the visit is agreed, or its provider's answer is due (promise C9)."""
    return booking_event(BOOKING_ANSWER_DUE if booking.awaits_answer else BOOKING_CONFIRMED, booking, now)


def slot_changed(booking: Booking, reach: Reach, now: datetime) -> Event:
    """A booking's slot is taken, or free again: all services that its staff does are concerned."""
    return availability_changed(booking.provider_id, reach.days_touched(booking.blocked), now)


def move_events(
    before: Booking, after: Booking, due: Money, done_by: datetime, reach: Reach, now: datetime
) -> list[Event]:
    """A booking has another time; free times differ where it was and where it is."""
    days = {*reach.days_touched(before.blocked), *reach.days_touched(after.blocked)}
    moved = booking_event(BOOKING_RESCHEDULED, after, now)
    data = rescheduled_view(before, after, due, done_by) | WITHOUT_NOTES
    return [replace(moved, data=data), availability_changed(after.provider_id, sorted(days), now)]


def availability_changed(
    provider_id: str, days: Iterable[date], now: datetime, service_ids: Iterable[str] = ()
) -> Event:
    """Free times may differ; without days: on any day, without services: of all.

    Free times have no version of their own: the instant in microseconds stands for it.
    """
    return Event(
        type=AVAILABILITY_CHANGED,
        aggregate_id=provider_id,
        aggregate_version=(now - _EPOCH) // timedelta(microseconds=1),
        provider_id=provider_id,
        user_id=None,
        data={
            "provider_id": provider_id,
            "service_ids": list(service_ids),
            "local_days": [day.isoformat() for day in days],
        },
        occurred_at=now,
    )

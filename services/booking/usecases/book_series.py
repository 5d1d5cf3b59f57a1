"""Books a series: each instance in a transaction of its own, by the one way in which bookings come to be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.holds import Hold, new_hold
from services.booking.domain.local_time import local_clock
from services.booking.domain.reasons import Request
from services.booking.domain.series import Instance, Outcome, Series, as_long_as, kept_hold
from services.booking.settings import BookingSettings
from services.booking.store.locks import lock_series
from services.booking.store.series import (
    bookings_of,
    decide,
    get_series,
    insert_series,
    instances_of,
    list_open,
)
from services.booking.store.supplies import Days, load_bookable
from services.booking.usecases.hold_slot import Holder, Part, address_digest, hold_part, is_final
from services.booking.usecases.preview_series import Repeated, repeated
from services.booking.usecases.read_series import series_view
from services.booking.usecases.refusals import customer_of, read_day, read_time
from shared.contracts.booking import hold_expired
from shared.contracts.booking_forms import CreateBookingRequestSchema
from shared.contracts.booking_series import CREATE_SERIES
from shared.contracts.booking_series_forms import Choice
from shared.contracts.declaration import Caller, read
from shared.database.idempotency import KEY_MEMBER, IdempotentRequest, run_once
from shared.database.transaction import Transaction, read_app_now
from shared.errors import ServiceError, invalid_field, not_found
from shared.ids import new_id
from shared.telemetry.timed_work import work_found

LEFT_ALONE = timedelta(seconds=30)
"""Whoever books a series has long been answered by then: it is half done and nobody works on it."""
SWEEP_BATCH = 20

_OF_ITS_TIME = ("booking_date", "start_time", "utc_offset", KEY_MEMBER)
_OF_THE_SERIES = ("provider_id", "service_id", "rule", "decisions")


def create_series(
    transaction: Transaction, settings: BookingSettings, request: dict[str, Any], caller: Caller
) -> dict[str, Any]:
    """Hold every instance that can be held (SeriesSchema), once per key; a repeat goes on where it stopped.

    Raises `not_found`, `rule_refused`, `validation_failed`. What is refused of an instance is told with it.
    """
    wanted, customer_id = repeated(request), customer_of(caller)
    instances = _instances(wanted, request)
    with transaction() as connection:
        key = IdempotentRequest.of(CREATE_SERIES, caller, request)
        held_from = address_digest(caller.client_address, settings.address_key)
        holder = Holder(customer_id, held_from)
        begun = run_once(connection, key, lambda: _begin(connection, wanted, instances, request, holder))
    finish_series(transaction, settings, begun["series_id"])
    with transaction() as connection:
        return series_view(connection, _known(connection, begun["series_id"]))


def finish_left_alone(transaction: Transaction, settings: BookingSettings) -> int:
    """Go on with series whose caller is gone: each instance is decided. Returns how many there were."""
    with transaction() as connection:
        left = list_open(connection, read_app_now(connection) - LEFT_ALONE, SWEEP_BATCH)
    for series_id in left:
        with work_found():
            finish_series(transaction, settings, series_id)
    return len(left)


def finish_series(transaction: Transaction, settings: BookingSettings, series_id: str) -> None:
    """Decide every instance that is open, in order of their times; safe in several processes at once."""
    with transaction() as connection:
        instances = [one for one in instances_of(connection, series_id) if one.outcome is Outcome.OPEN]
    for instance in sorted(instances, key=lambda one: (one.wanted.day, one.wanted.time)):
        _take(transaction, settings, series_id, instance)


def _begin(
    connection: Connection,
    wanted: Repeated,
    instances: list[Instance],
    request: dict[str, Any],
    holder: Holder,
) -> dict[str, Any]:
    """The series with nothing decided but what the customer skips."""
    days = Days(wanted.first_day, wanted.first_day, (request["service_id"],))
    bookable = load_bookable(connection, request["provider_id"], days)
    if bookable is None or request["staff_id"] not in (None, *bookable.offering.staff_ids):
        raise not_found()
    asks = {
        name: value
        for name, value in request.items()
        if name not in (*_OF_ITS_TIME, *_OF_THE_SERIES) and value is not None
    }
    series = Series(
        series_id=new_id(),
        customer_id=holder.customer_id,
        provider_id=request["provider_id"],
        service_id=request["service_id"],
        asks=asks,
        rule=wanted.rule,
        first_day=wanted.first_day,
        start_time=wanted.start_time,
        created_at=bookable.offering.now,
        held_from=holder.held_from,
    )
    zone_name = bookable.offering.supply.time_zone
    insert_series(connection, series, [_with_offset(one, series, zone_name) for one in instances])
    return series_view(connection, series)


def _instances(wanted: Repeated, request: dict[str, Any]) -> list[Instance]:
    """What the customer has decided, by the days of the rule. Raises `validation_failed`."""
    decided = {read_day(one, "local_date", "decisions"): one for one in request["decisions"]}
    if not decided.keys() <= set(wanted.days) or len(decided) < len(request["decisions"]):
        raise invalid_field("decisions", "One for a day of the series at most.")
    return [
        _instance(position, Request(day, wanted.start_time, request["utc_offset"]), decided.get(day))
        for position, day in enumerate(wanted.days, 1)
    ]


def _instance(position: int, by_rule: Request, decision: dict[str, Any] | None) -> Instance:
    choice = Choice(decision["choice"]) if decision else Choice.TAKE
    if decision is None or choice is not Choice.ALTERNATIVE:
        outcome = Outcome.SKIPPED if choice is Choice.SKIP else Outcome.OPEN
        return Instance(position, by_rule.day, by_rule, outcome)
    if decision["start_time"] is None:
        raise invalid_field("decisions", "An alternative has a startTime.")
    day = by_rule.day if decision["booking_date"] is None else read_day(decision, "booking_date", "decisions")
    instead = Request(day, read_time(decision, "start_time", "decisions"), decision["utc_offset"])
    return Instance(position, by_rule.day, instead, Outcome.OPEN)


def _with_offset(instance: Instance, series: Series, zone_name: str) -> Instance:
    """The offset of the request is that of its first day: of another it only tells a repeated time's two
    apart, since the clocks may have changed between."""
    day, at = instance.day, series.start_time
    by_rule = (instance.wanted.day, instance.wanted.time) == (day, at)
    if not by_rule or day == series.first_day:
        return instance
    if len(local_clock(zone_name, day, day).instants(datetime.combine(day, at))) > 1:
        return instance
    return replace(instance, wanted=Request(day, at))


def _take(transaction: Transaction, settings: BookingSettings, series_id: str, instance: Instance) -> None:
    try:
        with transaction() as connection:
            lock_series(connection, series_id)
            if not _is_open(connection, series_id, instance.position):
                return
            series = _known(connection, series_id)
            part = Part(series_id=series_id, hold=_hold_of(connection, settings, series))
            holder = Holder(series.customer_id, series.held_from)
            made = hold_part(connection, settings, _request(series, instance.wanted), holder, part)
            booked = Outcome.BOOKED
            decide(connection, series_id, instance.position, booked, booking_id=made["booking_id"])
    except ServiceError as error:
        if not is_final(error):
            raise
        with transaction() as connection:
            lock_series(connection, series_id)
            decide(connection, series_id, instance.position, Outcome.REFUSED, code=error.code)


def _request(series: Series, wanted: Request) -> dict[str, Any]:
    """What create_booking would be asked for this visit."""
    return read(
        CreateBookingRequestSchema,
        {
            **series.asks,
            "provider_id": series.provider_id,
            "service_id": series.service_id,
            "booking_date": wanted.day.isoformat(),
            "start_time": f"{wanted.time:%H:%M}",
            "utc_offset": wanted.utc_offset,
            KEY_MEMBER: series.series_id,
        },
    )


def _is_open(connection: Connection, series_id: str, position: int) -> bool:
    return any(
        one.position == position and one.outcome is Outcome.OPEN
        for one in instances_of(connection, series_id)
    )


def _hold_of(
    connection: Connection, settings: BookingSettings, series: Series
) -> Callable[[datetime, datetime], Hold]:
    """As long as its other visits, the first as long as any.

    Raises `hold_expired` when theirs have ended unpaid.
    """
    if series.kept_at is not None:
        return kept_hold
    booked = bookings_of(connection, series.series_id)
    held: Hold | None = next((one.hold for one in booked if one.hold is not None), None)
    if booked and (held is None or not held.is_live(read_app_now(connection))):
        raise hold_expired()
    if held is None:
        return lambda now, starts_at: new_hold(now, settings.hold_seconds, starts_at)
    return lambda _, starts_at: as_long_as(held, starts_at)


def _known(connection: Connection, series_id: str) -> Series:
    series = get_series(connection, series_id)
    if series is None:
        raise not_found()
    return series

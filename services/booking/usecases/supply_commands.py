"""What a provider may change: hours, rules, people, rooms and equipment, time off."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.calendar import MINUTES_A_DAY, Opening
from services.booking.domain.local_time import Interval, local_clock, local_day
from services.booking.domain.public_holidays import HolidayRegion, check_region, closed_dates
from services.booking.store import supply_changes as store
from services.booking.store.date_openings import openings_on
from services.booking.store.holiday_regions import region_of_provider
from services.booking.store.hours import EVERYBODY, Scope
from services.booking.store.supply_bounds import Kept
from services.booking.usecases.change_supply import Change, change
from services.booking.usecases.refusals import read_day, read_time
from services.booking.usecases.supply_bounds import check_bound
from services.booking.usecases.windows import read_dates, read_windows
from shared.contracts import booking_supply as contract
from shared.contracts.declaration import Caller
from shared.database.transaction import Transaction
from shared.errors import invalid_field, not_found
from shared.ids import new_id

Object = dict[str, Any]

_TIMES = (
    "slot_step_minutes",
    "minimum_notice_minutes",
    "window_days",
    "buffer_before_minutes",
    "buffer_after_minutes",
)
_OF_SERVICE = (*_TIMES, "capacity", "staff_count", "day_cap", "week_cap")


def change_hours(transaction: Transaction, request: Object, caller: Caller) -> Object:
    """Replaces what is given of the hours of all, of a person, of a service, or of one for the other.

    Raises `window_empty`, `windows_overlap`, `date_closed` and what `change` raises.
    """
    scope = (request["staff_id"], request["service_id"])
    has_week, windows = "windows" in request, read_windows(request.get("windows"))
    dates = read_dates(request["dates"]) if "dates" in request else None
    if scope == EVERYBODY and has_week and windows is None:
        raise invalid_field("windows", "A provider has hours of its own.")

    def apply(made: Change) -> None:
        made.check_owned(staff=("staff_id", [scope[0]]), services=("service_id", [scope[1]]))
        if scope == EVERYBODY:
            store.ensure_calendar(made.connection, made.provider_id)
        if has_week:
            store.replace_week(made.connection, made.provider_id, scope, windows)
        if dates is not None:
            _check_dates(made, scope, dates)
            today = local_day(made.now, made.time_zone)
            store.replace_dates(made.connection, made.provider_id, scope, today, dates)
        check_bound(made, Kept.WINDOWS, Kept.DATES)

    return change(
        transaction, contract.CHANGE_HOURS, request, caller, apply, whose=lambda _: request["staff_id"]
    )


def change_rules(transaction: Transaction, request: Object, caller: Caller) -> Object:
    """Changes the provider's rules that are given. Raises `holidays_unknown` and what `change` raises."""
    rules = {name: request[name] for name in _TIMES if request[name] is not None}
    if request["travel_speed_kmh"] is not None:
        rules["travel_speed_kmh"] = request["travel_speed_kmh"] or None
    if request["holiday_country"] is not None:
        rules |= _holidays(request["holiday_country"], request["holiday_subdivision"])
    elif request["holiday_subdivision"] is not None:
        raise invalid_field("holiday_subdivision", "Needs holidayCountry.")

    def apply(made: Change) -> None:
        store.ensure_calendar(made.connection, made.provider_id)
        if rules:
            store.change_rules(made.connection, made.provider_id, rules)

    return change(transaction, contract.CHANGE_RULES, request, caller, apply)


def change_service_rules(transaction: Transaction, request: Object, caller: Caller) -> Object:
    """Replaces the rules of a service. Raises `too_few_units` and what `change` raises."""
    needs = {need["resource_id"]: need["count"] for need in request["needs"]}
    if len(needs) < len(request["needs"]):
        raise invalid_field("needs", "A resource is there twice.")
    rules = {name: request[name] for name in _OF_SERVICE}
    rules |= {"acceptance": request["acceptance"], "answer_hours": request["answer_hours"]}
    rules["places"] = sorted(set(request["places"]), key=request["places"].index)

    def apply(made: Change) -> str:
        made.check_owned(services=("service_id", [request["service_id"]]), pools=("needs", list(needs)))
        units = store.units_of(made.connection, list(needs))
        for pool_id, count in needs.items():
            if sum(units[pool_id].values()) < count:
                raise contract.too_few_units(errors={"needs": [contract.too_few_units.message]})
        service_id: str = request["service_id"]
        store.put_service_rules(made.connection, made.provider_id, service_id, rules, list(needs.items()))
        return service_id

    return change(transaction, contract.CHANGE_SERVICE_RULES, request, caller, apply)


def put_staff(transaction: Transaction, request: Object, caller: Caller) -> Object:
    """Makes or replaces a member of staff. Raises what `change` raises."""
    member = {name: request[name] for name in ("name", "active", "all_services", "day_cap", "week_cap")}

    def apply(made: Change) -> str:
        made.check_owned(
            staff=("staff_id", [request["staff_id"]]), services=("service_ids", request["service_ids"])
        )
        staff_id: str = request["staff_id"] or new_id()
        service_ids = sorted(set(request["service_ids"]))
        store.put_staff(made.connection, made.provider_id, staff_id, member, service_ids)
        if request["staff_id"] is None:
            check_bound(made, Kept.STAFF)
        return staff_id

    return change(transaction, contract.PUT_STAFF, request, caller, apply)


def put_resource(transaction: Transaction, request: Object, caller: Caller) -> Object:
    """Makes or replaces rooms or equipment of one kind; of one that is not active no unit is used.

    Raises what `change` raises.
    """
    pool = {name: request[name] for name in ("kind", "name", "active")}

    def apply(made: Change) -> str:
        made.check_owned(pools=("resource_id", [request["resource_id"]]))
        pool_id: str = request["resource_id"] or new_id()
        known = store.units_of(made.connection, [pool_id])[pool_id]
        for unit in request["units"]:
            if unit["unit_id"] is not None and unit["unit_id"] not in known:
                raise invalid_field("units", "The resource has no such unit.")
        units = [
            {
                "id": unit["unit_id"] or new_id(),
                "name": unit["name"],
                "active": unit["active"] and pool["active"],
            }
            for unit in request["units"]
        ]
        store.put_resource(made.connection, made.provider_id, pool_id, pool, units)
        check_bound(made, Kept.UNITS, resource_id=pool_id)
        if request["resource_id"] is None:
            check_bound(made, Kept.RESOURCES)
        return pool_id

    return change(transaction, contract.PUT_RESOURCE, request, caller, apply)


def add_time_off(transaction: Transaction, request: Object, caller: Caller) -> Object:
    """Somebody, or everybody, is away. Raises `period_empty` and what `change` raises."""
    start = datetime.combine(read_day(request, "from_date"), read_time(request, "from_time"))
    end = datetime.combine(read_day(request, "to_date"), read_time(request, "to_time"))
    if end <= start:
        raise contract.period_empty(errors={"to_date": [contract.period_empty.message]})

    def apply(made: Change) -> str:
        made.check_owned(staff=("staff_id", [request["staff_id"]]))
        period = Interval(_instant(start, made.time_zone), _instant(end, made.time_zone))
        if period.end <= period.start:
            raise contract.period_empty(errors={"to_date": [contract.period_empty.message]})
        time_off_id = store.add_time_off(
            made.connection, made.provider_id, request["staff_id"], period, request["reason"]
        )
        check_bound(made, Kept.TIME_OFF)
        return time_off_id

    return change(
        transaction, contract.ADD_TIME_OFF, request, caller, apply, whose=lambda _: request["staff_id"]
    )


def remove_time_off(transaction: Transaction, request: Object, caller: Caller) -> Object:
    """Raises `not_found` for what is not there, and what `change` raises."""

    def apply(made: Change) -> str:
        time_off_id: str = request["time_off_id"]
        if not store.remove_time_off(made.connection, made.provider_id, time_off_id):
            raise not_found()
        return time_off_id

    def whose(connection: Connection) -> str | None:
        return store.time_off_of(connection, request["provider_id"], request["time_off_id"])

    return change(transaction, contract.REMOVE_TIME_OFF, request, caller, apply, whose)


def _check_dates(made: Change, scope: Scope, dates: dict[date, list[Opening]]) -> None:
    """Raise `date_closed` when one of the staff opens what the provider has closed; what is so may stay."""
    if not made.by_staff:
        return
    said = openings_on(made.connection, made.provider_id, EVERYBODY, dates)
    closed = closed_dates(region_of_provider(made.connection, made.provider_id), said, dates)
    known = openings_on(made.connection, made.provider_id, scope, closed)
    for number, (day, openings) in enumerate(dates.items()):
        if day in closed and openings and sorted(openings, key=_opens) != known.get(day):
            raise contract.date_closed(errors={f"dates.{number}.date": [contract.date_closed.message]})


def _opens(opening: Opening) -> int:
    return opening.opens


def _holidays(country: str, subdivision: str | None) -> Object:
    if country:
        try:
            check_region(HolidayRegion(country, subdivision))
        except ValueError:
            member = "holiday_country" if subdivision is None else "holiday_subdivision"
            raise contract.holidays_unknown(errors={member: [contract.holidays_unknown.message]}) from None
    return {"holiday_country": country or None, "holiday_subdivision": subdivision if country else None}


def _instant(local: datetime, time_zone: str) -> datetime:
    """The first instant at which the clock shows this time or, where it skips it, a later one."""
    day = local.date()
    clock = local_clock(time_zone, day - timedelta(days=1), day + timedelta(days=2))
    begin, _ = clock.showing(day, local.hour * 60 + local.minute, 2 * MINUTES_A_DAY)[0]
    return clock.at(begin).instant

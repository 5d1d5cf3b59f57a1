"""Asks the slot engine what a vector asks."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from services.booking.domain.booking import Place
from services.booking.domain.calendar import Hours, Opening, TimeOff, Window
from services.booking.domain.local_time import Interval
from services.booking.domain.occupancy import Busy, Occupancy, Session
from services.booking.domain.public_holidays import HolidayRegion
from services.booking.domain.slots import Slot, free_slots
from services.booking.domain.supply import Need, Supply, Terms, Worker
from services.booking.domain.timetable import Timetable
from services.booking.domain.travel import travel_to, within_reach
from shared.geo import Point

Given = Mapping[str, Any]

_NOWHERE: Given = {"at": (None, None), "before": 0, "after": 0}


def answer(given: Given) -> dict[str, Any]:
    """What the engine answers, in the form of `expected`."""
    found = free_slots(timetable(given), occupancy(given), given["asked"])
    slots = [slot for of_day in found.values() for slot in of_day]
    answered: dict[str, Any] = {
        "slots": {day.isoformat(): [_text(slot) for slot in of_day] for day, of_day in found.items()}
    }
    if len(given["staff"]) > 1:
        answered["staff"] = {_text(slot): list(slot.staff_ids) for slot in slots}
    if given["capacity"] > 1:
        answered["seats"] = {_text(slot): slot.seats_left for slot in slots}
    return answered


def timetable(given: Given) -> Timetable:
    now = datetime.fromisoformat(given["now"])
    first, last = date.fromisoformat(given["first"]), date.fromisoformat(given["last"])
    return Timetable(supply(given), now, first, last)


def supply(given: Given) -> Supply:
    region = given["holidays"]
    return Supply(
        time_zone=given["zone"],
        terms=_terms(given),
        workers=tuple(_worker(worker) for worker in given["staff"]),
        hours=_hours(given),
        service_hours=_hours(given["service_hours"]) if given["service_hours"] else None,
        travel_speed_kmh=given["travel"]["speed_kmh"] if given["travel"] else None,
        holidays=HolidayRegion(region["country"], region["subdivision"]) if region else None,
        time_off=tuple(
            TimeOff(
                one["staff"],
                Interval(datetime.fromisoformat(one["from"]), datetime.fromisoformat(one["to"])),
            )
            for one in given["time_off"]
        ),
    )


def occupancy(given: Given) -> Occupancy:
    """What is occupied, and where a visit is wanted, who is too far from it."""
    bookings, travel = given["bookings"], given["travel"]
    busy: dict[str, list[Busy]] = {}
    visits: dict[str, list[int]] = {}
    for one in bookings:
        start, end = _second(one["start"]), _second(one["end"])
        home = one["home"] or _NOWHERE
        latitude, longitude = home["at"]
        blocked = Busy(
            start - (one["buffer_before_minutes"] + home["before"]) * 60,
            end + (one["buffer_after_minutes"] + home["after"]) * 60,
            start,
            end,
            None,
            latitude,
            longitude,
            home["before"] * 60,
            home["after"] * 60,
        )
        for resource in (*one["staff"], *one["units"]):
            busy.setdefault(resource, []).append(blocked)
        for staff in one["staff"]:
            visits.setdefault(staff, []).append(start)
    of_service = [one for one in bookings if one["of_service"]]
    sessions = [
        Session(_second(one["start"]), tuple(one["staff"]), one["seats_taken"], given["capacity"])
        for one in of_service
        if given["capacity"] > 1
    ]
    occupied = Occupancy(busy, sessions, visits, [_second(one["start"]) for one in of_service])
    wanted = supply(given)
    target = Point(*travel["to"]) if travel else None
    return within_reach(occupied, wanted, travel_to(wanted, Place.CUSTOMER, target))


def _terms(given: Given) -> Terms:
    return Terms(
        duration=timedelta(minutes=given["duration_minutes"]),
        slot_step_minutes=given["grid_minutes"],
        minimum_notice_minutes=given["notice_minutes"],
        window_days=given["window_days"],
        buffer_before_minutes=given["buffer_before_minutes"],
        buffer_after_minutes=given["buffer_after_minutes"],
        capacity=given["capacity"],
        staff_count=given["staff_count"],
        day_cap=given["day_cap"],
        week_cap=given["week_cap"],
        needs=tuple(Need(pool["id"], tuple(pool["units"]), pool["count"]) for pool in given["pools"]),
    )


def _worker(worker: Given) -> Worker:
    own = worker["hours"] or {"weekly": None, "dates": {}}
    return Worker(worker["id"], _hours(own), worker["day_cap"], worker["week_cap"])


def _hours(hours: Given) -> Hours:
    dates = {
        date.fromisoformat(day): [Opening(*_minutes(text)) for text in windows]
        for day, windows in hours["dates"].items()
    }
    if hours["weekly"] is None:
        return Hours(None, dates)
    windows = tuple(
        Window(weekday, *_minutes(text))
        for days, texts in hours["weekly"].items()
        for weekday in range(int(days[0]), int(days[-1]) + 1)
        for text in texts
    )
    return Hours(windows, dates)


def _minutes(window: str) -> tuple[int, int]:
    opens, closes = (int(part[:2]) * 60 + int(part[3:]) for part in window.split("-"))
    return opens, closes


def _second(instant: str) -> int:
    return int(datetime.fromisoformat(instant).timestamp())


def _text(slot: Slot) -> str:
    return f"{slot.start.local:%Y-%m-%dT%H:%M}{slot.start.offset_text}"

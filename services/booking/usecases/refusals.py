"""What the domain refuses, in the codes of the contract; what a request says, as values."""

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from services.booking.domain.booking import Place
from services.booking.domain.rules import Rule, StartRefusedError
from shared.contracts import booking as contract
from shared.contracts.booking import beyond_window, closed, past_date
from shared.contracts.declaration import Caller
from shared.errors import ErrorCode, ServiceError, invalid_field, not_found
from shared.ids import is_id

EARLIEST = date(2000, 1, 1)
LATEST = date(9000, 1, 1)
"""Far from where date arithmetic ends, and from every time that can be booked."""

_CODES: dict[Rule, ErrorCode] = {
    Rule.PAST: past_date,
    Rule.BEYOND_WINDOW: beyond_window,
    Rule.TIME_DOES_NOT_EXIST: contract.time_does_not_exist,
    Rule.SHORT_NOTICE: contract.short_notice,
    Rule.OFF_GRID: contract.off_grid,
    Rule.NOT_OFFERED: contract.outside_service_hours,
    Rule.CLOSED: closed,
    Rule.HOLIDAY: contract.public_holiday,
    Rule.TIME_OFF: contract.time_off,
    Rule.DAY_CAP: contract.day_cap_reached,
    Rule.WEEK_CAP: contract.week_cap_reached,
    Rule.SESSION_FULL: contract.session_full,
    Rule.BUSY: contract.slot_taken,
    Rule.HELD: contract.slot_taken,
    Rule.BUFFER: contract.slot_taken,
    Rule.TRAVEL: contract.too_far,
    Rule.RESOURCE_BUSY: contract.resource_busy,
    Rule.NO_STAFF: contract.not_enough_staff,
}

NAMES_ALTERNATIVES = (
    contract.slot_taken,
    contract.session_full,
    contract.resource_busy,
    contract.too_far,
)
"""Refusals that name the next free times."""

_OF_THE_DAY = (Rule.PAST, Rule.BEYOND_WINDOW, Rule.HOLIDAY, Rule.DAY_CAP, Rule.WEEK_CAP)


def code_of(rule: Rule) -> ErrorCode:
    """The contract's code for a rule; each has its own, but visits, holds and buffers share `slot_taken`."""
    return _CODES[rule]


def to_service_error(error: StartRefusedError, day: str, time_of_day: str | None = None) -> ServiceError:
    """The refusal by field: `day` and `time_of_day` are the request's members that said when."""
    member = day if time_of_day is None or error.rule in _OF_THE_DAY else time_of_day
    code = code_of(error.rule)
    details = {"holiday": error.removals[0].holiday} if error.rule is Rule.HOLIDAY else {}
    return code(reason=error.rule.value, errors={member: [code.message]}, **details)


def elsewhere(places: Iterable[Place]) -> ServiceError:
    """`place_not_offered`, with the places there are."""
    message = contract.place_not_offered.message
    return contract.place_not_offered(errors={"place": [message]}, places=[place.value for place in places])


def _of_field(code: ErrorCode, member: str) -> ServiceError:
    return code(errors={member: [code.message]})


def read_day(request: dict[str, Any], name: str, member: str | None = None) -> date:
    """The local date of a request; `member` is its name on the wire when that is another.

    Raises `validation_failed`, `past_date`, `beyond_window`.
    """
    member = member or name
    try:
        day = date.fromisoformat(request[name])
    except ValueError:
        raise invalid_field(member, "Not a date.") from None
    if day < EARLIEST:
        raise _of_field(past_date, member)
    if day > LATEST:
        raise _of_field(beyond_window, member)
    return day


def read_time(request: dict[str, Any], name: str, member: str | None = None) -> time:
    """The local time of a request. Raises `validation_failed`."""
    try:
        return time.fromisoformat(request[name])
    except ValueError:
        raise invalid_field(member or name, "Not a time of day.") from None


def customer_of(caller: Caller) -> str:
    """The signed-in user who asks. Strangers have no bookings: `not_found`."""
    if not is_id(caller.user_id):
        raise not_found()
    return caller.user_id

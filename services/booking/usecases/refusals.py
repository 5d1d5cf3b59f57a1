"""What the domain refuses, in the codes of the contract; what a request says, as values."""

from datetime import date, time
from typing import Any

from services.booking.domain.slots import Refusal, StartRefusedError
from shared.contracts.booking import beyond_window, closed, past_date, time_does_not_exist
from shared.contracts.declaration import Caller
from shared.errors import ErrorCode, ServiceError, invalid_field, not_found
from shared.ids import is_id

EARLIEST = date(2000, 1, 1)
LATEST = date(9000, 1, 1)
"""Far from where date arithmetic ends, and from every time that can be booked."""

_CLOSED: dict[Refusal, str] = {
    Refusal.SHORT_NOTICE: "This provider wants to know earlier.",
    Refusal.OFF_GRID: "No visit starts at this time.",
    Refusal.OUTSIDE_HOURS: "The visit does not lie within the opening hours.",
    Refusal.TIME_OFF: "Nobody works at this time.",
}

_CODES: dict[Refusal, ErrorCode] = {
    Refusal.PAST: past_date,
    Refusal.BEYOND_WINDOW: beyond_window,
    Refusal.TIME_DOES_NOT_EXIST: time_does_not_exist,
}


_OF_THE_DAY = (Refusal.PAST, Refusal.BEYOND_WINDOW)


def to_service_error(error: StartRefusedError, day: str, time_of_day: str | None = None) -> ServiceError:
    """The refusal by field: `day` and `time_of_day` are the request's members that said when.

    `closed` says in `details.reason` which of its reasons it is.
    """
    member = day if time_of_day is None or error.refusal in _OF_THE_DAY else time_of_day
    if error.refusal in _CODES:
        return _of_field(_CODES[error.refusal], member)
    message = _CLOSED[error.refusal]
    return closed(message, reason=error.refusal.value, errors={member: [message]})


def _of_field(code: ErrorCode, member: str) -> ServiceError:
    return code(errors={member: [code.message]})


def read_day(request: dict[str, Any], member: str) -> date:
    """The local date of a request. Raises `validation_failed`, `past_date`, `beyond_window`."""
    try:
        day = date.fromisoformat(request[member])
    except ValueError:
        raise invalid_field(member, "Not a date.") from None
    if day < EARLIEST:
        raise _of_field(past_date, member)
    if day > LATEST:
        raise _of_field(beyond_window, member)
    return day


def read_time(request: dict[str, Any], member: str) -> time:
    """The local time of a request. Raises `validation_failed`."""
    try:
        return time.fromisoformat(request[member])
    except ValueError:
        raise invalid_field(member, "Not a time of day.") from None


def customer_of(caller: Caller) -> str:
    """The signed-in user who asks. Strangers have no bookings: `not_found`."""
    if not is_id(caller.user_id):
        raise not_found()
    return caller.user_id

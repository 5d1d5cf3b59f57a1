"""The days of the operator that an administrator asks about."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from services.payment.domain.operator_days import Period, days
from shared.errors import invalid_field

FIRST_YEAR, LAST_YEAR = 2000, 2999


@dataclass(frozen=True)
class Days:
    """From `first` to `last`, both included, and the instants at which they begin and end."""

    first: date
    last: date
    period: Period

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1


def days_of(request: dict[str, Any], zone: ZoneInfo) -> Days:
    """The days of a request. Raises `validation_failed` for none, and for a last before the first."""
    first, last = date_of(request, "from_date"), date_of(request, "to_date")
    if last < first:
        raise invalid_field("to_date", "Is before the first day.")
    return Days(first, last, days(first, last, zone))


def date_of(request: dict[str, Any], name: str) -> date:
    """A day that was asked for. Raises `validation_failed`, also for years that no instant can hold."""
    try:
        found = date.fromisoformat(request[name])
    except ValueError:
        raise invalid_field(name, "Not a date.") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise invalid_field(name, "Not a date of these books.")
    return found

"""On which local days a series repeats: the part of RFC 5545's RRULE that a customer may use."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from dateutil.rrule import DAILY, FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, rrule

MOST_INSTANCES = 52
LONGEST = timedelta(days=5 * 366)
"""No rule is looked at farther ahead: one that never matches ends there."""

_FREQUENCIES = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY}
_WEEKDAYS = {"MO": MO, "TU": TU, "WE": WE, "TH": TH, "FR": FR, "SA": SA, "SU": SU}
_WEEKDAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[1-9]\d{0,2}")
_DAY_OF_MONTH = re.compile(r"-?([1-9]|[12]\d|3[01])")
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY"})


class RecurrenceRefusedError(Exception):
    """The rule is none that a series may have; the text says why."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule that was read: so many instances, or up to and including a local day."""

    frequency: int
    interval: int
    weekdays: tuple[tuple[str, int | None], ...]
    month_days: tuple[int, ...]
    count: int | None
    until: date | None

    def days(self, first: date) -> list[date]:
        """The days of the instances, in order; the first of them is `first` only if the rule matches it.

        Raises RecurrenceRefusedError when there is none, or more than MOST_INSTANCES.
        """
        last = min(self.until or date.max, first + LONGEST)
        by_weekday = [
            _WEEKDAYS[name] if which is None else _WEEKDAYS[name](which) for name, which in self.weekdays
        ]
        rule = rrule(
            self.frequency,
            dtstart=datetime.combine(first, time()),
            interval=self.interval,
            until=datetime.combine(last, time()),
            byweekday=by_weekday or None,
            bymonthday=list(self.month_days) or None,
        )
        found = [moment.date() for moment in islice(rule, self.count or MOST_INSTANCES + 1)]
        if not found:
            raise RecurrenceRefusedError("No day matches the rule.")
        if len(found) > MOST_INSTANCES:
            raise RecurrenceRefusedError(f"A series has at most {MOST_INSTANCES} visits.")
        return found


def read_recurrence(text: str) -> Recurrence:
    """`FREQ=WEEKLY;BYDAY=MO;COUNT=12`. Raises RecurrenceRefusedError.

    UNTIL is a local day (`20270331`), that day included; times of the day are not the rule's to say.
    """
    parts = _parts(text)
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise RecurrenceRefusedError("FREQ is DAILY, WEEKLY or MONTHLY.")
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise RecurrenceRefusedError("Give COUNT or UNTIL.")
    count = _number(parts["COUNT"], "COUNT") if "COUNT" in parts else None
    if count is not None and count > MOST_INSTANCES:
        raise RecurrenceRefusedError(f"A series has at most {MOST_INSTANCES} visits.")
    return Recurrence(
        frequency=_FREQUENCIES[frequency],
        interval=_number(parts.get("INTERVAL", "1"), "INTERVAL"),
        weekdays=_weekdays(parts.get("BYDAY"), frequency),
        month_days=_month_days(parts.get("BYMONTHDAY"), frequency),
        count=count,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
    )


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.upper().split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in parts:
            raise RecurrenceRefusedError("Not a rule: NAME=VALUE, each once, with semicolons between.")
        if name not in _PARTS:
            raise RecurrenceRefusedError(f"A series may have {', '.join(sorted(_PARTS))}.")
        parts[name] = value
    return parts


def _number(text: str, name: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise RecurrenceRefusedError(f"{name} is a number from 1.")
    return int(text)


def _weekdays(text: str | None, frequency: str) -> tuple[tuple[str, int | None], ...]:
    if text is None:
        return ()
    found = [_WEEKDAY.fullmatch(part) for part in text.split(",")]
    read = tuple((one[2], int(one[1]) if one[1] else None) for one in found if one)
    if len(read) < len(found) or (frequency != "MONTHLY" and any(which for _, which in read)):
        raise RecurrenceRefusedError("BYDAY is MO to SU; of a month also 1MO to 5MO and -1MO to -5MO.")
    return read


def _month_days(text: str | None, frequency: str) -> tuple[int, ...]:
    if text is None:
        return ()
    parts = text.split(",")
    if frequency != "MONTHLY" or not all(_DAY_OF_MONTH.fullmatch(part) for part in parts):
        raise RecurrenceRefusedError("BYMONTHDAY is of a month: 1 to 31, or -1 to -31.")
    return tuple(int(part) for part in parts)


def _until(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 -- a day has no zone
    except ValueError:
        raise RecurrenceRefusedError("UNTIL is a local day: 20270331.") from None

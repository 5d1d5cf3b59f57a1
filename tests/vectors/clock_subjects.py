"""Vectors of local clocks: every kind of change, nights, the edges of what can be booked, leap days."""

from collections.abc import Iterator

from whenever import Instant, ZonedDateTime

from tests.vectors.subjects import Given, Subject, every, on, subject

ZONES = (
    "America/New_York",
    "America/St_Johns",  # -03:30
    "America/Havana",  # back from 01:00 to 00:00
    "America/Santiago",  # forward at 24:00, back at 24:00: the southern half
    "America/Scoresbysund",  # back from 00:00 to 23:00
    "Atlantic/Azores",  # forward from 00:00 to 01:00
    "Europe/London",
    "Africa/Cairo",  # forward from 00:00 to 01:00
    "Africa/Casablanca",  # back for Ramadan
    "Asia/Beirut",  # forward from 00:00 to 01:00
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Pacific/Chatham",  # +12:45, at 02:45
    "Australia/Lord_Howe",  # by thirty minutes
    "Antarctica/Troll",  # by two hours
)
NEVER_AGAIN = {
    # Changes that came once: by half an hour, by a day, in the middle of the evening.
    "America/Caracas 2016-05-01": "2016-05-01T12:00:00Z",
    "Asia/Pyongyang 2018-05-04": "2018-05-05T12:00:00Z",
    "Pacific/Apia 2011-12-30": "2011-12-30T20:00:00Z",
}
SHAPES: dict[str, Given] = {
    "open all day": {"weekly": every("00:00-24:00"), "grid_minutes": 60},
    "open in the night": {"weekly": every("22:00-29:00"), "duration_minutes": 90},
    "open around the change": {"weekly": every("23:15-25:45", "01:15-03:45"), "duration_minutes": 45},
    "open and short": {"weekly": every("00:00-04:00"), "duration_minutes": 20, "grid_minutes": 20},
}


def clock_subjects() -> list[Subject]:
    return [_changes(), _single_changes(), _nights(), _edges(), _leap_days(), _grids()]


def _changes() -> Subject:
    cases = {}
    for zone in ZONES:
        for change in _changes_of_2026(zone):
            for shape, given in SHAPES.items():
                cases[f"{zone} {change.date().format_iso()}: {shape}"] = _around(zone, change) | given
    return subject("clock-changes", "The clock changes of 2026 in zones of every kind", cases)


def _single_changes() -> Subject:
    cases = {}
    for name, text in NEVER_AGAIN.items():
        zone = name.partition(" ")[0]
        change = Instant.parse_iso(text).to_tz(zone)
        for shape, given in SHAPES.items():
            cases[f"{name}: {shape}"] = _around(zone, change) | given
    return subject("clock-changes-once", "Clock changes that came once, and a day that was left out", cases)


def _changes_of_2026(zone: str) -> Iterator[ZonedDateTime]:
    change = ZonedDateTime(2026, 1, 1, tz=zone).next_transition()
    while change is not None and change.year == 2026:
        yield change
        change = change.next_transition()


def _around(zone: str, change: ZonedDateTime) -> Given:
    """The day before the change, its day and the day after; looked at ten days ahead."""
    day = change.date()
    now = change.to_instant().subtract(hours=240).round("hour")
    around = on(day.prev_day().format_iso(), day.next_day().format_iso())
    return {"zone": zone, "now": now.format_iso(), **around}


def _nights() -> Subject:
    friday = on("2026-06-12", "2026-06-13")
    cases: dict[str, Given] = {
        "until two": {"weekly": {"5": ["22:00-26:00"]}, **friday},
        "until midnight exactly": {"weekly": {"5": ["20:00-24:00"]}, **friday},
        "a whole day and a whole night": {"weekly": {"5": ["00:00-48:00"]}, "grid_minutes": 120, **friday},
        "visits longer than the evening": {
            "weekly": {"5": ["22:00-30:00"]},
            "duration_minutes": 300,
            **friday,
        },
        "joins the next morning": {
            "weekly": {"5": ["20:00-24:00"], "6": ["00:00-03:00"]},
            "duration_minutes": 180,
            **friday,
        },
        "runs on into the next day's own hours": {
            "weekly": {"5": ["20:00-27:00"], "6": ["02:00-05:00"]},
            **friday,
        },
        "a break at midnight": {"weekly": {"5": ["20:00-23:45"], "6": ["00:15-04:00"]}, **friday},
        "the date of the night is closed, the morning stays": {
            "weekly": every("22:00-26:00"),
            "dates": {"2026-06-12": []},
            **friday,
        },
        "from Sunday into Monday": {
            "weekly": {"7": ["22:00-26:00"]},
            **on("2026-06-14", "2026-06-15"),
        },
        "over New Year's Eve": {
            "weekly": every("22:00-26:00"),
            "now": "2026-12-20T00:00:00Z",
            **on("2026-12-31", "2027-01-01"),
        },
        "after midnight, looked at after midnight": {
            "weekly": {"5": ["22:00-26:00"]},
            "now": "2026-06-13T00:30:00Z",
            **friday,
        },
    }
    return subject("nights", "Opening hours over midnight belong to the day on which they open", cases)


def _edges() -> Subject:
    tokyo: Given = {"zone": "Asia/Tokyo", "weekly": every("00:00-24:00"), "grid_minutes": 60}
    cases: dict[str, Given] = {
        "the last bookable day is the 90th after today": on("2026-08-29", "2026-08-31"),
        "one second before local midnight": {
            **tokyo,
            "now": "2026-06-01T14:59:59Z",
            **on("2026-08-29", "2026-08-31"),
        },
        "at local midnight": {**tokyo, "now": "2026-06-01T15:00:00Z", **on("2026-08-29", "2026-08-31")},
        "today only": {"window_days": 0, "now": "2026-06-10T10:00:00Z", **on("2026-06-10", "2026-06-11")},
        "a start that is now has passed": {"now": "2026-06-10T10:00:00Z"},
        "a second before it has not": {"now": "2026-06-10T09:59:59Z"},
        "notice to the minute": {"now": "2026-06-10T08:00:00Z", "notice_minutes": 120},
        "notice and a second": {"now": "2026-06-10T08:00:01Z", "notice_minutes": 120},
        "a day of notice over a change forward": {
            "zone": "Europe/Berlin",
            "now": "2026-03-28T11:00:00Z",
            "notice_minutes": 1440,
            **on("2026-03-29"),
        },
        "a day of notice over a change back": {
            "zone": "Europe/Berlin",
            "now": "2026-10-24T10:00:00Z",
            "notice_minutes": 1440,
            **on("2026-10-25"),
        },
        "a week of notice": {"now": "2026-06-03T12:30:00Z", "notice_minutes": 10080},
        "the window ends within a night": {
            "weekly": every("22:00-26:00"),
            "window_days": 9,
            **on("2026-06-10", "2026-06-11"),
        },
    }
    return subject("edges", "The first and the last moment that can be booked", cases)


def _leap_days() -> Subject:
    cases: dict[str, Given] = {
        "the 29th of February": {"now": "2028-02-20T00:00:00Z", **on("2028-02-28", "2028-03-01")},
        "only on that date": {
            "now": "2028-02-20T00:00:00Z",
            "weekly": {},
            "dates": {"2028-02-29": ["10:00-12:00"]},
            **on("2028-02-28", "2028-03-01"),
        },
        "a night into it": {
            "now": "2028-02-20T00:00:00Z",
            "weekly": every("22:00-26:00"),
            **on("2028-02-28", "2028-02-29"),
        },
        "none in 2027": {"now": "2027-02-20T00:00:00Z", **on("2027-02-28", "2027-03-01")},
        "none in 2100": {"now": "2100-02-20T00:00:00Z", **on("2100-02-28", "2100-03-01")},
        "ninety days with it": {"now": "2028-01-01T12:00:00Z", **on("2028-03-30", "2028-04-01")},
        "ninety days without it": {"now": "2027-01-01T12:00:00Z", **on("2027-03-31", "2027-04-02")},
        "a year ahead from it": {
            "now": "2028-02-29T12:00:00Z",
            "window_days": 365,
            **on("2029-02-27", "2029-03-01"),
        },
        "its week's cap": {
            "now": "2028-02-20T00:00:00Z",
            "week_cap": 1,
            "bookings": [
                {
                    "staff": ["a"],
                    "units": [],
                    "start": "2028-02-29T10:00:00Z",
                    "end": "2028-02-29T11:00:00Z",
                    "buffer_before_minutes": 0,
                    "buffer_after_minutes": 0,
                    "of_service": True,
                    "seats_taken": 1,
                    "home": None,
                }
            ],
            **on("2028-02-27", "2028-03-06"),
        },
    }
    return subject("leap-days", "Leap days", cases, grid_minutes=60)


def _grids() -> Subject:
    cases: dict[str, Given] = {
        f"every {step} minutes, visits of {duration} in {zone}": {
            "zone": zone,
            "grid_minutes": step,
            "duration_minutes": duration,
            "weekly": every("09:10-12:25"),
        }
        for zone in ("Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns")
        for step, duration in ((5, 25), (15, 45), (20, 50), (45, 30), (90, 60), (1440, 30))
    }
    cases["a step of a day starts at midnight only"] = {"weekly": every("00:00-24:00"), "grid_minutes": 1440}
    cases["a window that opens off the grid"] = {"weekly": every("09:05-11:00"), "grid_minutes": 60}
    cases["a visit as long as the window"] = {"weekly": every("09:00-10:00"), "duration_minutes": 60}
    cases["a visit longer than the window"] = {"weekly": every("09:00-10:00"), "duration_minutes": 65}
    cases["a visit of a whole day"] = {"weekly": every("00:00-24:00"), "duration_minutes": 1440}
    return subject("grids", "Starts lie on the local clock's multiples of the grid", cases)

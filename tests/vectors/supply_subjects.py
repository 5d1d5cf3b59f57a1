"""Vectors of supply: buffers, caps, holidays, several people, shared visits, rooms, a service's own hours."""

from tests.vectors.subjects import Given, Subject, booking, every, on, staff, subject

TEN, ELEVEN, NOON = "2026-06-10T10:00:00Z", "2026-06-10T11:00:00Z", "2026-06-10T12:00:00Z"


def supply_subjects() -> list[Subject]:
    return [_buffers(), _caps(), _holidays(), _people(), _groups(), _rooms(), _service_hours(), _dates()]


def _buffers() -> Subject:
    one = [booking(TEN, ELEVEN)]
    after = [booking(TEN, ELEVEN, buffer_after_minutes=20)]
    both = [booking(NOON, "2026-06-10T13:00:00Z", buffer_before_minutes=15, buffer_after_minutes=15)]
    cases: dict[str, Given] = {
        "back to back is free": {"bookings": one},
        "the booking's buffer after": {"bookings": after},
        "the own buffer before": {"bookings": one, "buffer_before_minutes": 20},
        "the own buffer after": {"bookings": one, "buffer_after_minutes": 20},
        "one's after and the other's before add up": {"bookings": after, "buffer_before_minutes": 20},
        "a gap of exactly both": {"bookings": after, "buffer_before_minutes": 10},
        "before and after on both sides": {
            "bookings": both,
            "buffer_before_minutes": 15,
            "buffer_after_minutes": 30,
        },
        "buffers may lie outside of the opening hours": {
            "buffer_before_minutes": 60,
            "buffer_after_minutes": 60,
        },
        "buffers over midnight": {
            "weekly": every("22:00-26:00"),
            "bookings": [
                booking("2026-06-10T23:00:00Z", "2026-06-10T23:45:00Z", buffer_after_minutes=45),
            ],
            "buffer_before_minutes": 15,
            **on("2026-06-10", "2026-06-11"),
        },
        "a room between two bookings that is just enough": {
            "bookings": [booking(TEN, ELEVEN), booking(NOON, "2026-06-10T13:00:00Z")],
        },
        "a room that buffers make too small": {
            "bookings": [booking(TEN, ELEVEN), booking(NOON, "2026-06-10T13:00:00Z")],
            "buffer_after_minutes": 5,
        },
        "another's booking takes nothing": {"bookings": [booking(TEN, ELEVEN, "z")]},
    }
    return subject("buffers", "Between two visits lie the one's buffer after and the other's before", cases)


def _caps() -> Subject:
    monday = booking("2026-06-08T10:00:00Z", "2026-06-08T11:00:00Z")
    tuesday = booking("2026-06-09T10:00:00Z", "2026-06-09T11:00:00Z")
    other = booking("2026-06-08T12:00:00Z", "2026-06-08T13:00:00Z", of_service=False)
    week = on("2026-06-07", "2026-06-15")
    cases: dict[str, Given] = {
        "a day's cap is reached": {"day_cap": 1, "bookings": [monday], **week},
        "a day's cap is not reached": {"day_cap": 2, "bookings": [monday], **week},
        "a week from Monday": {"week_cap": 2, "bookings": [monday, tuesday], **week},
        "a week's cap is not reached": {"week_cap": 3, "bookings": [monday, tuesday], **week},
        "both": {"day_cap": 1, "week_cap": 2, "bookings": [monday, tuesday], **week},
        "other services do not count for the service's cap": {
            "day_cap": 2,
            "bookings": [monday, other],
            **week,
        },
        "but for the person's": {
            "staff": [staff("a", day_cap=2)],
            "bookings": [monday, other],
            **week,
        },
        "one of two people has enough": {
            "staff": [staff("a", day_cap=1), staff("b")],
            "bookings": [monday],
            **week,
        },
        "the service's cap holds for both": {
            "staff": [staff("a"), staff("b")],
            "day_cap": 1,
            "bookings": [monday],
            **week,
        },
        "a person's week": {
            "staff": [staff("a", week_cap=2), staff("b", week_cap=1)],
            "bookings": [monday, tuesday],
            **week,
        },
        "the local day counts, not that of UTC": {
            "zone": "Pacific/Auckland",
            "day_cap": 1,
            "bookings": [booking("2026-06-08T21:00:00Z", "2026-06-08T22:00:00Z")],
            **on("2026-06-08", "2026-06-09"),
        },
        "a night counts on the day on which it starts": {
            "weekly": every("22:00-26:00"),
            "day_cap": 1,
            "bookings": [booking("2026-06-10T23:30:00Z", "2026-06-11T00:30:00Z")],
            **on("2026-06-09", "2026-06-11"),
        },
        "after midnight it is the next day's": {
            "weekly": every("22:00-26:00"),
            "day_cap": 1,
            "bookings": [booking("2026-06-11T00:30:00Z", "2026-06-11T01:00:00Z")],
            **on("2026-06-10", "2026-06-11"),
        },
    }
    return subject("caps", "Caps a day and a week, of the service and of a person", cases, grid_minutes=120)


def _holidays() -> Subject:
    bavaria: Given = {
        "zone": "Europe/Berlin",
        "now": "2026-12-01T00:00:00Z",
        "holidays": {"country": "DE", "subdivision": "BY", "dates": ["2026-12-25", "2026-12-26"]},
        **on("2026-12-24", "2026-12-27"),
    }
    thanksgiving: Given = {
        "zone": "America/Chicago",
        "now": "2026-11-01T00:00:00Z",
        "holidays": {"country": "US", "subdivision": None, "dates": ["2026-11-26"]},
        **on("2026-11-25", "2026-11-27"),
    }
    scotland: Given = {
        "zone": "Europe/London",
        "now": "2026-12-20T00:00:00Z",
        "holidays": {
            "country": "GB",
            "subdivision": "SCT",
            "dates": ["2027-01-01", "2027-01-02", "2027-01-04"],
        },
        **on("2026-12-31", "2027-01-05"),
    }
    cases: dict[str, Given] = {
        "Christmas in Bavaria": bavaria,
        "Epiphany in Bavaria and not in Berlin": {
            **bavaria,
            "holidays": {"country": "DE", "subdivision": "BE", "dates": ["2027-01-01"]},
            **on("2027-01-05", "2027-01-07"),
        },
        "Epiphany": {
            **bavaria,
            "holidays": {"country": "DE", "subdivision": "BY", "dates": ["2027-01-01", "2027-01-06"]},
            **on("2027-01-05", "2027-01-07"),
        },
        "Thanksgiving": thanksgiving,
        "the second of January in Scotland, a Saturday, and the Monday in lieu of it": scotland,
        "open on a holiday by a date of its own": {**bavaria, "dates": {"2026-12-25": ["10:00-12:00"]}},
        "one person works on it": {
            **bavaria,
            "staff": [staff("a"), staff("b", dates={"2026-12-25": ["10:00-13:00"]})],
        },
        "own weekly hours do not make it a working day": {
            **bavaria,
            "staff": [staff("a", weekly=every("08:00-10:00"))],
        },
        "the night from a working day into it goes on": {**bavaria, "weekly": every("22:00-26:00")},
        "no region, no holidays": {**bavaria, "holidays": None},
    }
    return subject(
        "holidays", "Public holidays are closed, unless a date says otherwise", cases, grid_minutes=60
    )


def _people() -> Subject:
    two = [staff("a", weekly=every("09:00-13:00")), staff("b", weekly=every("11:00-15:00"))]
    off = {"staff": "a", "from": "2026-06-10T11:00:00Z", "to": "2026-06-10T12:30:00Z"}
    cases: dict[str, Given] = {
        "two with hours of their own": {"staff": two},
        "one of them is asked for": {"staff": two, "asked": "b"},
        "both together": {"staff": two, "staff_count": 2},
        "both together, one is asked for": {"staff": two, "staff_count": 2, "asked": "a"},
        "three, two together": {"staff": [*two, staff("c", weekly=every("10:00-12:00"))], "staff_count": 2},
        "one is off": {"staff": two, "time_off": [off]},
        "all are off": {"staff": two, "time_off": [{**off, "staff": None}]},
        "time off that begins as a visit ends": {
            "time_off": [{"staff": "a", "from": TEN, "to": ELEVEN}],
        },
        "one is booked": {"staff": two, "bookings": [booking(ELEVEN, NOON)]},
        "one booking of both": {"staff": two, "bookings": [booking(ELEVEN, NOON, "a", "b")]},
        "a date of one's own": {
            "staff": [two[0], staff("b", dates={"2026-06-10": ["16:00-18:00"]})],
        },
        "a date of one's own when the provider is closed": {
            "dates": {"2026-06-10": []},
            "staff": [staff("a"), staff("b", dates={"2026-06-10": ["16:00-18:00"]})],
        },
        "somebody without hours of the own week": {"staff": [staff("a", weekly={}), staff("b")]},
    }
    return subject("people", "Several people with hours of their own", cases)


def _groups() -> Subject:
    def session(taken: int, start: str = TEN, end: str = ELEVEN, *people: str) -> Given:
        return booking(start, end, *people, seats_taken=taken)

    cases: dict[str, Given] = {
        "nobody yet": {},
        "one of three": {"bookings": [session(1)]},
        "two of three": {"bookings": [session(2)]},
        "full": {"bookings": [session(3)]},
        "a visit of another service then": {"bookings": [booking(TEN, ELEVEN, of_service=False)]},
        "two people, one session": {"staff": [staff("a"), staff("b")], "bookings": [session(1)]},
        "two people, the session is full": {"staff": [staff("a"), staff("b")], "bookings": [session(3)]},
        "two sessions at once": {
            "staff": [staff("a"), staff("b")],
            "bookings": [session(2), session(1, TEN, ELEVEN, "b")],
        },
        "the other is asked for": {
            "staff": [staff("a"), staff("b")],
            "bookings": [session(1)],
            "asked": "b",
        },
        "the cap is reached, the session is open": {"day_cap": 1, "bookings": [session(1)]},
        "who leads it is off by now": {
            "bookings": [session(1)],
            "time_off": [{"staff": "a", "from": TEN, "to": ELEVEN}],
        },
        "a session that began has passed": {"now": "2026-06-10T10:30:00Z", "bookings": [session(1)]},
        "sessions back to back": {"bookings": [session(2), session(3, ELEVEN, NOON)]},
    }
    return subject(
        "groups", "Visits that three customers share", cases, capacity=3, weekly=every("09:00-13:00")
    )


def _rooms() -> Subject:
    def pool(*units: str, count: int = 1, name: str = "rooms") -> Given:
        return {"id": name, "units": list(units), "count": count}

    first = booking(TEN, ELEVEN, "z", units=["r1"])
    second = booking(TEN, ELEVEN, "y", units=["r2"])
    cases: dict[str, Given] = {
        "one room": {"pools": [pool("r1")]},
        "the room is taken": {"pools": [pool("r1")], "bookings": [first]},
        "another room is free": {"pools": [pool("r1", "r2")], "bookings": [first]},
        "both are taken": {"pools": [pool("r1", "r2")], "bookings": [first, second]},
        "two of two are needed": {"pools": [pool("r1", "r2", count=2)], "bookings": [first]},
        "two of three are needed": {"pools": [pool("r1", "r2", "r3", count=2)], "bookings": [first]},
        "more than there are": {"pools": [pool("r1", count=2)]},
        "a room and a table": {
            "pools": [pool("r1"), pool("t1", "t2", name="tables")],
            "bookings": [
                first,
                booking("2026-06-10T11:30:00Z", "2026-06-10T12:30:00Z", "z", units=["t1", "t2"]),
            ],
        },
        "buffers hold for the room": {
            "pools": [pool("r1")],
            "bookings": [{**first, "buffer_after_minutes": 15}],
            "buffer_before_minutes": 20,
        },
        "the room is needed by a session once": {
            "pools": [pool("r1")],
            "capacity": 3,
            "bookings": [booking(TEN, ELEVEN, "a", units=["r1"], seats_taken=1)],
        },
    }
    return subject(
        "rooms", "Rooms and equipment that several services share", cases, weekly=every("09:00-14:00")
    )


def _service_hours() -> Subject:
    def hours(weekly: Given | None, dates: Given | None = None) -> Given:
        return {"service_hours": {"weekly": weekly, "dates": dates or {}}}

    cases: dict[str, Given] = {
        "narrower than the provider's": hours(every("12:00-15:00")),
        "wider than the provider's": hours(every("06:00-22:00")),
        "overlapping": hours(every("16:00-20:00")),
        "on some days": {**hours({"3": ["09:00-12:00"]}), **on("2026-06-10", "2026-06-11")},
        "on a date only": {**hours(None, {"2026-06-10": ["10:00-11:00"]}), **on("2026-06-09", "2026-06-11")},
        "not on a date": {
            **hours(every("09:00-12:00"), {"2026-06-10": []}),
            **on("2026-06-09", "2026-06-11"),
        },
        "over midnight, the provider too": {
            **hours({"3": ["23:00-26:00"]}),
            "weekly": every("21:00-25:00"),
            **on("2026-06-10", "2026-06-11"),
        },
        "two windows": hours(every("09:00-11:00", "14:00-15:30")),
        "never": hours({}),
    }
    return subject("service-hours", "A service's own hours narrow those of whoever does it", cases)


def _dates() -> Subject:
    days = on("2026-06-09", "2026-06-11")
    cases: dict[str, Given] = {
        "other hours on a date": {"dates": {"2026-06-10": ["14:00-16:00"]}, **days},
        "closed on a date": {"dates": {"2026-06-10": []}, **days},
        "open on a date only": {"weekly": {}, "dates": {"2026-06-10": ["14:00-16:00"]}, **days},
        "two windows on a date": {"dates": {"2026-06-10": ["08:00-10:00", "20:00-22:00"]}, **days},
        "a night on a date": {"dates": {"2026-06-10": ["22:00-26:00"]}, **days},
        "time off over several days": {
            "time_off": [{"staff": None, "from": "2026-06-09T12:00:00Z", "to": "2026-06-11T15:00:00Z"}],
            **days,
        },
        "a break at noon": {"weekly": every("09:00-12:00", "13:00-17:00"), **days},
        "windows that touch are one": {"weekly": every("09:00-12:00", "12:00-15:00"), **days},
        "windows that overlap are one": {"weekly": every("09:00-12:30", "11:00-15:00"), **days},
        "never open": {"weekly": {}, **days},
    }
    return subject("dates", "Single dates, breaks and time off", cases)

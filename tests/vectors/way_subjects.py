"""Vectors of ways: home visits of one person, with the time that it takes to get from each to the next."""

from collections.abc import Sequence
from typing import Any

from tests.vectors.subjects import Given, Subject, booking, every, on, staff, subject

NEAR, THERE, FAR, ELSEWHERE = [52.52, 13.46], [52.52, 13.405], [52.40, 13.07], [48.14, 11.58]
"""3.7, 0, 26.3 and 504 km from where the visit is wanted."""
WANTED: Given = {"speed_kmh": 30, "to": THERE}


def way_subjects() -> list[Subject]:
    return [_ways(), _ways_of_several()]


def _home(start: str, end: str, at: Sequence[float], *people: str, **changes: Any) -> Given:
    """A home visit on 10 June; `before` and `after`: minutes that it keeps for its own ways."""
    home = {"at": list(at), "before": changes.pop("before", 0), "after": changes.pop("after", 0)}
    return booking(f"2026-06-10T{start}:00Z", f"2026-06-10T{end}:00Z", *people, home=home, **changes)


def _ways() -> Subject:
    near, far = _home("12:00", "13:00", NEAR), _home("12:00", "13:00", FAR)
    cases: dict[str, Given] = {
        "from a visit near by and to it": {"bookings": [near]},
        "from a visit far away and to it": {"bookings": [far]},
        "the same door": {"bookings": [_home("12:00", "13:00", THERE)]},
        "no farther than four hours": {
            "bookings": [_home("12:00", "13:00", ELSEWHERE)],
            "weekly": every("00:00-24:00"),
        },
        "twice as fast": {"bookings": [far], "travel": {"speed_kmh": 60, "to": THERE}},
        "nobody says where the visit is wanted": {"bookings": [far], "travel": None},
        "a visit at the provider's has no way": {
            "bookings": [booking("2026-06-10T12:00:00Z", "2026-06-10T13:00:00Z")]
        },
        "a visit at the provider's ends the way": {
            "bookings": [far, booking("2026-06-10T13:00:00Z", "2026-06-10T14:00:00Z")]
        },
        "only the nearest counts": {"bookings": [far, _home("13:00", "14:00", NEAR)]},
        "between two": {"bookings": [_home("09:00", "10:00", FAR), _home("14:00", "15:00", NEAR)]},
        "too little room between two": {
            "bookings": [_home("09:00", "11:30", FAR), _home("14:00", "15:00", FAR)]
        },
        "buffers come beside the way": {
            "bookings": [_home("12:00", "13:00", NEAR, buffer_before_minutes=10, buffer_after_minutes=15)],
            "buffer_before_minutes": 5,
            "buffer_after_minutes": 20,
        },
        "what it keeps for its own ways is not asked for twice": {
            "bookings": [_home("12:00", "13:00", FAR, before=30, after=60)]
        },
        "over midnight": {
            "weekly": every("20:00-28:00"),
            "bookings": [booking("2026-06-10T23:00:00Z", "2026-06-11T00:00:00Z", home=far["home"])],
            **on("2026-06-10", "2026-06-11"),
        },
        "from the evening before": {
            "weekly": every("00:00-24:00"),
            "bookings": [booking("2026-06-09T22:30:00Z", "2026-06-09T23:30:00Z", home=far["home"])],
        },
        "over the antimeridian": {
            "bookings": [_home("12:00", "13:00", [-17.0, 179.9])],
            "travel": {"speed_kmh": 30, "to": [-17.0, -179.95]},
        },
    }
    return subject("ways", "Between home visits lies the way", cases, travel=WANTED, grid_minutes=15)


def _ways_of_several() -> Subject:
    two = [staff("a"), staff("b")]
    split = [_home("12:00", "13:00", FAR, "a"), _home("12:00", "13:00", NEAR, "b")]
    cases: dict[str, Given] = {
        "each has own ways": {"bookings": split},
        "one is asked for": {"bookings": split, "asked": "a"},
        "two together come from where each was": {"bookings": split, "staff_count": 2},
        "a visit that customers share has none": {"bookings": split, "capacity": 2},
    }
    return subject(
        "ways-of-several", "Whoever is near enough is free", cases, travel=WANTED, staff=two, grid_minutes=15
    )

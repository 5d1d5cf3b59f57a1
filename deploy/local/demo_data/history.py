"""What happened before: bookings of 2026 that took place, or did not, and what customers wrote about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from deploy.local.demo_data.hours import Window, local_instant
from deploy.local.demo_data.people import Customer
from deploy.local.demo_data.providers import Provider, Service, Staff
from deploy.local.demo_data.stable import between, chance, pick, stable_id

FIRST_DAY = date(2026, 1, 5)
LAST_DAY = date(2026, 10, 30)  # a window past midnight still ends in October
_MOST_BOOKINGS = 8
_GRID_MINUTES = 15
_GOOD_RATING = 4

_GOOD = (
    "Kind, punctual and very professional. I will book again.",
    "Explained everything and took the time that was needed.",
    "My mother felt safe from the first minute.",
    "Exactly what I hoped for, and easy to arrange.",
    "مختصة لطيفة ودقيقة في المواعيد، سأحجز مرة أخرى.",
    "خدمة ممتازة وتعامل راق، أنصح بها.",
)
_MIXED = (
    "Good care, but the visit started ten minutes late.",
    "Fine on the whole, a little rushed at the end.",
    "الخدمة جيدة لكن الموعد تأخر قليلا.",
)


@dataclass(frozen=True)
class Visit:
    """A past booking of one carer; instants in UTC."""

    id: str
    service: Service
    staff: Staff
    customer: Customer
    status: str
    starts_at: datetime
    ends_at: datetime
    created_at: datetime


@dataclass(frozen=True)
class Review:
    """What the customer of a completed visit wrote; rating 1 to 5."""

    id: str
    visit: Visit
    rating: int
    text: str
    language: str
    created_at: datetime


def past_visits(provider: Provider, customers: list[Customer]) -> list[Visit]:
    """Bookings of the past inside the opening hours, each on a day of its own so that none overlap."""
    count = between(4, _MOST_BOOKINGS, "visits", provider.number)
    days_each = (LAST_DAY - FIRST_DAY).days // _MOST_BOOKINGS
    visits = []
    for index in range(count):
        # A share of the year for each visit: its first week gives the room to find an open day.
        earliest = FIRST_DAY + timedelta(
            days=index * days_each + between(0, days_each - 9, "day", provider.number, index)
        )
        visits.append(_visit(provider, customers, index, earliest))
    return visits


def reviews(visits: list[Visit]) -> list[Review]:
    """Reviews of most of the completed visits, one each."""
    return [
        _review(visit) for visit in visits if visit.status == "completed" and chance(70, "review", visit.id)
    ]


def _visit(provider: Provider, customers: list[Customer], index: int, earliest: date) -> Visit:
    staff = pick(provider.staff, "visit staff", provider.number, index)
    services = [service for service in provider.services if service.id in staff.service_ids]
    service = pick(services, "visit service", provider.number, index)
    day, window = _open_day(provider.windows, service.minutes, earliest)
    steps = (window.closes - window.opens - service.minutes) // _GRID_MINUTES
    start = window.opens + _GRID_MINUTES * between(0, steps, "visit start", provider.number, index)
    starts_at = local_instant(day, start, provider.city.time_zone)
    return Visit(
        id=stable_id("booking", provider.number, index),
        service=service,
        staff=staff,
        customer=pick(customers, "visit customer", provider.number, index),
        status=pick(("completed",) * 8 + ("cancelled", "no_show"), "visit status", provider.number, index),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=service.minutes),
        created_at=starts_at - timedelta(hours=between(3, 480, "visit notice", provider.number, index)),
    )


def _open_day(windows: list[Window], minutes: int, earliest: date) -> tuple[date, Window]:
    """The first day from `earliest` on with a window that `minutes` fit into, and that window."""
    for offset in range(7):
        day = earliest + timedelta(days=offset)
        for window in windows:
            if window.weekday == day.isoweekday() and window.closes - window.opens >= minutes:
                return day, window
    raise ValueError(f"no window of {minutes} minutes in {windows}")


def _review(visit: Visit) -> Review:
    rating = pick((5, 5, 5, 5, 4, 4, 4, 3, 2), "rating", visit.id)
    text = pick(_GOOD if rating >= _GOOD_RATING else _MIXED, "review text", visit.id)
    return Review(
        id=stable_id("review", visit.id),
        visit=visit,
        rating=rating,
        text=text,
        language="en" if text.isascii() else "ar",
        created_at=visit.ends_at + timedelta(hours=between(2, 120, "review delay", visit.id)),
    )

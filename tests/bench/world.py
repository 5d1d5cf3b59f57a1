"""The market in which is measured: a thousand providers, one of them large, and the customers.

Made in the form of the demo data and imported as those are, so that every copy follows by events.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from deploy.local.demo_data.categories import CATEGORIES, NAME_WORDS
from deploy.local.demo_data.documents import documents
from deploy.local.demo_data.stable import between, stable_id

PROVIDERS = 1000
CUSTOMERS = 1200
"""One for each provider, so that all book the same hour, and more for what else is booked."""
ZONE = "UTC"
"""Of all providers: a day here is a day there."""
CENTRE = (51.5, -0.12)
SPREAD_MICRODEGREES = 250_000
SERVICES = 2
HOUSE_STAFF, LARGE_STAFF = 2, 12
OPENS, CLOSES = 9, 18
FIRST_DAY, LAST_DAY = 8, 88
"""Days ahead that are booked: paid at once, and within the window."""


@dataclass(frozen=True)
class Provider:
    """Whom customers ask for."""

    id: str
    service_ids: tuple[str, str]
    staff_ids: tuple[str, ...]

    @property
    def service_id(self) -> str:
        """The one that is booked."""
        return self.service_ids[0]

    @property
    def staff(self) -> int:
        """How many carers it has."""
        return len(self.staff_ids)


def providers() -> list[Provider]:
    """A thousand houses with two carers each, open from 9 to 18."""
    return [_provider(number) for number in range(PROVIDERS)]


def large_provider() -> Provider:
    """One more, with twelve carers, open at night when the others are closed."""
    return _provider(PROVIDERS)


def customer_ids() -> list[str]:
    return [stable_id("bench customer", number) for number in range(CUSTOMERS)]


def today() -> date:
    return datetime.now(UTC).date()


def day(ahead: int) -> str:
    return (today() + timedelta(days=ahead)).isoformat()


def content() -> dict[str, dict[str, Any]]:
    """The three documents that the services import."""
    numbers = range(PROVIDERS + 1)
    return {
        "catalogue.json": {
            "format": 1,
            "categories": documents()["catalogue.json"]["categories"],
            "providers": [_in_catalogue(number) for number in numbers],
        },
        "calendar.json": {
            "format": 1,
            "providers": [_in_calendar(number) for number in numbers],
            "past_bookings": [],
        },
        "accounts.json": {
            "format": 1,
            "accounts": [_account(number, user_id) for number, user_id in enumerate(customer_ids())],
        },
    }


def _provider(number: int) -> Provider:
    staff = LARGE_STAFF if number == PROVIDERS else HOUSE_STAFF
    first, second = (stable_id("bench service", number, position) for position in range(SERVICES))
    staff_ids = tuple(stable_id("bench staff", number, place) for place in range(staff))
    return Provider(stable_id("bench provider", number), (first, second), staff_ids)


def _services(number: int) -> list[dict[str, Any]]:
    category = CATEGORIES[number % len(CATEGORIES)]
    return [
        {
            "id": stable_id("bench service", number, position),
            "category_id": stable_id("category", category.slug),
            "name": {"en": offer.english, "ar": offer.arabic},
            "description": {"en": f"{offer.english} by a qualified carer.", "ar": offer.arabic},
            "duration_minutes": 60,
            "price": {"amount": 10_000, "currency": "USD"},
        }
        for position, offer in enumerate(category.offers[:SERVICES])
    ]


def _in_catalogue(number: int) -> dict[str, Any]:
    category = CATEGORIES[number % len(CATEGORIES)]
    english, arabic = NAME_WORDS[number % len(NAME_WORDS)]
    latitude, longitude = (
        round(degrees + between(-SPREAD_MICRODEGREES, SPREAD_MICRODEGREES, axis, number) / 1e6, 6)
        for axis, degrees in zip(("north", "east"), CENTRE, strict=True)
    )
    return {
        "id": _provider(number).id,
        "name": {
            "en": f"{category.business_english.format(english)} {number}",
            "ar": category.business_arabic.format(arabic),
        },
        "description": {"en": f"{category.english} in London.", "ar": category.arabic},
        "city": "London",
        "country": "GB",
        "latitude": latitude,
        "longitude": longitude,
        "time_zone": ZONE,
        "currency": "USD",
        "payable": True,
        "services": _services(number),
        "reviews": [],
    }


def _in_calendar(number: int) -> dict[str, Any]:
    provider, services = _provider(number), _services(number)
    is_large = number == PROVIDERS
    return {
        "provider_id": provider.id,
        "time_zone": ZONE,
        "slot_grid_minutes": 30,
        "minimum_notice_minutes": 0,
        "window_days": 90,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "opening_hours": [
            {"weekday": weekday, "opens": opens, "closes": closes}
            for weekday in range(1, 8)
            for opens, closes in (_NIGHT if is_large else _DAY)
        ],
        "staff": [
            {
                "id": staff_id,
                "name": {"en": f"Carer {place}", "ar": f"مختص {place}"},
                "service_ids": [service["id"] for service in services],
            }
            for place, staff_id in enumerate(provider.staff_ids)
        ],
        "time_off": [],
        "services": [
            {name: service[name] for name in ("id", "duration_minutes", "price", "name")}
            for service in services
        ],
    }


_DAY = [(f"{OPENS:02}:00", f"{CLOSES:02}:00")]
_NIGHT = [("00:00", f"{OPENS:02}:00"), (f"{CLOSES:02}:00", "24:00")]


def _account(number: int, user_id: str) -> dict[str, Any]:
    return {
        "id": user_id,
        "email": f"customer{number}@bench.test",
        "name": f"Customer {number}",
        "password": None,
        "locale": "en",
        "time_zone": ZONE,
        "roles": ["customer"],
        "memberships": [],
    }

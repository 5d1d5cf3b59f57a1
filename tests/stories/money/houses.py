"""Two providers of the story's own, always open, with prices that are hard to divide: documents to import."""

from dataclasses import dataclass
from typing import Any

from deploy.local.demo_data.stable import stable_id
from shared.ids import new_id

PASSWORD = "story-password-1"
CARERS = 3
MASSAGE, NURSE = "massage", "home-nursing"
NAMES = {MASSAGE: {"en": "Massage", "ar": "تدليك"}, NURSE: {"en": "Nurse visit", "ar": "زيارة ممرضة"}}

Document = dict[str, Any]


@dataclass(frozen=True)
class House:
    """A provider: `prices` in minor units, and `services` ids, by category."""

    provider_id: str
    city: str
    country: str
    zone: str
    currency: str
    place: tuple[float, float]
    prices: dict[str, int]
    services: dict[str, str]


def new_york() -> House:
    """100.00 USD, and 100.01, which no three parts divide evenly."""
    place, prices = (40.7185, -74.0020), {MASSAGE: 10000, NURSE: 10001}
    return _house("New York", "US", "America/New_York", "USD", place, prices)


def kuwait() -> House:
    """12.345 KWD: three decimals, of which the last can't be charged."""
    return _house("Kuwait City", "KW", "Asia/Kuwait", "KWD", (29.3759, 47.9774), {MASSAGE: 12345})


def _house(
    city: str, country: str, zone: str, currency: str, place: tuple[float, float], prices: dict[str, int]
) -> House:
    services = {category: new_id() for category in prices}
    return House(new_id(), city, country, zone, currency, place, prices, services)


def documents(houses: list[House], owner: Document) -> dict[str, Document]:
    """What opens the houses, in the form of the demo data."""
    staff = {house.provider_id: [new_id() for _ in range(CARERS)] for house in houses}
    memberships = [
        {"provider_id": provider_id, "role": "owner", "staff_id": ids[0]}
        for provider_id, ids in staff.items()
    ]
    return {
        "catalogue.json": _catalogue(providers=[_listed(house) for house in houses]),
        "calendar.json": _calendars([_calendar(house, staff[house.provider_id]) for house in houses]),
        "accounts.json": _accounts(owner | {"memberships": memberships}),
    }


def farewell(houses: list[House], owner: Document) -> dict[str, Document]:
    """What takes them out of the catalogue, and their owner's rights and password; their books stay."""
    return {
        "catalogue.json": _catalogue(withdrawn_providers=[house.provider_id for house in houses]),
        "calendar.json": _calendars([]),
        "accounts.json": _accounts(owner | {"password": None}),
    }


def owner_account() -> Document:
    """An account that acts for nobody yet."""
    account_id = new_id()
    return {
        "id": account_id,
        "email": f"owner-{account_id}@story.test",
        "name": "Olive Walsh",
        "password": PASSWORD,
        "locale": "en",
        "time_zone": "America/New_York",
        "roles": ["provider"],
        "memberships": [],
    }


def _catalogue(**parts: list[Any]) -> Document:
    return {"format": 1, "categories": [], "providers": [], **parts}


def _calendars(providers: list[Document]) -> Document:
    return {"format": 1, "providers": providers, "past_bookings": []}


def _accounts(owner: Document) -> Document:
    return {"format": 1, "accounts": [owner]}


def _listed(house: House) -> Document:
    name = {"en": f"House of the story, {house.city}", "ar": "بيت القصة"}
    return {
        "id": house.provider_id,
        "name": name,
        "description": name,
        "city": house.city,
        "country": house.country,
        "latitude": house.place[0],
        "longitude": house.place[1],
        "time_zone": house.zone,
        "currency": house.currency,
        "payable": True,
        "services": [
            one | {"category_id": stable_id("category", category), "description": one["name"]}
            for category, one in _services(house).items()
        ],
        "reviews": [],
    }


def _calendar(house: House, staff: list[str]) -> Document:
    """Visits may begin with every minute, at once, at any hour; hours run into the next day's."""
    services = _services(house)
    return {
        "provider_id": house.provider_id,
        "time_zone": house.zone,
        "slot_grid_minutes": 1,
        "minimum_notice_minutes": 0,
        "window_days": 90,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "opening_hours": [{"weekday": day, "opens": "00:00", "closes": "30:00"} for day in range(1, 8)],
        "staff": [
            {
                "id": staff_id,
                "name": {"en": f"Carer {number}", "ar": "مقدم رعاية"},
                "service_ids": list(house.services.values()),
            }
            for number, staff_id in enumerate(staff, start=1)
        ],
        "time_off": [],
        "services": list(services.values()),
    }


def _services(house: House) -> dict[str, Document]:
    return {
        category: {
            "id": house.services[category],
            "name": NAMES[category],
            "duration_minutes": 60,
            "price": {"amount": price, "currency": house.currency},
        }
        for category, price in house.prices.items()
    }

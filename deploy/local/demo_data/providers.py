"""The providers of the demo world: who and where they are, what they offer, and who works there."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.local.demo_data.categories import CATEGORIES, NAME_WORDS, Category, Offer
from deploy.local.demo_data.cities import CITIES, City, District
from deploy.local.demo_data.hours import TimeOff, Window, opening_hours, time_off
from deploy.local.demo_data.people import carer_name
from deploy.local.demo_data.stable import between, chance, pick, stable_id

Text = dict[str, str]

# Two of the first massage providers of New York have a part to play; every twelfth is of that category.
DEMO_PROVIDER = 2
UNPAYABLE_PROVIDER = 14

# A district is about 1.3 km across: up to 0.006 degrees (660 m) north of its centre, less east of it.
_SPREAD_MICRODEGREES = 6000
_MOST_SERVICES = 4


@dataclass(frozen=True)
class Service:
    """Something that can be booked; `price_minor` in minor units of the provider's currency."""

    id: str
    category: str
    name: Text
    description: Text
    minutes: int
    price_minor: int


@dataclass(frozen=True)
class Staff:
    """A carer and the services that this carer does."""

    id: str
    name: Text
    service_ids: list[str]


@dataclass(frozen=True)
class Provider:
    """One provider with all that the catalogue and the calendar say about it."""

    number: int
    id: str
    name: Text
    description: Text
    city: City
    address: str
    latitude: float
    longitude: float
    services: list[Service]
    staff: list[Staff]
    windows: list[Window]
    absences: list[TimeOff]
    notice_minutes: int
    buffer_after_minutes: int

    @property
    def is_payable(self) -> bool:
        """False for the one provider whose bookings cannot be paid (409 provider_not_payable)."""
        return self.number != UNPAYABLE_PROVIDER


def all_providers() -> list[Provider]:
    """Every provider, numbered through the cities in their order."""
    cities = [city for city in CITIES for _ in range(city.providers)]
    return [
        _demo_provider(city) if number == DEMO_PROVIDER else _provider(number, city)
        for number, city in enumerate(cities)
    ]


def _provider(number: int, city: City) -> Provider:
    category = CATEGORIES[number % len(CATEGORIES)]
    district = pick(city.districts, "district", number)
    services = _services(number, city, category)
    staff = _staff(number, services)
    latitude, longitude = _place(number, district)
    return Provider(
        number=number,
        id=stable_id("provider", number),
        name=_name(number, category),
        description=_description(category, city, district),
        city=city,
        address=_address(number, city, district),
        latitude=latitude,
        longitude=longitude,
        services=services,
        staff=staff,
        windows=opening_hours(number, city.weekend),
        absences=time_off(number, city.time_zone, [person.id for person in staff]),
        notice_minutes=pick((0, 0, 60, 120), "notice", number),
        buffer_after_minutes=pick((0, 0, 10, 15), "buffer", number),
    )


def _demo_provider(city: City) -> Provider:
    """That of provider@demo.test: always open, one carer, an hour of massage for exactly 100.00 USD."""
    massage = next(category for category in CATEGORIES if category.slug == "massage")
    hour = Offer("Swedish massage 60 minutes", "تدليك سويدي 60 دقيقة", 60, 100)
    short = Offer("Back and shoulder massage", "تدليك الظهر والكتفين", 30, 55)
    long = Offer("Deep tissue massage", "تدليك الأنسجة العميقة", 90, 140)
    services = [_service(DEMO_PROVIDER, city, massage, offer) for offer in (hour, short, long)]
    soho = District("SoHo", 40.7185, -74.0020)
    return Provider(
        number=DEMO_PROVIDER,
        id=stable_id("provider", DEMO_PROVIDER),
        name=_name(DEMO_PROVIDER, massage),
        description=_description(massage, city, soho),
        city=city,
        address="101 Spring Street, SoHo, New York",
        latitude=soho.latitude,
        longitude=soho.longitude,
        services=services,
        staff=_staff(DEMO_PROVIDER, services, count=1),
        windows=[Window(day, 540, 1080) for day in range(1, 8)],
        absences=[],
        notice_minutes=0,
        buffer_after_minutes=0,
    )


def _services(number: int, city: City, category: Category) -> list[Service]:
    """Two to four services; every third provider has one of a second category among them."""
    count = between(2, len(category.offers), "offers", number)
    services = [_service(number, city, category, offer) for offer in category.offers[:count]]
    if chance(33, "second category", number) and len(services) < _MOST_SERVICES:
        other = CATEGORIES[
            (number + between(1, len(CATEGORIES) - 1, "other category", number)) % len(CATEGORIES)
        ]
        services.append(_service(number, city, other, pick(other.offers, "other offer", number)))
    return services


def _service(number: int, city: City, category: Category, offer: Offer) -> Service:
    return Service(
        id=stable_id("service", number, category.slug, offer.english),
        category=category.slug,
        name={"en": offer.english, "ar": offer.arabic},
        description={
            "en": f"{offer.english}, {offer.minutes} minutes, by a qualified carer at your place or ours.",
            "ar": f"{offer.arabic} لمدة {offer.minutes} دقيقة على يد مختص مؤهل في منزلك أو لدينا.",
        },
        minutes=offer.minutes,
        price_minor=_price(number, city, offer),
    )


def _price(number: int, city: City, offer: Offer) -> int:
    """The price in the city's currency, within 15 % of the usual one, on a step that people are used to."""
    if number == DEMO_PROVIDER:
        return offer.usd * 100
    percent = between(85, 115, "price level", number)
    exact = offer.usd * city.price_per_100_usd * percent // 10_000
    return max(city.price_step, (exact + city.price_step // 2) // city.price_step * city.price_step)


def _staff(number: int, services: list[Service], count: int | None = None) -> list[Staff]:
    """One to three carers; the first does everything, the others all services but one."""
    people = count or between(1, 3, "staff", number)
    rows = []
    for index in range(people):
        done = [
            service.id
            for position, service in enumerate(services)
            if index == 0 or position != index % len(services)
        ]
        rows.append(Staff(stable_id("staff", number, index), carer_name(number, index), done))
    return rows


def _name(number: int, category: Category) -> Text:
    if number == UNPAYABLE_PROVIDER:
        return {"en": "Unpaid Hands Massage", "ar": "مركز الأيدي للتدليك"}
    english, arabic = NAME_WORDS[number // len(CATEGORIES)]
    return {"en": category.business_english.format(english), "ar": category.business_arabic.format(arabic)}


def _description(category: Category, city: City, district: District) -> Text:
    return {
        "en": f"{category.english} in {district.name}, {city.name}. Qualified carers, at home or on site.",
        "ar": f"{category.arabic} مع مختصين مؤهلين، في المنزل أو في المركز.",
    }


def _address(number: int, city: City, district: District) -> str:
    house, street = between(1, 240, "house", number), pick(city.streets, "street", number)
    return f"{house} {street}, {district.name}, {city.name}"


def _place(number: int, district: District) -> tuple[float, float]:
    north = between(-_SPREAD_MICRODEGREES, _SPREAD_MICRODEGREES, "north", number)
    east = between(-_SPREAD_MICRODEGREES, _SPREAD_MICRODEGREES, "east", number)
    return round(district.latitude + north / 1e6, 6), round(district.longitude + east / 1e6, 6)

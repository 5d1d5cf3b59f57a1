"""A house of the run's own: it is asked first, comes to people's homes, and has one who is hard to get.

Its visits may begin every five minutes, so that deadlines and starts come while all is breaking.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from deploy.local.demo_data.people import DEMO_PASSWORD
from deploy.local.demo_data.stable import stable_id
from tests.fixtures.customer import Customer

CARERS = 12
"""Enough that visits of one start are not all taken."""
OWNER_EMAIL = "owner@chaos.test"
ZONE = "America/New_York"
CATEGORY = "home-nursing"
PLACE = {"latitude": 40.7185, "longitude": -74.0020}
ADDRESS = {"lines": ["1 Chaos Lane"], "city": "New York", **PLACE}
ANSWER_HOURS = 1
LINE_MINUTES = 60
PRICE = 6000

Document = dict[str, Any]


@dataclass(frozen=True)
class House:
    """The provider, its services, and its staff; `rare` does what people stand in line for, alone. The price
    of `dear` only rises."""

    provider_id: str
    asked: str
    home: str
    line: str
    dear: str
    staff: tuple[str, ...]

    @property
    def rare(self) -> str:
        return self.staff[0]


HOUSE = House(
    stable_id("chaos", "house"),
    stable_id("chaos", "asked"),
    stable_id("chaos", "home"),
    stable_id("chaos", "line"),
    stable_id("chaos", "dear"),
    tuple(stable_id("chaos", "carer", number) for number in range(CARERS)),
)
_SERVICES = {
    HOUSE.asked: ("Asked first", 10),
    HOUSE.home: ("At home", 10),
    HOUSE.line: ("Rare", 60),
    HOUSE.dear: ("Ever dearer", 10),
}
_RULES: dict[str, Document] = {
    HOUSE.asked: {"acceptance": "provider", "answerHours": ANSWER_HOURS},
    HOUSE.home: {"places": ["customer"]},
    HOUSE.line: {"slotStepMinutes": LINE_MINUTES},
}


def day_of(instant: datetime) -> date:
    """The day that it is in the house then."""
    return instant.astimezone(ZoneInfo(ZONE)).date()


def catalogue_entry() -> Document:
    """The house in the catalogue."""
    name = {"en": "House of chaos", "ar": "بيت الفوضى"}
    return {
        "id": HOUSE.provider_id,
        "name": name,
        "description": name,
        "city": "New York",
        "country": "US",
        **PLACE,
        "time_zone": ZONE,
        "currency": "USD",
        "payable": True,
        "services": [
            one | {"category_id": stable_id("category", CATEGORY), "description": one["name"]}
            for one in _services()
        ],
        "reviews": [],
    }


def calendar_entry() -> Document:
    """Always open, at once, every five minutes."""
    return {
        "provider_id": HOUSE.provider_id,
        "time_zone": ZONE,
        "slot_grid_minutes": 5,
        "minimum_notice_minutes": 0,
        "window_days": 90,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "opening_hours": [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(1, 8)],
        "staff": [_carer(staff_id) for staff_id in HOUSE.staff],
        "time_off": [],
        "services": _services(),
    }


def owner_account() -> Document:
    """Who answers for the house."""
    return {
        "id": stable_id("chaos", "owner"),
        "email": OWNER_EMAIL,
        "name": "Olive Walsh",
        "password": DEMO_PASSWORD,
        "locale": "en",
        "time_zone": ZONE,
        "roles": ["provider"],
        "memberships": [{"provider_id": HOUSE.provider_id, "role": "owner", "staff_id": None}],
    }


def open_house(url: str) -> None:
    """Give its services their rules, as its owner does."""
    with Customer(url) as owner:
        owner.sign_in(OWNER_EMAIL, DEMO_PASSWORD)
        for service_id, rules in _RULES.items():
            path, body = f"provider/services/{service_id}/rules", {"providerId": HOUSE.provider_id, **rules}
            answer = owner.post(path, body)
            assert answer.ok, answer.text


def _services() -> list[Document]:
    return [
        {
            "id": service_id,
            "name": {"en": name, "ar": name},
            "duration_minutes": minutes,
            "price": {"amount": PRICE, "currency": "USD"},
        }
        for service_id, (name, minutes) in _SERVICES.items()
    ]


def _carer(staff_id: str) -> Document:
    does = [HOUSE.line] if staff_id == HOUSE.rare else [HOUSE.asked, HOUSE.home, HOUSE.dear]
    return {"id": staff_id, "name": {"en": "Carer", "ar": "مقدم رعاية"}, "service_ids": does}

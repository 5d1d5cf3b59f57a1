"""Who lives in the demo world: customers of the past, carers, and the three accounts that can sign in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deploy.local.demo_data.stable import pick, stable_id

# Stated in the README and printed by `make demo`.
DEMO_PASSWORD = "demo-password-1"  # noqa: S105 (no secret)

_FIRST_NAMES = (
    ("Emily", "إيميلي"),
    ("James", "جيمس"),
    ("Sofia", "صوفيا"),
    ("Omar", "عمر"),
    ("Layla", "ليلى"),
    ("Haruto", "هاروتو"),
    ("Yui", "يوي"),
    ("Oliver", "أوليفر"),
    ("Amelia", "أميليا"),
    ("Fahad", "فهد"),
    ("Noura", "نورة"),
    ("Daniel", "دانيال"),
    ("Grace", "غريس"),
    ("Yousef", "يوسف"),
    ("Mariam", "مريم"),
    ("Lucas", "لوكاس"),
    ("Chloe", "كلوي"),
    ("Ren", "رين"),
    ("Khalid", "خالد"),
    ("Hannah", "هانا"),
)
_LAST_NAMES = (
    ("Rivera", "ريفيرا"),
    ("Bennett", "بينيت"),
    ("Al Harbi", "الحربي"),
    ("Tanaka", "تاناكا"),
    ("Al Sabah", "الصباح"),
    ("Nguyen", "نغوين"),
    ("Clarke", "كلارك"),
    ("Al Qahtani", "القحطاني"),
    ("Sato", "ساتو"),
    ("Morgan", "مورغان"),
    ("Haddad", "حداد"),
    ("Walsh", "والش"),
)
_CUSTOMER_ZONES = ("America/New_York", "America/Los_Angeles", "Europe/London", "Asia/Riyadh", "Asia/Tokyo")
_PAST_CUSTOMERS = 60


@dataclass(frozen=True)
class Customer:
    """A customer of the past; `signature` is what stands under a review."""

    id: str
    name: str
    email: str
    time_zone: str

    @property
    def signature(self) -> str:
        """First name and initial only: a review shows no full name."""
        first, last = self.name.split(" ", 1)
        return f"{first} {last[0]}."


def past_customers() -> list[Customer]:
    """The people who booked before; they have no password and cannot sign in."""
    people = []
    for number in range(_PAST_CUSTOMERS):
        first = _FIRST_NAMES[number % len(_FIRST_NAMES)][0]
        last = _LAST_NAMES[(number * 7 + number // len(_FIRST_NAMES)) % len(_LAST_NAMES)][0]
        people.append(
            Customer(
                id=stable_id("customer", number),
                name=f"{first} {last}",
                email=f"customer{number + 1:02d}@past.demo.test",
                time_zone=pick(_CUSTOMER_ZONES, "zone", number),
            )
        )
    return people


def carer_name(*parts: object) -> dict[str, str]:
    """Name of a staff member in both languages."""
    first, last = pick(_FIRST_NAMES, "first", *parts), pick(_LAST_NAMES, "last", *parts)
    return {"en": f"{first[0]} {last[0]}", "ar": f"{first[1]} {last[1]}"}


def accounts(demo_provider_id: str, demo_staff_id: str) -> dict[str, Any]:
    """The document accounts.json: three accounts with a password, the rest without."""
    owner = {"provider_id": demo_provider_id, "role": "owner", "staff_id": demo_staff_id}
    rows = [
        _account("customer", "Casey Morgan", []),
        _account("provider", "Priya Bennett", [owner]),
        _account("admin", "Adam Walsh", []),
    ]
    rows += [_past_account(person) for person in past_customers()]
    return {"format": 1, "accounts": rows}


def _account(role: str, name: str, memberships: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "id": stable_id("account", role),
        "email": f"{role}@demo.test",
        "name": name,
        "password": DEMO_PASSWORD,
        "locale": "en",
        "time_zone": "America/New_York",
        "roles": [role],
        "memberships": memberships,
    }


def _past_account(person: Customer) -> dict[str, Any]:
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "password": None,
        "locale": "en",
        "time_zone": person.time_zone,
        "roles": ["customer"],
        "memberships": [],
    }

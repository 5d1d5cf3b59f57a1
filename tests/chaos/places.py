"""Where customers book: a provider's service, and those of New York that all of them want."""

from dataclasses import dataclass

from tests.chaos.house import HOUSE
from tests.fixtures.customer import Customer

NEW_YORK = {"latitude": 40.7128, "longitude": -74.0060}


@dataclass(frozen=True)
class Place:
    """A provider's service that customers want."""

    provider_id: str
    service_id: str


ASKED_FIRST = Place(HOUSE.provider_id, HOUSE.asked)
AT_HOME = Place(HOUSE.provider_id, HOUSE.home)
IN_LINE = Place(HOUSE.provider_id, HOUSE.line)
EVER_DEARER = Place(HOUSE.provider_id, HOUSE.dear)


def find_places(url: str, number: int) -> list[Place]:
    """The first massage providers of New York who take payments, each with its shortest service."""
    places = []
    with Customer(url) as stranger:
        found = stranger.get("customer/search", query="massage", radiusKm=10, limit=30, **NEW_YORK)
        assert found.status_code == 200, found.text
        for provider in found.json()["data"]["providers"]:
            profile = stranger.get(f"customer/providers/{provider['providerId']}").json()["data"]
            if not profile.get("payable", True):
                continue
            service = min(profile["services"], key=lambda one: (one["durationMinutes"], one["serviceId"]))
            places.append(Place(provider["providerId"], service["serviceId"]))
    return sorted(places, key=lambda place: place.provider_id)[:number]

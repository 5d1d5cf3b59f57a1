"""A catalogue file is read whole or refused with the reason."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.search.catalogue_file import read_catalogue
from services.search.domain.catalogue import CatalogueError
from shared.geo import Point
from shared.money import Money

CATEGORY = "019b77cd-84f7-7c7a-a0e8-61b4e95b309c"
PROVIDER = "019b77b5-f480-77a7-b633-e7184fa48e72"
SERVICE = "019b76f3-6d5c-7051-8114-ef4be232c7d0"
OTHER = "019b7735-0f03-7b8a-9c08-f0eb46aa6b45"
NAME = {"en": "Massage", "ar": "التدليك"}
REVIEW = {
    "id": OTHER,
    "booking_id": OTHER,
    "service_id": SERVICE,
    "customer_id": OTHER,
    "author": "Emily R.",
    "rating": 5,
    "text": "Kind.",
    "language": "en",
    "created_at": "2026-03-04T14:00:00Z",
}
CONTENT: dict[str, Any] = {
    "format": 1,
    "categories": [{"id": CATEGORY, "slug": "massage", "name": NAME, "position": 1}],
    "providers": [
        {
            "id": PROVIDER,
            "name": NAME,
            "description": NAME,
            "city": "New York",
            "country": "US",
            "address": "12 Example Street",
            "latitude": 40.7,
            "longitude": -74,
            "time_zone": "America/New_York",
            "currency": "USD",
            "languages": ["en"],
            "payable": True,
            "services": [
                {
                    "id": SERVICE,
                    "category_id": CATEGORY,
                    "name": NAME,
                    "description": {"en": "An hour.", "ar": None},
                    "duration_minutes": 60,
                    "price": {"amount": 10000, "currency": "USD"},
                }
            ],
            "reviews": [REVIEW],
        }
    ],
}


def write(folder: Path, content: object) -> Path:
    path = folder / "catalogue.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_reads_what_we_keep_and_leaves_out_the_rest(tmp_path: Path) -> None:
    catalogue = read_catalogue(write(tmp_path, CONTENT))
    (provider,) = catalogue.providers
    assert provider.location == Point(40.7, -74)
    assert provider.services[0].list_price == Money(10000, "USD")
    assert provider.services[0].description.ar is None
    assert provider.reviews[0].created_at.isoformat() == "2026-03-04T14:00:00+00:00"
    assert catalogue.withdrawn_provider_ids == ()


def _provider(content: dict[str, Any]) -> dict[str, Any]:
    first: dict[str, Any] = content["providers"][0]
    return first


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda content: content.update(format=2), "format"),
        (lambda content: content["providers"].append(_provider(content)), "provider .* stands twice"),
        (lambda content: content["categories"].append(content["categories"][0]), "slug massage stands twice"),
        (
            lambda content: _provider(content)["reviews"].append({**REVIEW, "id": PROVIDER}),
            "reviewed booking",
        ),
        (lambda content: _provider(content).update(currency="GBP"), "not priced in GBP"),
        (lambda content: _provider(content)["services"][0]["price"].update(amount=-1), "negative price"),
        (lambda content: _provider(content).update(time_zone="Mars/Olympus"), "time_zone"),
        (lambda content: _provider(content).update(latitude=91), "latitude"),
        (lambda content: _provider(content).update(id="7"), "Not an id"),
        (lambda content: content.update(withdrawn_providers=[PROVIDER]), "stands twice"),
    ],
)
def test_refuses_what_contradicts_itself(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], None], reason: str
) -> None:
    content = copy.deepcopy(CONTENT)
    spoil(content)
    with pytest.raises(CatalogueError, match=reason):
        read_catalogue(write(tmp_path, content))


def test_a_mistake_of_thousands_is_told_in_one_line(tmp_path: Path) -> None:
    content = {**CONTENT, "providers": [{} for _ in range(1000)]}
    with pytest.raises(CatalogueError) as refused:
        read_catalogue(write(tmp_path, content))
    assert len(str(refused.value)) < 1000


def test_refuses_what_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    path.write_bytes(b"\xff{")
    with pytest.raises(CatalogueError, match="not JSON"):
        read_catalogue(path)

"""Pages hold every result exactly once, in one order, whatever is equal."""

from typing import Any

import pytest
from sqlalchemy import Engine

from services.search.usecases.publish_catalogue import withdraw_providers
from shared.database.transaction import Database
from shared.errors import ServiceError
from shared.geo import Point
from tests.integration.search.making import Finder, an_id, clear, provider, service

HERE = {"latitude": 40.7, "longitude": -74.0}
QUERIES: list[dict[str, Any]] = [
    {},
    {"query": "massage"},
    {"query": "massage", "sort": "price"},
    {"query": "massage", "sort": "distance", **HERE},
    {"sort": "rating"},
    {"sort": "price"},
    {"sort": "distance", **HERE},
    {"sort": "distance", "radius_km": 200, "category": "massage", **HERE},
    {"category": "massage", "sort": "price", "max_price": 400, "currency": "USD"},
]


@pytest.fixture(scope="module")
def finder(owner: Engine, database: Database) -> Finder:
    """48 providers in groups of equals: four places, three prices, three ratings, two currencies."""
    clear(owner)
    made = Finder(database.transaction)
    made.publish(
        *(
            provider(
                f"P{number}",
                service(f"massage {number}", 100 * (number % 3 + 1), currency=("USD", "GBP")[number % 2]),
                ratings=((), (4,), (5, 3))[number % 3],
                location=Point(40.7 + 0.1 * (number % 4), -74.0),
            )
            for number in range(48)
        )
    )
    return made


def walk(finder: Finder, limit: int, **members: Any) -> list[str]:
    seen: list[str] = []
    cursor = None
    while True:
        page = finder.page(limit=limit, cursor=cursor, **members)
        seen.extend(one["provider_id"] for one in page["providers"])
        cursor = page["next"]
        if cursor is None:
            return seen
        assert len(page["providers"]) == limit


@pytest.mark.parametrize("limit", [1, 7])
@pytest.mark.parametrize("members", QUERIES, ids=str)
def test_pages_hold_every_result_exactly_once(finder: Finder, members: dict[str, Any], limit: int) -> None:
    """promise B1: paged; rule B15: a stable order, also among equals."""
    whole = [one["provider_id"] for one in finder.find(**members)]
    assert len(whole) == len(set(whole)) >= 24
    assert walk(finder, limit, **members) == whole


def test_the_last_page_says_so(finder: Finder) -> None:
    page = finder.page(limit=len(finder.find()))
    assert page["next"] is None


def test_a_cursor_belongs_to_its_query(finder: Finder) -> None:
    """promise B1: a changed cursor, or one of another query, is refused; another page size is fine."""
    cursor = finder.page(limit=5, query="massage")["next"]
    assert len(finder.page(limit=9, query="massage", cursor=cursor)["providers"]) == 9
    others: list[dict[str, Any]] = [
        {"query": "massage", "sort": "rating"},
        {"query": "massage", "min_rating": 1.0},
        {"query": "care"},
        {},
        {"query": "massage", **HERE},
    ]
    for other in others:
        with pytest.raises(ServiceError, match="cursor_invalid"):
            finder.page(cursor=cursor, **other)
    with pytest.raises(ServiceError, match="cursor_invalid"):
        finder.page(query="massage", cursor=cursor[:-2])


def test_what_comes_and_goes_between_pages_moves_nothing_else(finder: Finder) -> None:
    """promise B1: a page is found by where the last one ended, not by counting."""
    first = finder.page(limit=20, sort="price")
    rest_before = walk(finder, 40, sort="price")[20:]
    finder.publish(provider("Cheapest", service("massage new", 1, currency="GBP")))
    second = finder.page(limit=100, sort="price", cursor=first["next"])
    withdraw_providers(finder.transaction, [an_id("Cheapest")])
    assert [one["provider_id"] for one in second["providers"]] == rest_before

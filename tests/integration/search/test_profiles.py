"""What one looks at: a provider's profile and its reviews."""

from dataclasses import replace
from typing import Any

import pytest

from services.search.domain.catalogue import Texts
from services.search.usecases.publish_catalogue import withdraw_providers
from services.search.usecases.show_catalogue import get_provider, list_reviews
from shared.contracts.declaration import read, write
from shared.contracts.search import GET_PROVIDER, LIST_REVIEWS
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from shared.geo import Point
from tests.integration.search.making import NURSING, Finder, an_id, provider, service


def profile(transaction: Transaction, **members: Any) -> dict[str, Any]:
    request = read(GET_PROVIDER.request, members)
    return write(GET_PROVIDER.answer, get_provider(transaction, request))


def test_a_profile_says_all(transaction: Transaction) -> None:
    """promise B2: services, rating and the distance from the customer."""
    owner = provider("A", service("a1", 900), service("a2", 500, NURSING), ratings=(5, 4, 4))
    Finder(transaction).publish(replace(owner, about=Texts("Since 1990.", "منذ ١٩٩٠")))
    shown = profile(transaction, provider_id=owner.id, latitude=40.7128, longitude=-73.0)
    assert shown["name"] == {"en": "A", "ar": None}
    assert shown["about"] == {"en": "Since 1990.", "ar": "منذ ١٩٩٠"}
    assert shown["rating"] == {"average": 4.33, "count": 3}
    assert [one["category"] for one in shown["services"]] == ["home-nursing", "massage"]
    assert shown["distance_km"] == pytest.approx(84.78, abs=0.05)
    assert profile(transaction, provider_id=owner.id)["distance_km"] is None


def test_a_search_and_a_profile_tell_the_same_distance(transaction: Transaction) -> None:
    """promise B2: both from one formula, to the metre."""
    finder = Finder(transaction)
    owner = provider("A", location=Point(-17.2, -179.7))
    finder.publish(owner)
    here = {"latitude": -16.9, "longitude": 179.8}
    (found,) = finder.find(sort="distance", **here)
    assert found["distance_km"] == profile(transaction, provider_id=owner.id, **here)["distance_km"]


def test_a_profile_of_nobody_or_of_who_left(transaction: Transaction) -> None:
    owner = provider("A")
    Finder(transaction).publish(owner)
    withdraw_providers(transaction, [owner.id])
    for provider_id in (owner.id, an_id("nobody")):
        with pytest.raises(ServiceError, match="not_found"):
            profile(transaction, provider_id=provider_id)
    with pytest.raises(ServiceError, match="validation_failed"):
        profile(transaction, provider_id=owner.id, latitude=1.0)


def test_reviews_newest_first_page_by_page(transaction: Transaction) -> None:
    """promise B2: reviews; some were written at the same instant."""
    owner = provider("A", ratings=(5, 4, 3, 2, 1, 5, 4))
    same = owner.reviews[0].created_at
    together = tuple(
        replace(one, created_at=same) if number < 4 else one for number, one in enumerate(owner.reviews)
    )
    Finder(transaction).publish(replace(owner, reviews=together))
    seen: list[tuple[str, str]] = []
    cursor = None
    while True:
        request = read(LIST_REVIEWS.request, {"provider_id": owner.id, "limit": 2, "cursor": cursor})
        page = write(LIST_REVIEWS.answer, list_reviews(transaction, request))
        seen.extend((one["created_at"], one["review_id"]) for one in page["reviews"])
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == 7
    assert seen == sorted(seen, reverse=True)
    assert {review_id for _, review_id in seen} == {one.id for one in together}


def test_reviews_of_nobody(transaction: Transaction) -> None:
    request = read(LIST_REVIEWS.request, {"provider_id": an_id("nobody")})
    with pytest.raises(ServiceError, match="not_found"):
        list_reviews(transaction, request)

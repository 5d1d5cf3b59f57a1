"""Requests are checked as a whole: what needs what, and which field is to blame."""

from typing import Any

import pytest

from services.search.domain.criteria import Sort, read_criteria, read_point
from shared.contracts.declaration import read
from shared.contracts.search import SearchRequestSchema
from shared.errors import ServiceError
from shared.geo import Point

NEW_YORK = {"latitude": 40.7128, "longitude": -74.0060}


def request(**members: Any) -> dict[str, Any]:
    return read(SearchRequestSchema, members)


@pytest.mark.parametrize(
    ("members", "fields"),
    [
        ({"latitude": 1.0}, {"longitude"}),
        ({"longitude": 1.0}, {"latitude"}),
        ({"radius_km": 5.0}, {"radius_km"}),
        ({"sort": "distance"}, {"sort"}),
        ({"min_price": 100}, {"currency"}),
        ({"max_price": 100}, {"currency"}),
        ({"min_price": 200, "max_price": 100, "currency": "USD"}, {"max_price"}),
        ({"radius_km": 5.0, "sort": "distance", "min_price": 1}, {"radius_km", "sort", "currency"}),
    ],
)
def test_members_that_need_each_other(members: dict[str, Any], fields: set[str]) -> None:
    """promise B1: the refusal names every field that is wrong."""
    with pytest.raises(ServiceError) as refused:
        read_criteria(request(**members))
    assert refused.value.code == "validation_failed"
    assert set(refused.value.details["errors"]) == fields


@pytest.mark.parametrize(
    "members",
    [
        {"latitude": 91.0, "longitude": 0.0},
        {"latitude": 0.0, "longitude": -181.0},
        {**NEW_YORK, "radius_km": 0.0},
        {**NEW_YORK, "radius_km": 200.1},
        {"min_price": -1, "currency": "USD"},
        {"max_price": 10**30, "currency": "USD"},
        {"min_price": 1.5, "currency": "USD"},
        {"currency": "XXX"},
        {"min_rating": 5.1},
        {"sort": "name"},
        {"limit": 0},
        {"limit": 101},
        {"query": "x" * 201},
        {"latitude": float("nan"), "longitude": 0.0},
    ],
)
def test_members_out_of_bounds(members: dict[str, Any]) -> None:
    """rule B15: the radius is bounded."""
    with pytest.raises(ServiceError) as refused:
        request(**members)
    assert refused.value.code == "validation_failed"


def test_nothing_is_asked_for() -> None:
    criteria = read_criteria(request())
    assert criteria.words is None
    assert criteria.point is None
    assert criteria.sort is Sort.RELEVANCE


def test_blank_text_is_no_text_and_punctuation_matches_nothing() -> None:
    assert read_criteria(request(query="  ")).words is None
    assert read_criteria(request(query="?!")).words == ""


def test_a_text_is_looked_for_in_its_normal_form() -> None:
    """rule B17: the query is normalised like the texts."""
    assert read_criteria(request(query="التَّدليك")).words == "تدليك"


def test_a_point_without_a_radius_is_where_distance_is_measured_from() -> None:
    """promise B2: the distance from the customer."""
    assert read_point(request(**NEW_YORK)) == Point(40.7128, -74.0060)
    assert read_point(request()) is None

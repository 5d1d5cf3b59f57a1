"""What somebody looks for: the request of a search, checked as a whole (rules B15 and B17)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.search.domain.words import query_words
from shared.errors import validation_failed
from shared.geo import Point


class Sort(StrEnum):
    """The orders that results come in."""

    RELEVANCE = "relevance"
    DISTANCE = "distance"
    RATING = "rating"
    PRICE = "price"


@dataclass(frozen=True, slots=True)
class Criteria:
    """All that decides which providers are found and in which order.

    `words` is in normal form; None: no text was given; empty: nothing can match it. Prices are minor
    units of `currency` and bound the list price of the cheapest matching service. `min_rating` is in
    hundredths.
    """

    words: str | None
    point: Point | None
    radius_km: float | None
    category: str | None
    min_price: int | None
    max_price: int | None
    currency: str | None
    min_rating: int
    sort: Sort

    @property
    def bounds_price(self) -> bool:
        return self.min_price is not None or self.max_price is not None


def read_criteria(request: Mapping[str, Any]) -> Criteria:
    """Check what the schema can't: members that need each other.

    Raises `validation_failed` with the errors by field.
    """
    errors = _errors(request)
    if errors:
        raise validation_failed(errors=errors)
    return Criteria(
        words=_words(request["query"]),
        point=_point(request),
        radius_km=request["radius_km"],
        category=request["category"],
        min_price=request["min_price"],
        max_price=request["max_price"],
        currency=request["currency"],
        min_rating=round((request["min_rating"] or 0) * 100),
        sort=Sort(request["sort"]),
    )


def read_point(request: Mapping[str, Any]) -> Point | None:
    """The point of a request, if it names one. Raises `validation_failed` for half a point."""
    errors = _point_errors(request)
    if errors:
        raise validation_failed(errors=errors)
    return _point(request)


def _words(query: str | None) -> str | None:
    return query_words(query) if query and query.strip() else None


def _point(request: Mapping[str, Any]) -> Point | None:
    if request["latitude"] is None:
        return None
    return Point(request["latitude"], request["longitude"])


def _errors(request: Mapping[str, Any]) -> dict[str, list[str]]:
    errors = _point_errors(request)
    located = request["latitude"] is not None or request["longitude"] is not None
    lowest, highest = request["min_price"], request["max_price"]
    if request["radius_km"] is not None and not located:
        errors["radius_km"] = ["Needs latitude and longitude."]
    if request["sort"] == Sort.DISTANCE and not located:
        errors["sort"] = ["Sorting by distance needs latitude and longitude."]
    if request["currency"] is None and (lowest is not None or highest is not None):
        errors["currency"] = ["Needed with a price."]
    if lowest is not None and highest is not None and lowest > highest:
        errors["max_price"] = ["Less than min_price."]
    return errors


def _point_errors(request: Mapping[str, Any]) -> dict[str, list[str]]:
    latitude, longitude = request["latitude"], request["longitude"]
    if latitude is None and longitude is not None:
        return {"latitude": ["Needed with longitude."]}
    if longitude is None and latitude is not None:
        return {"longitude": ["Needed with latitude."]}
    return {}

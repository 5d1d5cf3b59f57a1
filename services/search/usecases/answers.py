"""Turns rows into the objects that search's contract states."""

from collections.abc import Sequence
from typing import Any

from services.search.domain.ratings import Rating
from services.search.store.tables import AnyRow
from shared.contracts.search import MAX_SERVICES_OF_HIT
from shared.geo import Point, distance_km, great_circle_km

_DISTANCE_DECIMALS = 3
"""Metres: finer than any address."""


def category_answer(row: AnyRow) -> dict[str, Any]:
    return {"category_id": row.id, "slug": row.slug, "name": texts_answer(row, "name")}


def texts_answer(row: AnyRow, name: str) -> dict[str, str | None]:
    return {"en": getattr(row, f"{name}_en"), "ar": getattr(row, f"{name}_ar")}


def rating_answer(rating: Rating) -> dict[str, Any]:
    average = rating.average
    return {"average": None if average is None else float(average), "count": rating.count}


def service_answer(row: AnyRow) -> dict[str, Any]:
    return {
        "service_id": row.id,
        "category": row.category,
        "name": texts_answer(row, "name"),
        "description": texts_answer(row, "description"),
        "duration_minutes": row.duration_minutes,
        "list_price": {"amount": row.price_amount, "currency": row.price_currency},
    }


def found_provider_answer(row: AnyRow, services: Sequence[AnyRow], *, with_ids: bool) -> dict[str, Any]:
    """A hit with its matching services, the cheapest first; `with_ids`: and the ids of those beyond."""
    offered = [service_answer(service) for service in services[:MAX_SERVICES_OF_HIT]]
    ids = {"service_ids": [service.id for service in services]} if with_ids else {}
    return {
        **_provider_answer(row),
        "distance_km": None if row.chord is None else _rounded(distance_km(row.chord)),
        "from_price": offered[0]["list_price"],
        "services": offered,
        **ids,
    }


def profile_answer(row: AnyRow, services: Sequence[AnyRow], point: Point | None) -> dict[str, Any]:
    """A provider as a whole, with the distance from `point` if there is one."""
    distance = None if point is None else great_circle_km(point, Point(row.latitude, row.longitude))
    return {
        **_provider_answer(row),
        "about": texts_answer(row, "about"),
        "currency": row.currency,
        "distance_km": None if distance is None else _rounded(distance),
        "services": [service_answer(service) for service in services],
    }


def review_answer(row: AnyRow) -> dict[str, Any]:
    return {
        "review_id": row.id,
        "rating": row.rating,
        "text": row.text,
        "author": row.author,
        "created_at": row.created_at,
    }


def _provider_answer(row: AnyRow) -> dict[str, Any]:
    return {
        "provider_id": row.id,
        "name": texts_answer(row, "name"),
        "city": row.city,
        "time_zone": row.time_zone,
        "location": {"latitude": row.latitude, "longitude": row.longitude},
        "rating": rating_answer(Rating(row.rating_sum, row.rating_count)),
    }


def _rounded(kilometres: float) -> float:
    return round(kilometres, _DISTANCE_DECIMALS)

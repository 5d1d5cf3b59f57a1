"""The events of the catalogue: the whole public state of what changed, as the contract states it."""

from datetime import datetime

from services.search.domain.catalogue import Category, Provider, Review, Service
from services.search.domain.ratings import Rating
from services.search.usecases.answers import rating_answer
from shared.contracts import search as contract
from shared.messages.envelope import Event


def category_changed(category: Category, version: int, now: datetime) -> Event:
    data = {
        "category_id": category.id,
        "slug": category.slug,
        "name": category.name.to_wire(),
        "withdrawn": False,
    }
    return Event(contract.CATEGORY_CHANGED, category.id, version, None, None, data, now)


def provider_published(provider: Provider, version: int, now: datetime) -> Event:
    data = {
        "provider_id": provider.id,
        "name": provider.name.to_wire(),
        "city": provider.city,
        "country": provider.country,
        "time_zone": provider.time_zone,
        "currency": provider.currency,
        "location": {
            "latitude": provider.location.latitude,
            "longitude": provider.location.longitude,
        },
        "payable": provider.payable,
    }
    return Event(contract.PROVIDER_PUBLISHED, provider.id, version, provider.id, None, data, now)


def provider_withdrawn(provider_id: str, version: int, now: datetime) -> Event:
    data = {"provider_id": provider_id}
    return Event(contract.PROVIDER_WITHDRAWN, provider_id, version, provider_id, None, data, now)


def service_published(provider: Provider, service: Service, slug: str, version: int, now: datetime) -> Event:
    data = {
        "service_id": service.id,
        "provider_id": provider.id,
        "category": slug,
        "name": service.name.to_wire(),
        "duration_minutes": service.duration_minutes,
        "list_price": service.list_price.to_wire(),
    }
    return Event(contract.SERVICE_PUBLISHED, service.id, version, provider.id, None, data, now)


def service_withdrawn(service_id: str, provider_id: str, version: int, now: datetime) -> Event:
    data = {"service_id": service_id, "provider_id": provider_id}
    return Event(contract.SERVICE_WITHDRAWN, service_id, version, provider_id, None, data, now)


def review_published(
    provider: Provider, review: Review, version: int, rating: Rating, now: datetime
) -> Event:
    """`rating` is the provider's after all reviews that were written in this transaction."""
    data = {
        "review_id": review.id,
        "provider_id": provider.id,
        "booking_id": review.booking_id,
        "rating": review.rating,
        "provider_rating": rating_answer(rating),
    }
    return Event(contract.REVIEW_PUBLISHED, review.id, version, provider.id, None, data, now)

"""The three documents that the services import, in the shape that their importers read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from deploy.local.demo_data.categories import CATEGORIES
from deploy.local.demo_data.history import Review, Visit, past_visits, reviews
from deploy.local.demo_data.hours import Window
from deploy.local.demo_data.people import accounts, past_customers
from deploy.local.demo_data.providers import DEMO_PROVIDER, Provider, Service, all_providers
from deploy.local.demo_data.stable import stable_id

Document = dict[str, Any]

_FORMAT = 1
_GRID_MINUTES = 15
_WINDOW_DAYS = 90


def documents() -> dict[str, Document]:
    """File name to content: catalogue.json, calendar.json and accounts.json."""
    providers, customers = all_providers(), past_customers()
    visits = {provider.id: past_visits(provider, customers) for provider in providers}
    demo = providers[DEMO_PROVIDER]
    return {
        "catalogue.json": {
            "format": _FORMAT,
            "categories": _categories(),
            "providers": [_catalogue_entry(provider, reviews(visits[provider.id])) for provider in providers],
        },
        "calendar.json": {
            "format": _FORMAT,
            "providers": [_calendar_entry(provider) for provider in providers],
            "past_bookings": [
                _past_booking(provider, visit) for provider in providers for visit in visits[provider.id]
            ],
        },
        "accounts.json": accounts(demo.id, demo.staff[0].id),
    }


def _categories() -> list[Document]:
    return [
        {
            "id": stable_id("category", category.slug),
            "slug": category.slug,
            "name": {"en": category.english, "ar": category.arabic},
            "position": position,
        }
        for position, category in enumerate(CATEGORIES, start=1)
    ]


def _catalogue_entry(provider: Provider, written: Iterable[Review]) -> Document:
    return {
        "id": provider.id,
        "name": provider.name,
        "description": provider.description,
        "city": provider.city.name,
        "country": provider.city.country,
        "address": provider.address,
        "latitude": provider.latitude,
        "longitude": provider.longitude,
        "time_zone": provider.city.time_zone,
        "currency": provider.city.currency,
        "languages": list(provider.city.languages),
        "payable": provider.is_payable,
        "services": [_catalogue_service(provider, service) for service in provider.services],
        "reviews": [_review(review) for review in written],
    }


def _catalogue_service(provider: Provider, service: Service) -> Document:
    return {
        "id": service.id,
        "category_id": stable_id("category", service.category),
        "name": service.name,
        "description": service.description,
        "duration_minutes": service.minutes,
        "price": _price(provider, service),
    }


def _review(review: Review) -> Document:
    visit = review.visit
    return {
        "id": review.id,
        "booking_id": visit.id,
        "service_id": visit.service.id,
        "customer_id": visit.customer.id,
        "author": visit.customer.signature,
        "rating": review.rating,
        "text": review.text,
        "language": review.language,
        "created_at": _instant(review.created_at),
    }


def _calendar_entry(provider: Provider) -> Document:
    return {
        "provider_id": provider.id,
        "time_zone": provider.city.time_zone,
        "slot_grid_minutes": _GRID_MINUTES,
        "minimum_notice_minutes": provider.notice_minutes,
        "window_days": _WINDOW_DAYS,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": provider.buffer_after_minutes,
        "opening_hours": [_window(window) for window in provider.windows],
        "staff": [
            {"id": person.id, "name": person.name, "service_ids": person.service_ids}
            for person in provider.staff
        ],
        "time_off": [
            {
                "id": absence.id,
                "staff_id": absence.staff_id,
                "starts_at": _instant(absence.starts_at),
                "ends_at": _instant(absence.ends_at),
                "reason": absence.reason,
            }
            for absence in provider.absences
        ],
        "services": [
            {
                "id": service.id,
                "duration_minutes": service.minutes,
                "price": _price(provider, service),
                "name": service.name,
            }
            for service in provider.services
        ],
    }


def _window(window: Window) -> Document:
    return {"weekday": window.weekday, "opens": _wall_time(window.opens), "closes": _wall_time(window.closes)}


def _past_booking(provider: Provider, visit: Visit) -> Document:
    return {
        "id": visit.id,
        "provider_id": provider.id,
        "service_id": visit.service.id,
        "staff_id": visit.staff.id,
        "customer_id": visit.customer.id,
        "status": visit.status,
        "starts_at": _instant(visit.starts_at),
        "ends_at": _instant(visit.ends_at),
        "created_at": _instant(visit.created_at),
        "price": _price(provider, visit.service),
    }


def _price(provider: Provider, service: Service) -> Document:
    return {"amount": service.price_minor, "currency": provider.city.currency}


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _wall_time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"

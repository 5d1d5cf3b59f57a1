"""The catalogue as its owner knows it: categories, providers with services, reviews."""

from dataclasses import dataclass
from datetime import datetime

from shared.geo import Point
from shared.money import Money


class CatalogueError(Exception):
    """A catalogue contradicts itself or what is stored; the message says where."""


@dataclass(frozen=True, slots=True)
class Texts:
    """One text in the languages of the platform."""

    en: str
    ar: str | None

    def to_wire(self) -> dict[str, str | None]:
        return {"en": self.en, "ar": self.ar}


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of care. `slug` is its name in contracts and never changes."""

    id: str
    slug: str
    name: Texts
    position: int


@dataclass(frozen=True, slots=True)
class Service:
    """What a provider offers at which list price, in the provider's currency."""

    id: str
    category_id: str
    name: Texts
    description: Texts
    duration_minutes: int
    list_price: Money


@dataclass(frozen=True, slots=True)
class Review:
    """What a customer wrote after a completed booking; there is one for each booking at most."""

    id: str
    booking_id: str
    service_id: str
    customer_id: str
    author: str
    rating: int
    text: str
    language: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as a whole: services that are not listed are no longer offered, reviews stay."""

    id: str
    name: Texts
    about: Texts
    city: str
    country: str
    time_zone: str
    currency: str
    location: Point
    payable: bool
    services: tuple[Service, ...]
    reviews: tuple[Review, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What one file brings. Providers that it does not name stay as they are."""

    categories: tuple[Category, ...]
    providers: tuple[Provider, ...]
    withdrawn_provider_ids: tuple[str, ...] = ()

"""Makes catalogues for tests: only what a test is about has to be said."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from services.search.domain.catalogue import Category, Provider, Review, Service, Texts
from services.search.usecases.find_providers import find_providers
from services.search.usecases.publish_catalogue import publish_categories, publish_providers
from shared.contracts.declaration import read, write
from shared.contracts.search import SEARCH_PROVIDERS
from shared.database.transaction import Transaction
from shared.geo import Point
from shared.money import Money

NEW_YORK = Point(40.7128, -74.0060)
FIRST_REVIEW = datetime(2026, 3, 1, tzinfo=UTC)


def clear(owner: Engine) -> None:
    """Leave nothing stored."""
    with owner.begin() as connection:
        connection.execute(text("TRUNCATE review, service, provider, category, outbox, inbox, relay_lease"))


def an_id(name: str) -> str:
    """An id that is always the same for a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def category(slug: str, arabic: str | None = None, position: int = 1) -> Category:
    return Category(an_id(slug), slug, Texts(slug.replace("-", " ").capitalize(), arabic), position)


MASSAGE = category("massage", "التدليك", 1)
NURSING = category("home-nursing", "التمريض المنزلي", 2)


def service(
    name: str, amount: int = 10000, kind: Category = MASSAGE, currency: str = "USD", **texts: Any
) -> Service:
    return Service(
        id=an_id(name),
        category_id=kind.id,
        name=Texts(texts.get("en", name), texts.get("ar")),
        description=Texts(texts.get("description", "By a qualified carer."), None),
        duration_minutes=60,
        list_price=Money(amount, currency),
    )


def provider(name: str, *services: Service, ratings: tuple[int, ...] = (), **members: Any) -> Provider:
    """A provider in New York, priced in the currency of its services, with one review for each rating."""
    offered = services or (service(f"{name} service"),)
    values: dict[str, Any] = {
        "id": an_id(name),
        "name": Texts(name, None),
        "about": Texts("Care at home.", None),
        "city": "New York",
        "country": "US",
        "time_zone": "America/New_York",
        "currency": offered[0].list_price.currency,
        "location": NEW_YORK,
        "payable": True,
        "services": offered,
        "reviews": tuple(review(f"{name} {number}", rating, number) for number, rating in enumerate(ratings)),
    }
    return Provider(**{**values, **members})


def review(name: str, rating: int, days: int = 0) -> Review:
    return Review(
        id=an_id(f"review {name}"),
        booking_id=an_id(f"booking {name}"),
        service_id=an_id(f"service {name}"),
        customer_id=an_id(f"customer {name}"),
        author="Emily R.",
        rating=rating,
        text="Kind.",
        language="en",
        created_at=FIRST_REVIEW + timedelta(days=days),
    )


@dataclass
class Finder:
    """Asks like a peer does: through the contract, in both directions."""

    transaction: Transaction
    categories: tuple[Category, ...] = field(default=(MASSAGE, NURSING))

    def publish(self, *providers: Provider) -> None:
        publish_categories(self.transaction, self.categories)
        publish_providers(self.transaction, providers)

    def page(self, **members: Any) -> dict[str, Any]:
        request = read(SEARCH_PROVIDERS.request, members)
        return write(SEARCH_PROVIDERS.answer, find_providers(self.transaction, request))

    def find(self, **members: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page(limit=100, **members)["providers"]
        return found

    def names(self, **members: Any) -> list[str]:
        return [one["name"]["en"] for one in self.find(**members)]

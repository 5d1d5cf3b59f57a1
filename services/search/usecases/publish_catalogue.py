"""Takes a catalogue in: stores what differs and says so, each part in one transaction.

Repeating it changes nothing and tells nobody. Events leave through the outbox after the change is
committed, so that who drops a cached answer because of one can't fetch the old answer again
(promise B7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from services.search.domain.catalogue import Catalogue, CatalogueError, Category, Provider
from services.search.store import findability, publishing
from services.search.store.locks import lock_providers
from services.search.usecases.catalogue_events import (
    category_changed,
    provider_published,
    provider_withdrawn,
    review_published,
    service_published,
    service_withdrawn,
)
from shared.database.transaction import Transaction, read_app_now
from shared.messages import outbox
from shared.messages.envelope import Event

PROVIDERS_AT_ONCE = 50
"""In one transaction: short enough for readers and the relay not to notice."""


@dataclass
class Changes:
    """How many of each kind were written; all zero when the catalogue was known already."""

    categories: int = 0
    providers: int = 0
    services: int = 0
    reviews: int = 0
    withdrawn_services: int = 0
    withdrawn_providers: int = 0

    def add(self, other: "Changes") -> None:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass(frozen=True)
class _Written:
    """What a batch changed, as versions by id."""

    providers: publishing.Versions
    services: publishing.Versions
    reviews: publishing.Versions
    withdrawn_services: Mapping[str, tuple[str, int]] = field(default_factory=dict)


def publish_catalogue(transaction: Transaction, catalogue: Catalogue) -> Changes:
    """Publish all of it, providers in batches. Raises CatalogueError; what came before stays."""
    changes = Changes(categories=publish_categories(transaction, catalogue.categories))
    for start in range(0, len(catalogue.providers), PROVIDERS_AT_ONCE):
        batch = catalogue.providers[start : start + PROVIDERS_AT_ONCE]
        changes.add(publish_providers(transaction, batch))
    changes.withdrawn_providers = withdraw_providers(transaction, catalogue.withdrawn_provider_ids)
    return changes


def publish_categories(transaction: Transaction, categories: Sequence[Category]) -> int:
    """Store categories and emit `category_changed` for each that differs; answers how many.

    Raises CatalogueError for a slug that is another one than before: it names the category in
    what was published already.
    """
    with transaction() as connection:
        now = read_app_now(connection)
        stored = publishing.slugs(connection)
        for one in categories:
            if stored.get(one.id, one.slug) != one.slug:
                raise CatalogueError(f"category {one.id} is {stored[one.id]}, not {one.slug}")
        versions = publishing.write_categories(connection, categories)
        offering = findability.providers_of_categories(connection, versions)
        lock_providers(connection, offering)
        findability.refresh_findability(connection, offering)
        changed = [one for one in categories if one.id in versions]
        outbox.append_all(connection, [category_changed(one, versions[one.id], now) for one in changed])
    return len(changed)


def publish_providers(transaction: Transaction, providers: Sequence[Provider]) -> Changes:
    """Store providers with their services and reviews, in one transaction, and emit what differs.

    Services that a provider no longer lists are withdrawn. Raises CatalogueError for a category
    that is not stored, and for a service or review of another provider.
    """
    with transaction() as connection:
        now = read_app_now(connection)
        slugs = publishing.slugs(connection)
        _check(providers, slugs, publishing.owned_by_others(connection, providers))
        # the providers first: it locks their rows
        written = _Written(
            providers=publishing.write_providers(connection, providers),
            services=publishing.write_services(connection, providers),
            reviews=publishing.write_reviews(connection, providers),
            withdrawn_services=publishing.withdraw_other_services(connection, providers),
        )
        findability.refresh_findability(connection, _with_other_offer(providers, written))
        rated = {owner.id for owner in providers if any(one.id in written.reviews for one in owner.reviews)}
        ratings = findability.refresh_ratings(connection, rated)
        events = [
            *_catalogue_events(providers, written, slugs, now),
            *(
                review_published(owner, one, written.reviews[one.id], ratings[owner.id], now)
                for owner in providers
                for one in owner.reviews
                if one.id in written.reviews
            ),
        ]
        outbox.append_all(connection, events)
    return Changes(
        providers=len(written.providers),
        services=len(written.services),
        reviews=len(written.reviews),
        withdrawn_services=len(written.withdrawn_services),
    )


def withdraw_providers(transaction: Transaction, provider_ids: Sequence[str]) -> int:
    """Take providers out of the catalogue and emit `provider_withdrawn`; answers how many were in it."""
    if not provider_ids:
        return 0
    with transaction() as connection:
        now = read_app_now(connection)
        lock_providers(connection, provider_ids)
        versions = publishing.withdraw_providers(connection, provider_ids)
        outbox.append_all(connection, [provider_withdrawn(*one, now) for one in versions.items()])
    return len(versions)


def _check(providers: Sequence[Provider], slugs: Mapping[str, str], strays: Sequence[str]) -> None:
    if strays:
        raise CatalogueError(f"of another provider: {', '.join(strays)}")
    for owner in providers:
        for one in owner.services:
            if one.category_id not in slugs:
                raise CatalogueError(f"service {one.id} is in an unknown category, {one.category_id}")


def _with_other_offer(providers: Sequence[Provider], written: _Written) -> set[str]:
    """Ids of the providers that may be found by something else than before."""
    withdrawn_from = {provider_id for provider_id, _ in written.withdrawn_services.values()}
    return withdrawn_from | {
        owner.id
        for owner in providers
        if owner.id in written.providers or any(one.id in written.services for one in owner.services)
    }


def _catalogue_events(
    providers: Sequence[Provider], written: _Written, slugs: Mapping[str, str], now: datetime
) -> list[Event]:
    events: list[Event] = []
    for owner in providers:
        if owner.id in written.providers:
            events.append(provider_published(owner, written.providers[owner.id], now))
        events.extend(
            service_published(owner, one, slugs[one.category_id], written.services[one.id], now)
            for one in owner.services
            if one.id in written.services
        )
    events.extend(
        service_withdrawn(service_id, provider_id, version, now)
        for service_id, (provider_id, version) in written.withdrawn_services.items()
    )
    return events

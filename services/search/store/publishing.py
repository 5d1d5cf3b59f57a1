"""Writes the catalogue's rows; a version rises only when something differs from what is stored."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.search.domain.catalogue import Category, Provider, Review, Service, Texts
from services.search.domain.words import text_words
from services.search.store.tables import category, provider, review, service

Versions = dict[str, int]
"""Version by id, of the rows that a write has changed."""


def write_categories(connection: Connection, categories: Iterable[Category]) -> Versions:
    """Insert or update; answers only what changed."""
    return _write(connection, category, [_category_row(one) for one in categories])


def write_providers(connection: Connection, providers: Iterable[Provider]) -> Versions:
    """Insert or update without services and reviews; answers only what changed.

    Locks the rows until the transaction ends, also those that stay as they are (PostgreSQL does so
    for ON CONFLICT DO UPDATE), like `store.locks.lock_providers`.
    """
    return _write(connection, provider, [_provider_row(one) for one in providers])


def write_services(connection: Connection, providers: Iterable[Provider]) -> Versions:
    """Insert or update the services of these providers; answers only what changed."""
    rows = [_service_row(owner.id, one) for owner in providers for one in owner.services]
    return _write(connection, service, rows)


def write_reviews(connection: Connection, providers: Iterable[Provider]) -> Versions:
    """Insert or update the reviews of these providers; answers only what changed."""
    rows = [_review_row(owner.id, one) for owner in providers for one in owner.reviews]
    return _write(connection, review, rows)


def withdraw_other_services(
    connection: Connection, providers: Sequence[Provider]
) -> dict[str, tuple[str, int]]:
    """Take out of the offer what the providers no longer list: service id to (provider id, version)."""
    listed = [one.id for owner in providers for one in owner.services]
    statement = (
        update(service)
        .where(
            service.c.provider_id.in_([owner.id for owner in providers]),
            service.c.id.not_in(listed),
            ~service.c.withdrawn,
        )
        .values(withdrawn=True, version=service.c.version + 1)
        .returning(service.c.id, service.c.provider_id, service.c.version)
    )
    return {row.id: (row.provider_id, row.version) for row in connection.execute(statement)}


def withdraw_providers(connection: Connection, provider_ids: Iterable[str]) -> Versions:
    """Take providers out of the catalogue; answers only what changed."""
    statement = (
        update(provider)
        .where(provider.c.id.in_(list(provider_ids)), ~provider.c.withdrawn)
        .values(withdrawn=True, findable=False, version=provider.c.version + 1)
        .returning(provider.c.id, provider.c.version)
    )
    return {row.id: row.version for row in connection.execute(statement)}


def owned_by_others(connection: Connection, providers: Iterable[Provider]) -> list[str]:
    """Ids of services and reviews in the catalogue that are stored with another provider."""
    found: list[str] = []
    for owner in providers:
        for table, ids in (
            (service, [one.id for one in owner.services]),
            (review, [one.id for one in owner.reviews]),
        ):
            statement = select(table.c.id).where(table.c.id.in_(ids), table.c.provider_id != owner.id)
            found.extend(connection.execute(statement).scalars())
    return found


def slugs(connection: Connection) -> dict[str, str]:
    """Slug by id, of every category."""
    return {row.id: row.slug for row in connection.execute(select(category.c.id, category.c.slug))}


def _write(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> Versions:
    if not rows:
        return {}
    statement = insert(table)
    incoming = {name: statement.excluded[name] for name in rows[0] if name != "id"}
    differs = or_(*(table.c[name].is_distinct_from(value) for name, value in incoming.items()))
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.id],
        set_={**incoming, "version": table.c.version + 1},
        where=and_(differs),
    )
    # in one order everywhere, so that two writers never wait for each other in a circle
    ordered = sorted(rows, key=lambda row: str(row["id"]))
    changed = connection.execute(statement.returning(table.c.id, table.c.version), ordered)
    return {row.id: row.version for row in changed}


def _texts(name: str, texts: Texts) -> Mapping[str, str | None]:
    return {f"{name}_en": texts.en, f"{name}_ar": texts.ar}


def _plain(*texts: Texts) -> str:
    return text_words(*(text for one in texts for text in (one.en, one.ar)))


def _category_row(one: Category) -> dict[str, Any]:
    return {
        "id": one.id,
        "slug": one.slug,
        "position": one.position,
        "plain_name": _plain(one.name),
        **_texts("name", one.name),
    }


def _provider_row(one: Provider) -> dict[str, Any]:
    return {
        "id": one.id,
        **_texts("name", one.name),
        **_texts("about", one.about),
        "city": one.city,
        "country": one.country,
        "time_zone": one.time_zone,
        "currency": one.currency,
        "latitude": one.location.latitude,
        "longitude": one.location.longitude,
        "payable": one.payable,
        "withdrawn": False,
        "plain_name": _plain(one.name),
        "plain_city": text_words(one.city),
        "plain_about": _plain(one.about),
    }


def _service_row(provider_id: str, one: Service) -> dict[str, Any]:
    return {
        "id": one.id,
        "provider_id": provider_id,
        "category_id": one.category_id,
        **_texts("name", one.name),
        **_texts("description", one.description),
        "duration_minutes": one.duration_minutes,
        "price_amount": one.list_price.amount,
        "price_currency": one.list_price.currency,
        "withdrawn": False,
        "plain_name": _plain(one.name),
        "plain_description": _plain(one.description),
    }


def _review_row(provider_id: str, one: Review) -> dict[str, Any]:
    return {
        "id": one.id,
        "provider_id": provider_id,
        "booking_id": one.booking_id,
        "service_id": one.service_id,
        "customer_id": one.customer_id,
        "author": one.author,
        "rating": one.rating,
        "text": one.text,
        "language": one.language,
        "created_at": one.created_at,
    }

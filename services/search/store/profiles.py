"""Reads what is shown: categories, a provider, its services, its reviews."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, DateTime, Uuid, cast, exists, select, tuple_

from services.search.store.tables import AnyRow, category, provider, review, service

PROVIDER_COLUMNS = (
    provider.c.id,
    provider.c.name_en,
    provider.c.name_ar,
    provider.c.city,
    provider.c.time_zone,
    provider.c.currency,
    provider.c.latitude,
    provider.c.longitude,
    provider.c.rating_sum,
    provider.c.rating_count,
)
SERVICE_COLUMNS = (
    service.c.id,
    service.c.provider_id,
    category.c.slug.label("category"),
    service.c.name_en,
    service.c.name_ar,
    service.c.description_en,
    service.c.description_ar,
    service.c.duration_minutes,
    service.c.price_amount,
    service.c.price_currency,
)


def all_categories(connection: Connection) -> Sequence[AnyRow]:
    """Every category, in the order of the catalogue."""
    columns = (category.c.id, category.c.slug, category.c.name_en, category.c.name_ar)
    return connection.execute(select(*columns).order_by(category.c.position, category.c.id)).all()


def one_provider(connection: Connection, provider_id: str) -> AnyRow | None:
    """A provider that is published, with its `about` texts."""
    statement = select(*PROVIDER_COLUMNS, provider.c.about_en, provider.c.about_ar).where(
        provider.c.id == provider_id, ~provider.c.withdrawn
    )
    return connection.execute(statement).one_or_none()


def services_of(connection: Connection, provider_id: str) -> Sequence[AnyRow]:
    """The services that a provider offers, the cheapest first."""
    statement = (
        select(*SERVICE_COLUMNS)
        .select_from(service.join(category, category.c.id == service.c.category_id))
        .where(service.c.provider_id == provider_id, ~service.c.withdrawn)
        .order_by(service.c.price_amount, service.c.id)
    )
    return connection.execute(statement).all()


def is_published(connection: Connection, provider_id: str) -> bool:
    """Whether there is such a provider and it is not withdrawn."""
    statement = select(exists().where(provider.c.id == provider_id, ~provider.c.withdrawn))
    return bool(connection.execute(statement).scalar_one())


def newest_reviews(
    connection: Connection, provider_id: str, before: tuple[datetime, str] | None, limit: int
) -> Sequence[AnyRow]:
    """At most `limit` reviews of a provider that are older than `before`, the newest first."""
    statement = (
        select(review.c.id, review.c.rating, review.c.text, review.c.author, review.c.created_at)
        .where(review.c.provider_id == provider_id)
        .order_by(review.c.created_at.desc(), review.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        instant, review_id = before
        there = tuple_(
            cast(instant, DateTime(timezone=True)),
            cast(review_id, Uuid(as_uuid=False)),
        )
        statement = statement.where(tuple_(review.c.created_at, review.c.id) < there)
    return connection.execute(statement).all()

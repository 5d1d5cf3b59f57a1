"""What follows from services, categories and reviews, kept on the provider's row in the same transaction."""

from collections.abc import Collection

from sqlalchemy import Connection, select, text

from services.search.domain.ratings import Rating
from services.search.store.tables import provider

# Each provider's rows are looked up by its id, whatever statistics say: a join of whole tables, planned while
# they were thought to be empty, would not end during a first import.
_REFRESH_FINDABILITY = text(
    """
    UPDATE provider
    SET document = provider.words || coalesce(offer.words, ''::tsvector),
        category_ids = coalesce(offer.category_ids, '{}'::uuid[]),
        from_price = offer.from_price,
        findable = offer.from_price IS NOT NULL AND NOT provider.withdrawn
    FROM unnest(CAST(:provider_ids AS uuid[])) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT tsvector_join(service.words || category.words ORDER BY service.id) AS words,
               array_agg(DISTINCT service.category_id) AS category_ids,
               min(service.price_amount) AS from_price
        FROM service
        LEFT JOIN category ON category.id = service.category_id
        WHERE service.provider_id = wanted.id AND NOT service.withdrawn
    ) AS offer
    WHERE provider.id = wanted.id
    """
)

_REFRESH_RATINGS = text(
    """
    UPDATE provider
    SET rating_sum = counted.total, rating_count = counted.number
    FROM unnest(CAST(:provider_ids AS uuid[])) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(review.rating), 0) AS total, count(review.id) AS number
        FROM review
        WHERE review.provider_id = wanted.id
    ) AS counted
    WHERE provider.id = wanted.id
    """
)

_PROVIDERS_OF_CATEGORIES = text(
    """
    SELECT id FROM provider WHERE findable AND category_ids && CAST(:category_ids AS uuid[])
    """
)


def refresh_findability(connection: Connection, provider_ids: Collection[str]) -> None:
    """Compute anew what these providers are found by: words, categories, cheapest price.

    A provider without services, or withdrawn, is not found.
    """
    if provider_ids:
        connection.execute(_REFRESH_FINDABILITY, {"provider_ids": sorted(provider_ids)})


def refresh_ratings(connection: Connection, provider_ids: Collection[str]) -> dict[str, Rating]:
    """Sum the reviews of these providers anew; the caller holds their locks. Answers the sums."""
    if not provider_ids:
        return {}
    connection.execute(_REFRESH_RATINGS, {"provider_ids": sorted(provider_ids)})
    statement = select(provider.c.id, provider.c.rating_sum, provider.c.rating_count).where(
        provider.c.id.in_(list(provider_ids))
    )
    return {row.id: Rating(row.rating_sum, row.rating_count) for row in connection.execute(statement)}


def providers_of_categories(connection: Connection, category_ids: Collection[str]) -> list[str]:
    """Ids of the providers that are found by one of these categories."""
    rows = connection.execute(_PROVIDERS_OF_CATEGORIES, {"category_ids": sorted(category_ids)})
    return [str(row.id) for row in rows]

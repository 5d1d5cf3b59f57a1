"""Shows what one can look at without searching: categories, a profile, reviews (promises B2 and B3)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.search.domain.criteria import read_point
from services.search.store import profiles
from services.search.usecases.answers import category_answer, profile_answer, review_answer
from shared.cursors import read_cursor, write_cursor
from shared.database.transaction import Transaction
from shared.errors import not_found


def list_categories(transaction: Transaction) -> dict[str, Any]:
    """All categories, in the order of the catalogue."""
    with transaction() as connection:
        return {"categories": [category_answer(row) for row in profiles.all_categories(connection)]}


def get_provider(transaction: Transaction, request: Mapping[str, Any]) -> dict[str, Any]:
    """A provider's profile, with its distance from the request's point if there is one.

    Raises `not_found`, also for a withdrawn provider, and `validation_failed` for half a point.
    """
    point = read_point(request)
    with transaction() as connection:
        row = profiles.one_provider(connection, request["provider_id"])
        if row is None:
            raise not_found()
        return profile_answer(row, profiles.services_of(connection, row.id), point)


def list_reviews(transaction: Transaction, request: Mapping[str, Any]) -> dict[str, Any]:
    """One page of a provider's reviews, the newest first.

    Raises `not_found` and `cursor_invalid`.
    """
    provider_id, limit = request["provider_id"], request["limit"]
    query = ("list_reviews", provider_id)
    before = _before(request["cursor"], query)
    with transaction() as connection:
        if not profiles.is_published(connection, provider_id):
            raise not_found()
        rows = profiles.newest_reviews(connection, provider_id, before, limit + 1)
    shown = rows[:limit]
    return {
        "reviews": [review_answer(row) for row in shown],
        "next": write_cursor(query, (shown[-1].created_at, shown[-1].id)) if len(rows) > limit else None,
    }


def _before(cursor: str | None, query: tuple[str, str]) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    created_at, review_id = read_cursor(cursor, query, (datetime, str))
    return created_at, review_id

"""Finds providers by text, category, place, price and rating, page by page (promise B1)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any

from services.search.domain.criteria import Criteria, read_criteria
from services.search.store import search
from services.search.store.search_conditions import Wanted
from services.search.store.tables import AnyRow
from services.search.usecases.answers import found_provider_answer
from shared.contracts.search import MAX_SERVICE_IDS_OF_HIT, MAX_SERVICES_OF_HIT
from shared.cursors import Place, read_cursor, write_cursor
from shared.database.transaction import Transaction
from shared.errors import invalid_field


def find_providers(transaction: Transaction, request: Mapping[str, Any]) -> dict[str, Any]:
    """One page of what matches, and the cursor of the next.

    Raises `validation_failed` with the errors by field, and `cursor_invalid` for a cursor that is
    not ours or belongs to another query. Pages of a catalogue that does not change hold every
    match exactly once; the size of a page may change between pages.
    """
    criteria = read_criteria(request)
    limit, with_ids = request["limit"], request["with_service_ids"]
    most = MAX_SERVICE_IDS_OF_HIT if with_ids else MAX_SERVICES_OF_HIT
    with transaction() as connection:
        wanted = Wanted(criteria, _category_id(connection, criteria.category))
        after = _after(request["cursor"], wanted)
        rows = search.find_providers(connection, wanted, after, limit + 1)
        shown = rows[:limit]
        ids = [row.id for row in shown]
        services = _by_provider(search.matching_services(connection, wanted, ids, most))
    more = len(rows) > limit
    return {
        "providers": [found_provider_answer(row, services[row.id], with_ids=with_ids) for row in shown],
        "next": write_cursor(_query(criteria), search.key_of(shown[-1])) if more else None,
    }


def _category_id(connection: Any, slug: str | None) -> str | None:
    if slug is None:
        return None
    category_id = search.category_id(connection, slug)
    if category_id is None:
        raise invalid_field("category", "There is no such category.")
    return category_id


def _after(cursor: str | None, wanted: Wanted) -> Place | None:
    if cursor is None:
        return None
    return read_cursor(cursor, _query(wanted.criteria), search.key_types(wanted))


def _query(criteria: Criteria) -> tuple[object, ...]:
    return ("search_providers", *astuple(criteria))


def _by_provider(services: Sequence[AnyRow]) -> Mapping[str, list[AnyRow]]:
    grouped: dict[str, list[AnyRow]] = defaultdict(list)
    for service in services:
        grouped[service.provider_id].append(service)
    return grouped

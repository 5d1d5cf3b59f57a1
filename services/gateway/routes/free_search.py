"""Search by free date: search finds, booking says who of them is free, until the page is full."""

from collections.abc import Mapping
from typing import Any

from services.gateway.process import resources
from shared.contracts import booking, search

BATCH = 50
"""So many providers are asked about at once: one question to each service."""
MOST_BATCHES = 8
"""Where hardly anybody is free the page ends early; its `next` goes on."""


def search_free(wanted: Mapping[str, Any], date: str) -> dict[str, Any]:
    """SearchAnswerSchema with those only who have a free start of a matching service on their local day."""
    limit, cursor = wanted["limit"], wanted["cursor"]
    found: list[dict[str, Any]] = []
    for _ in range(MOST_BATCHES):
        page = _search({**wanted, "limit": BATCH, "cursor": cursor})
        free = _free_on(date, page["providers"])
        places = [place for place, hit in enumerate(page["providers"], 1) if hit["provider_id"] in free]
        taken = places[: limit - len(found)]
        found.extend(page["providers"][place - 1] for place in taken)
        if len(found) == limit and taken[-1] < len(page["providers"]):
            # The page is full in the middle of what search answered: the next goes on behind its last.
            ending = _search({**wanted, "limit": taken[-1], "cursor": cursor})
            return {"providers": found, "next": ending["next"]}
        cursor = page["next"]
        if len(found) == limit or cursor is None:
            break
    return {"providers": found, "next": cursor}


def _search(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return resources().services.ask(search.SEARCH_PROVIDERS, wanted)


def _free_on(date: str, hits: list[dict[str, Any]]) -> set[str]:
    if not hits:
        return set()
    asked = [
        {
            "provider_id": hit["provider_id"],
            "service_ids": [service["service_id"] for service in hit["services"]],
        }
        for hit in hits
    ]
    answer = resources().services.ask(booking.FIND_FREE_PROVIDERS, {"date": date, "wanted": asked})
    return {entry["provider_id"] for entry in answer["free"]}

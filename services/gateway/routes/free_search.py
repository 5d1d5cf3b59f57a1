"""Search by free date: search finds, booking says who of them is free, until the page is full."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from services.gateway.process import resources
from shared import clock
from shared.contracts import booking, search
from shared.contracts.booking_supply_forms import MOST_WINDOW_DAYS
from shared.errors import ErrorCode, ServiceError, invalid_field

BATCH = 50
"""So many providers are asked about at once: one question to each service."""
MOST_BATCHES = 8
"""Where hardly anybody is free the page ends early; its `next` goes on."""

LATEST_CLOCK, EARLIEST_CLOCK = timedelta(hours=12), timedelta(hours=14)
"""The last place where it is still a day is so far behind UTC, the first where it is one so far ahead."""


def search_free(wanted: Mapping[str, Any], day: str) -> dict[str, Any]:
    """SearchAnswerSchema with those only who have a free start of a matching service on their local day: of
    any that matches, up to MAX_SERVICE_IDS_OF_HIT of each. Ways to home visits count from the point of the
    search (promise C7).

    Raises `validation_failed`, `past_date` and `beyond_window` for days on which nobody can be free.
    """
    check_day(day, clock.now())
    limit, cursor = wanted["limit"], wanted["cursor"]
    found: list[dict[str, Any]] = []
    for _ in range(MOST_BATCHES):
        page = _search({**wanted, "limit": BATCH, "cursor": cursor, "with_service_ids": True})
        free = _free_on(day, wanted, [(hit["provider_id"], _matching(hit)) for hit in page["providers"]])
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


def check_day(text: str, now: datetime) -> None:
    """Before anybody is asked: a day that is over everywhere, or that no provider takes bookings for yet.

    Raises `validation_failed`, `past_date`, `beyond_window`.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise invalid_field("date", "Not a date.") from None
    if day < (now - LATEST_CLOCK).date():
        raise _refusal(booking.past_date, "past")
    if day > (now + EARLIEST_CLOCK).date() + timedelta(days=MOST_WINDOW_DAYS):
        raise _refusal(booking.beyond_window, "beyond_window")


def _refusal(code: ErrorCode, reason: str) -> ServiceError:
    """As booking says it of one provider."""
    return code(reason=reason, errors={"date": [code.message]})


def _matching(hit: dict[str, Any]) -> list[str]:
    """Of a hit, which keeps what a search shows: a peer of the release before names only that."""
    shown = [service["service_id"] for service in hit["services"]]
    ids: list[str] = hit.pop("service_ids", shown)
    return ids


def _free_on(day: str, around: Mapping[str, Any], asked: list[tuple[str, list[str]]]) -> set[str]:
    """Where the search is around a point, that is where home visits would be."""
    if not asked:
        return set()
    wanted = [{"provider_id": provider_id, "service_ids": ids} for provider_id, ids in asked]
    point = {name: around[name] for name in ("latitude", "longitude")}
    answer = resources().services.ask(booking.FIND_FREE_PROVIDERS, {"date": day, "wanted": wanted, **point})
    return {entry["provider_id"] for entry in answer["free"]}

"""Search by free date, and free times of several days, as the gateway puts them together."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from services.gateway.routes.free_search import check_day
from shared import clock
from shared.contracts import booking, search
from shared.contracts.declaration import read
from shared.errors import ServiceError
from shared.ids import new_id
from tests.unit.gateway.door import Door, problem_of

IDS = [new_id() for _ in range(120)]
SERVICE = new_id()
DAY = (clock.now() + timedelta(days=30)).date().isoformat()


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.close()


def _market(door: Door, free: set[int]) -> None:
    """120 providers, of whom those with these numbers are free."""

    def find(request: Mapping[str, Any]) -> dict[str, Any]:
        first = int(request["cursor"] or 0)
        last = first + request["limit"]
        hits = [_hit(provider_id) for provider_id in IDS[first:last]]
        return {"providers": hits, "next": str(last) if last < len(IDS) else None}

    def ask(request: Mapping[str, Any]) -> dict[str, Any]:
        asked = [entry["provider_id"] for entry in request["wanted"]]
        found = [provider_id for provider_id in asked if IDS.index(provider_id) in free]
        return {"date": request["date"], "free": [{"provider_id": one} for one in found]}

    door.services.answers["search.search_providers"] = find
    door.services.answers["booking.find_free_providers"] = ask


def _hit(provider_id: str) -> dict[str, Any]:
    names = {"en": "A", "ar": "أ"}
    money = {"amount": 100, "currency": "USD"}
    service = {
        "service_id": SERVICE,
        "category": "massage",
        "name": names,
        "description": names,
        "duration_minutes": 60,
        "list_price": money,
    }
    return {
        "provider_id": provider_id,
        "name": names,
        "city": "Cairo",
        "time_zone": "Africa/Cairo",
        "location": {"latitude": 0.0, "longitude": 0.0},
        "distance_km": None,
        "rating": {"average": None, "count": 0},
        "from_price": money,
        "services": [service],
    }


def _pages(door: Door, limit: int) -> list[list[int]]:
    pages, cursor = [], ""
    while True:
        more = f"&cursor={cursor}" if cursor else ""
        answer = door.call("GET", f"customer/search?date={DAY}&limit={limit}{more}").get_json()
        pages.append([IDS.index(hit["providerId"]) for hit in answer["data"]["providers"]])
        cursor = answer["page"]["next"]
        if cursor is None:
            return pages


@pytest.mark.parametrize("limit", [1, 3, 20, 100])
def test_pages_are_full_of_those_who_are_free(door: Door, limit: int) -> None:
    """promise B1 and rule B19: each who is free exactly once, in search's order, nobody else; one question
    to booking for fifty of search's hits."""
    free = {0, 1, 2, 49, 50, 51, 77, 119}
    _market(door, free)
    pages = _pages(door, limit)
    assert [number for page in pages for number in page] == sorted(free)
    assert all(len(page) == limit for page in pages[:-1])
    asked = door.services.asked("booking.find_free_providers")
    assert all(len(request["wanted"]) <= 50 for request in asked)
    read(booking.FIND_FREE_PROVIDERS.request, asked[0])


def test_ways_count_from_the_point_of_the_search(door: Door) -> None:
    """promise C7, rule B16: booking is told the point; a search without one tells none."""
    _market(door, {0})
    for query, point in (("&latitude=52.52&longitude=13.405", (52.52, 13.405)), ("", (None, None))):
        assert door.call("GET", f"customer/search?date={DAY}&limit=1{query}").status_code == 200
        asked = read(
            booking.FIND_FREE_PROVIDERS.request, door.services.asked("booking.find_free_providers")[-1]
        )
        assert (asked["latitude"], asked["longitude"]) == point


def test_where_nobody_is_free_the_pages_end(door: Door) -> None:
    _market(door, set())
    assert _pages(door, 20) == [[]]


def test_every_service_of_a_hit_is_asked_about(door: Door) -> None:
    """promise B1: who is free for the eleventh only is free; what is shown of a hit stays as it was."""
    _market(door, {0})
    ids = [new_id() for _ in range(30)]
    find = door.services.answers["search.search_providers"]

    def with_ids(request: Mapping[str, Any]) -> dict[str, Any]:
        read(search.SEARCH_PROVIDERS.request, request)
        page = find(request)
        for hit in page["providers"]:
            hit |= {"service_ids": ids} if request.get("with_service_ids") else {}
        return page

    door.services.answers["search.search_providers"] = with_ids
    answer = door.call("GET", f"customer/search?date={DAY}&limit=1").get_json()
    [hit] = answer["data"]["providers"]
    assert ([one["serviceId"] for one in hit["services"]], "serviceIds" in hit) == ([SERVICE], False)
    asked = door.services.asked("booking.find_free_providers")[0]
    assert asked["wanted"][0] == {"provider_id": IDS[0], "service_ids": ids}


@pytest.mark.parametrize(
    ("now", "day", "code"),
    [
        ("2027-01-15T11:59:59Z", "2027-01-14", None),  # still the 14th at UTC-12
        ("2027-01-15T12:00:00Z", "2027-01-14", "past_date"),
        ("2027-01-15T12:00:00Z", "2027-01-15", None),
        ("2027-01-15T12:00:00Z", "2000-01-01", "past_date"),
        ("2027-01-15T09:59:59Z", "2029-01-14", None),  # two years from the 15th
        ("2027-01-15T09:59:59Z", "2029-01-15", "beyond_window"),
        ("2027-01-15T10:00:00Z", "2029-01-15", None),  # already the 16th at UTC+14
        ("2027-01-15T10:00:00Z", "9999-12-31", "beyond_window"),
        ("2027-01-15T10:00:00Z", "2027-02-30", "validation_failed"),
    ],
)
def test_a_day_is_refused_when_it_is_over_or_too_far_everywhere(now: str, day: str, code: str | None) -> None:
    """promise B1, rule T9: by the clocks of the last and of the first zone of the world."""
    found = None
    try:
        check_day(day, clock.from_text(now))
    except ServiceError as refused:
        found = refused.code
    assert found == code


@pytest.mark.parametrize(("day", "code"), [("2026-01-15", "past_date"), ("9999-12-31", "beyond_window")])
def test_nobody_is_asked_about_a_day_on_which_nobody_can_be_free(door: Door, day: str, code: str) -> None:
    """promise B1: refused as booking would, by field."""
    problem = problem_of(door.call("GET", f"customer/search?date={day}"))
    assert (problem["status"], problem["code"], list(problem["errors"])) == (422, code, ["date"])
    assert not door.services.calls


def test_several_days_are_one_question(door: Door) -> None:
    """promise C1: from and to, as the service is asked; a day or a range, not both, not half of one."""
    door.services.answers["booking.get_availability"] = lambda request: {
        "provider_id": IDS[0],
        "service_id": SERVICE,
        "date": None,
        "time_zone": "Africa/Cairo",
        "duration_minutes": 60,
        "price": {"amount": 100, "currency": "USD"},
        "slots": [],
        "days": [{"date": "2027-01-15", "slots": []}, {"date": "2027-01-16", "slots": []}],
        "computed_at": "2027-01-01T00:00:00.000000Z",
    }
    path = f"customer/providers/{IDS[0]}/availability?serviceId={SERVICE}"
    answer = door.call("GET", f"{path}&from=2027-01-15&to=2027-01-16")
    assert [day["date"] for day in answer.get_json()["data"]["days"]] == ["2027-01-15", "2027-01-16"]
    [asked] = door.services.asked("booking.get_availability")
    assert (asked["date"], asked["from_date"], asked["to_date"]) == (None, "2027-01-15", "2027-01-16")
    for wrong, field in (
        ("", "date"),
        ("&date=2027-01-15&from=2027-01-15&to=2027-01-16", "date"),
        ("&from=2027-01-15", "to"),
        ("&date=2027-01-15&to=2027-01-16", "to"),
    ):
        assert field in problem_of(door.call("GET", path + wrong))["errors"]


def test_a_time_is_explained(door: Door) -> None:
    """rule B16: the local time and, for a repeated hour, its offset reach the engine."""
    door.services.answers["booking.explain_availability"] = lambda request: {
        "provider_id": IDS[0],
        "service_id": SERVICE,
        "date": request["date"],
        "time": request["time"],
        "time_zone": "America/New_York",
        "starts_at": None,
        "utc_offset": request["utc_offset"],
        "is_free": True,
        "reasons": [],
        "alternatives": [],
        "computed_at": "2027-01-01T00:00:00.000000Z",
    }
    path = f"customer/providers/{IDS[0]}/availability/explain?serviceId={SERVICE}&at="
    answer = door.call("GET", f"{path}2026-11-01T01:30-05:00").get_json()["data"]
    assert (answer["date"], answer["time"], answer["utcOffset"]) == ("2026-11-01", "01:30", "-05:00")
    assert "at" in problem_of(door.call("GET", f"{path}tomorrow"))["errors"]

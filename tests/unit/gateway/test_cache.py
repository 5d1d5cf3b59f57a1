"""The cache under its generations, on a Redis in memory; what the real one does is tested with it."""

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway import cache_entries
from services.gateway.cache import Cache
from services.gateway.invalidation import EVENTS, subjects_of
from services.gateway.redis_link import RedisDownError
from shared.contracts import booking_events, search
from shared.errors import ServiceError, not_found
from shared.ids import new_id
from tests.fixtures.waiting import wait_until
from tests.unit.gateway.cache_events import cache_event
from tests.unit.gateway.store import Store

PARAMETERS = st.dictionaries(
    st.sampled_from(["query", "category", "sort", "limit", "min_price", "latitude", "cursor"]),
    st.none() | st.text(max_size=10) | st.integers(0, 1000) | st.floats(-90, 90),
)


class Counter:
    """Makes a new answer each time."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> bytes:
        self.count += 1
        return f"answer {self.count}".encode()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def cached(store: Store) -> Cache:
    return Cache(store, lambda: True)  # type: ignore[arg-type]


ENTRY = cache_entries.provider_entry("p", None, None)


def test_a_second_read_asks_nobody(cached: Cache) -> None:
    """promise B7"""
    compute = Counter()
    assert cached.get(ENTRY, compute) == cached.get(ENTRY, compute) == b"answer 1"
    assert compute.count == 1


def test_a_raised_generation_ends_what_was_stored(cached: Cache) -> None:
    compute = Counter()
    cached.get(ENTRY, compute)
    cached.raise_generations([cache_entries.provider_subject("p")])
    assert cached.get(ENTRY, compute) == b"answer 2"


def test_one_of_several_generations_is_enough(cached: Cache) -> None:
    """Free times of a day end by the day's generation and by the whole calendar's."""
    entry = cache_entries.availability_entry("p", "s", None, cache_entries.Days("2027-01-15", "2027-01-15"))
    compute = Counter()
    for subject in (cache_entries.day_subject("p", "2027-01-15"), cache_entries.calendar_subject("p")):
        before = cached.get(entry, compute)
        cached.raise_generations([subject])
        assert cached.get(entry, compute) != before
    count = compute.count
    cached.raise_generations(
        [cache_entries.day_subject("p", "2027-01-16"), cache_entries.calendar_subject("q")]
    )
    cached.get(entry, compute)
    assert compute.count == count


def test_an_answer_from_before_a_change_is_never_read_after_it(cached: Cache) -> None:
    """The change comes while the service computes: its answer is stored under the generation before."""

    def overtaken() -> bytes:
        cached.raise_generations([cache_entries.provider_subject("p")])
        return b"old"

    assert cached.get(ENTRY, overtaken) == b"old"
    assert cached.get(ENTRY, lambda: b"new") == b"new"


def test_a_forgotten_generation_does_not_come_back(cached: Cache, store: Store) -> None:
    """Redis may evict a generation and keep the values: these must not be readable again."""
    cached.get(ENTRY, lambda: b"old")
    del store.values[f"generation:{cache_entries.provider_subject('p')}"]
    assert cached.get(ENTRY, lambda: b"new") == b"new"


def test_nothing_is_read_while_changes_do_not_arrive(store: Store) -> None:
    is_current = [True]
    cached = Cache(store, lambda: is_current[0])  # type: ignore[arg-type]
    cached.get(ENTRY, lambda: b"old")
    is_current[0] = False
    assert cached.get(ENTRY, lambda: b"new") == b"new"


def test_what_was_stored_before_an_outage_is_not_read_after_it(cached: Cache, store: Store) -> None:
    """Another process may have heard of a change meanwhile and could not raise it."""
    cached.get(ENTRY, lambda: b"old")
    store.is_away = True
    cached.get(ENTRY, lambda: b"old")
    store.is_away = False
    compute = Counter()
    assert [cached.get(ENTRY, compute), cached.get(ENTRY, compute)] == [b"answer 1"] * 2


def test_nor_when_it_was_away_for_an_answer_that_was_to_be_said_again(cached: Cache, store: Store) -> None:
    cached.get(ENTRY, lambda: b"old")
    store.is_away = True
    assert cached.kept(ENTRY, lambda: None, bool) is None
    store.is_away = False
    assert cached.kept(ENTRY, lambda: None, bool) is None
    assert cached.get(ENTRY, lambda: b"new") == b"new"


def test_a_change_that_redis_did_not_take_is_made_good_before_the_next_read(
    cached: Cache, store: Store
) -> None:
    """A socket was told of it and asks at once; Redis is back before the change is raised again."""
    assert cached.get(cache_entries.categories_entry(), lambda: b"before") == b"before"
    store.is_away = True
    with pytest.raises(RedisDownError):
        cached.raise_generations([cache_entries.CATEGORIES])
    store.is_away = False
    assert cached.get(cache_entries.categories_entry(), lambda: b"after") == b"after"


def test_without_redis_every_read_asks(cached: Cache, store: Store) -> None:
    store.is_away = True
    compute = Counter()
    assert [cached.get(ENTRY, compute), cached.get(ENTRY, compute)] == [b"answer 1", b"answer 2"]


def test_a_refusal_is_not_stored(cached: Cache) -> None:
    def refuse() -> bytes:
        raise not_found()

    with pytest.raises(ServiceError):
        cached.get(ENTRY, refuse)
    assert cached.get(ENTRY, lambda: b"there") == b"there"


@pytest.mark.parametrize("is_away", [False, True])
def test_many_misses_at_once_ask_once(cached: Cache, store: Store, is_away: bool) -> None:
    """promise B7: single flight, with and without Redis."""
    store.is_away = is_away
    arrived, release = threading.Event(), threading.Event()
    compute = Counter()

    def slow() -> bytes:
        arrived.set()
        release.wait(5)
        return compute()

    answers: list[bytes] = []
    threads = [threading.Thread(target=lambda: answers.append(cached.get(ENTRY, slow))) for _ in range(8)]
    for thread in threads:
        thread.start()
    arrived.wait(5)
    wait_until(lambda: _waiting(cached) == len(threads) - 1, "all others to wait", seconds=5)
    release.set()
    for thread in threads:
        thread.join(5)
    assert answers == [b"answer 1"] * 8


def _waiting(cached: Cache) -> int:
    return sum(len(flight.done._cond._waiters) for flight in cached._flights.values())  # type: ignore[attr-defined,misc]


@given(PARAMETERS, st.randoms())
def test_the_same_search_has_the_same_key(parameters: dict[str, Any], chance: Any) -> None:
    """promise B7: deterministic keys, whatever the order; what is not given is left out."""
    names = list(parameters)
    chance.shuffle(names)
    shuffled = {name: parameters[name] for name in names} | {"never_given": None}
    assert cache_entries.search_entry(shuffled) == cache_entries.search_entry(parameters)


@given(PARAMETERS, PARAMETERS)
def test_different_searches_have_different_keys(one: dict[str, Any], other: dict[str, Any]) -> None:
    def given_only(parameters: dict[str, Any]) -> dict[str, str]:
        return {name: repr(value) for name, value in parameters.items() if value is not None}

    assert (cache_entries.search_entry(one).key == cache_entries.search_entry(other).key) == (
        given_only(one) == given_only(other)
    )


@given(st.floats(-90, 90))
def test_points_within_a_cell_share_a_key(latitude: float) -> None:
    """rule B20: at most 180,001 different latitudes exist as keys."""
    snapped = cache_entries.snap(latitude)
    assert snapped is not None
    assert abs(snapped - latitude) <= 0.0005 + 1e-9
    assert repr(snapped) != "-0.0"
    assert len(repr(snapped).partition(".")[2]) <= 3


def test_every_event_that_is_heard_names_what_it_changes() -> None:
    provider = new_id()
    shown = {event.name: subjects_of(cache_event(event, provider)) for event in EVENTS}
    assert shown.pop("category_changed") == ["categories", "search"]
    assert shown.pop("availability_changed") == [f"availability:{provider}"]
    assert set(map(tuple, shown.values())) == {(f"provider:{provider}", "search")}


def test_a_change_of_some_days_leaves_the_others_alone() -> None:
    event = cache_event(booking_events.AVAILABILITY_CHANGED, "p")
    event.data["local_days"] = ["2027-01-15", "2027-01-16"]
    days = ["availability:p:2027-01-15", "availability:p:2027-01-16"]
    assert subjects_of(event) == [*days, "availability:p:any"]


def test_only_who_computes_an_answer_ends_it() -> None:
    """Search's events must not end availability: booking may not have applied them yet."""
    for event in EVENTS:
        if event.service == search.SERVICE:
            assert not any(name.startswith("availability") for name in subjects_of(cache_event(event, "p")))

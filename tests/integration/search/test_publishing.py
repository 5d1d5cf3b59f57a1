"""A catalogue that is taken in: what is stored, what is told, and that repeating it does neither."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from services.search.domain.catalogue import Catalogue, CatalogueError, Texts
from services.search.domain.ratings import Rating
from services.search.usecases.publish_catalogue import (
    publish_catalogue,
    publish_categories,
    publish_providers,
    withdraw_providers,
)
from services.search.usecases.show_catalogue import list_categories
from shared.contracts import search as contract
from shared.contracts.declaration import write
from shared.database.transaction import Transaction
from shared.messages.envelope import Event
from tests.fixtures.waiting import wait_until
from tests.integration.search.making import MASSAGE, NURSING, Finder, an_id, provider, review, service

CATALOGUE = Catalogue(
    categories=(MASSAGE, NURSING),
    providers=(
        provider("A", service("a1"), service("a2", kind=NURSING), ratings=(5, 4)),
        provider("B", service("b1"), payable=False),
    ),
)
TYPES = {event_type.name: event_type for event_type in contract.EVENTS}


def take_events(owner: Engine) -> list[Event]:
    """The events in the outbox, read like a consumer reads them, and taken out of it."""
    with owner.begin() as connection:
        bodies = connection.execute(text("DELETE FROM outbox RETURNING body")).scalars().all()
    wires = [json.loads(body) for body in bodies]
    return [Event.from_wire(TYPES[wire["type"]], wire) for wire in wires]


def names(events: list[Event]) -> list[str]:
    return sorted(event.type.name for event in events)


def test_everything_new_is_told_once(transaction: Transaction, owner: Engine) -> None:
    """promise B7: caches are raised by these events; each is valid by its contract."""
    changes = publish_catalogue(transaction, CATALOGUE)
    assert (changes.categories, changes.providers, changes.services, changes.reviews) == (2, 2, 3, 2)
    events = take_events(owner)
    assert names(events) == [
        *["category_changed"] * 2,
        *["provider_published"] * 2,
        *["review_published"] * 2,
        *["service_published"] * 3,
    ]
    assert {event.aggregate_version for event in events} == {1}
    told = {event.aggregate_id: event for event in events}
    assert told[an_id("B")].data["payable"] is False
    assert told[an_id("a2")].data["category"] == "home-nursing"
    assert told[an_id("a2")].routing_key() == f"service_published.{an_id('A')}.-"
    assert told[an_id("review A 0")].data["provider_rating"] == {"average": 4.5, "count": 2}


def test_twice_changes_nothing_and_tells_nobody(transaction: Transaction, owner: Engine) -> None:
    """promise B7: no event without a change, or every import would empty the caches."""
    publish_catalogue(transaction, CATALOGUE)
    take_events(owner)
    before = _everything(owner)
    changes = publish_catalogue(transaction, CATALOGUE)
    assert not any(vars(changes).values())
    assert take_events(owner) == []
    assert _everything(owner) == before


@pytest.mark.parametrize(
    ("changed", "event", "version"),
    [
        ({"about": Texts("New text.", None)}, "provider_published", 2),
        ({"payable": False}, "provider_published", 2),
        ({"name": Texts("A", "جديد")}, "provider_published", 2),
    ],
)
def test_what_differs_is_told_with_a_higher_version(
    transaction: Transaction, owner: Engine, changed: dict[str, Any], event: str, version: int
) -> None:
    """promise B7: a copy applies the higher version and ignores the rest."""
    publish_catalogue(transaction, CATALOGUE)
    take_events(owner)
    publish_providers(transaction, [replace(CATALOGUE.providers[0], **changed), CATALOGUE.providers[1]])
    (told,) = take_events(owner)
    assert (told.type.name, told.aggregate_id, told.aggregate_version) == (event, an_id("A"), version)


def test_a_service_that_is_no_longer_listed_is_withdrawn(transaction: Transaction, owner: Engine) -> None:
    publish_catalogue(transaction, CATALOGUE)
    take_events(owner)
    first = CATALOGUE.providers[0]
    publish_providers(transaction, [replace(first, services=first.services[:1])])
    (told,) = take_events(owner)
    assert told.type is contract.SERVICE_WITHDRAWN
    assert (told.aggregate_id, told.aggregate_version) == (an_id("a2"), 2)
    finder = Finder(transaction)
    assert finder.names(category="home-nursing") == []
    publish_providers(transaction, [first])
    (again,) = take_events(owner)
    assert (again.type, again.aggregate_version) == (contract.SERVICE_PUBLISHED, 3)
    assert finder.names(category="home-nursing") == ["A"]


def test_a_withdrawn_provider_is_not_found(transaction: Transaction, owner: Engine) -> None:
    publish_catalogue(transaction, CATALOGUE)
    take_events(owner)
    assert withdraw_providers(transaction, [an_id("A"), an_id("nobody")]) == 1
    assert withdraw_providers(transaction, [an_id("A")]) == 0
    (told,) = take_events(owner)
    assert (told.type, told.aggregate_version) == (contract.PROVIDER_WITHDRAWN, 2)
    assert Finder(transaction).names() == ["B"]
    publish_catalogue(transaction, CATALOGUE)
    assert names(take_events(owner)) == ["provider_published"]
    assert set(Finder(transaction).names()) == {"A", "B"}


def test_a_renamed_category_is_found_by_its_new_name(transaction: Transaction, owner: Engine) -> None:
    """promise B3: categories; their names are words of every service in them."""
    publish_catalogue(transaction, CATALOGUE)
    take_events(owner)
    publish_categories(transaction, [replace(MASSAGE, name=Texts("Bodywork", "التدليك"))])
    assert names(take_events(owner)) == ["category_changed"]
    finder = Finder(transaction)
    assert sorted(finder.names(query="bodywork")) == ["A", "B"]
    assert finder.names(query="massage") == []


def test_categories_come_in_their_order(transaction: Transaction) -> None:
    """promise B3: categories, in both languages."""
    publish_categories(transaction, [replace(MASSAGE, position=9), NURSING])
    answer = write(contract.LIST_CATEGORIES.answer, list_categories(transaction))
    assert [one["slug"] for one in answer["categories"]] == ["home-nursing", "massage"]
    assert answer["categories"][1]["name"] == {"en": "Massage", "ar": "التدليك"}


@pytest.mark.parametrize(
    ("provider_of_mistake", "reason"),
    [
        (provider("C", service("a1")), "another provider"),
        (replace(provider("C"), reviews=(review("A 0", 1),)), "another provider"),
        (provider("C", service("c1", kind=replace(MASSAGE, id=an_id("none")))), "unknown category"),
    ],
)
def test_a_contradiction_changes_nothing(
    transaction: Transaction, owner: Engine, provider_of_mistake: Any, reason: str
) -> None:
    publish_catalogue(transaction, CATALOGUE)
    before = _everything(owner)
    with pytest.raises(CatalogueError, match=reason):
        publish_providers(transaction, [provider_of_mistake])
    assert _everything(owner) == before


def test_a_slug_never_changes(transaction: Transaction) -> None:
    publish_categories(transaction, [MASSAGE])
    with pytest.raises(CatalogueError, match="is massage, not bodywork"):
        publish_categories(transaction, [replace(MASSAGE, slug="bodywork")])


def test_the_stored_rating_is_the_one_of_the_reviews(transaction: Transaction, owner: Engine) -> None:
    """promise B2: rating never drifts, also when a review is changed."""
    publish_categories(transaction, [MASSAGE])
    for ratings in ((1, 2, 3, 4, 5), (5, 5)):
        publish_providers(transaction, [provider("A", ratings=ratings)])
    stored, recomputed = _ratings(owner)
    assert stored == recomputed == (5, 22)
    (found,) = Finder(transaction).find()
    assert found["rating"] == {"average": 4.4, "count": 5}


def test_reviews_at_the_same_moment_all_count(transaction: Transaction, owner: Engine) -> None:
    """promise B2: who sums the reviews of a provider waits for others that are writing one."""
    publish_categories(transaction, [MASSAGE])
    bare = replace(provider("A"), services=())
    publish_providers(transaction, [bare])
    written, may_commit = threading.Event(), threading.Event()

    @contextmanager
    def slow() -> Iterator[Connection]:
        with transaction() as connection:
            yield connection
            written.set()
            may_commit.wait(10)

    def add(opened: Transaction, name: str) -> None:
        publish_providers(opened, [replace(bare, reviews=(review(name, 5),))])

    with ThreadPoolExecutor() as pool:
        first = pool.submit(add, slow, "one")
        assert written.wait(10)
        second = pool.submit(add, transaction, "two")
        wait_until(lambda: _waits_for_a_lock(owner), "the second to wait for the first")
        may_commit.set()
        first.result()
        second.result()
    stored, recomputed = _ratings(owner)
    assert stored == recomputed == (2, 10)


def test_the_database_computes_ratings_like_the_domain(transaction: Transaction, owner: Engine) -> None:
    """The columns that search sorts by, and the numbers that it shows, are the same."""
    with owner.connect() as connection:
        for count in range(30):
            for total in range(count, 5 * count + 1):
                rating = Rating(total, count)
                row = connection.execute(
                    text(
                        "SELECT CASE WHEN :count = 0 THEN 0 ELSE round(:total * 100.0 / :count)::integer END,"
                        " round((:total + 5 * 4) * 1000.0 / (:count + 5))::integer"
                    ),
                    {"count": count, "total": total},
                ).one()
                assert tuple(row) == (rating.hundredths, rating.weighted_thousandths)
                if total > count + 7:
                    break


def _waits_for_a_lock(owner: Engine) -> bool:
    statement = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with owner.connect() as connection:
        return bool(connection.execute(statement).scalar_one())


def _ratings(owner: Engine) -> tuple[tuple[int, int], tuple[int, int]]:
    with owner.connect() as connection:
        stored = connection.execute(text("SELECT rating_count, rating_sum FROM provider")).one()
        recomputed = connection.execute(text("SELECT count(*), sum(rating) FROM review")).one()
    return (stored[0], stored[1]), (recomputed[0], recomputed[1])


def _everything(owner: Engine) -> dict[str, list[Any]]:
    tables = ("category", "provider", "service", "review")
    with owner.connect() as connection:
        return {
            table: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY id"))]
            for table in tables
        }

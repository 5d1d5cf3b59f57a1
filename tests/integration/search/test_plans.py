"""Every query of a request has an index that PostgreSQL uses, in a catalogue of 20,000 providers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text

from services.search.store.findability import refresh_findability, refresh_ratings
from services.search.usecases.find_providers import find_providers
from services.search.usecases.show_catalogue import get_provider, list_reviews
from shared.contracts.declaration import read
from shared.contracts.search import GET_PROVIDER, LIST_REVIEWS, SEARCH_PROVIDERS
from tests.integration.search.making import clear

PROVIDERS = 20_000
GROWING_TABLES = {"provider", "service", "review"}
HERE = {"latitude": 40.7128, "longitude": -74.0060}
KINDS = (
    "massage nursing physiotherapy elderly child speech occupational surgery "
    "dementia nutrition mental newborn"
)

FILL = f"""
CREATE FUNCTION pg_temp.id(kind text, number int) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN md5(kind || number)::uuid;

SELECT setseed(0.5);

INSERT INTO category (id, slug, name_en, position, plain_name)
SELECT pg_temp.id('category', number::int), kind, kind, number, kind
FROM unnest(string_to_array('{KINDS}', ' ')) WITH ORDINALITY AS kinds (kind, number);

INSERT INTO provider (id, name_en, about_en, city, country, time_zone, currency, latitude, longitude, payable,
                      plain_name, plain_city, plain_about)
SELECT pg_temp.id('provider', n), 'Provider ' || n, 'About', 'City', 'US', 'America/New_York',
       (ARRAY['USD', 'GBP', 'SAR', 'JPY', 'KWD'])[n % 5 + 1],
       (ARRAY[40.7, 51.5, 24.7, 35.7, 34.0, 29.4, -33.9])[n % 7 + 1] + (random() - 0.5) / 2,
       (ARRAY[-74.0, -0.1, 46.7, 139.7, -118.2, 48.0, 151.2])[n % 7 + 1] + (random() - 0.5) / 2,
       true, 'provider ' || n || ' house' || n % 500, 'city' || n % 7, 'care at home or on site'
FROM generate_series(1, {PROVIDERS}) AS n;

INSERT INTO service (id, provider_id, category_id, name_en, description_en, duration_minutes, price_amount,
                     price_currency, plain_name, plain_description)
SELECT pg_temp.id('service', n * 3 + k), pg_temp.id('provider', n), pg_temp.id('category', n % 12 + 1),
       'Service', 'Description', 60, 1000 + n * 31 % 20000,
       (ARRAY['USD', 'GBP', 'SAR', 'JPY', 'KWD'])[n % 5 + 1],
       'session kind' || (n + k) % 200, 'by a qualified carer'
FROM generate_series(1, {PROVIDERS}) AS n, generate_series(0, 2) AS k;

INSERT INTO review (id, provider_id, service_id, booking_id, customer_id, author, rating, text, language,
                    created_at)
SELECT pg_temp.id('review', n), pg_temp.id('provider', n % {PROVIDERS} + 1), pg_temp.id('service', n),
       pg_temp.id('booking', n), pg_temp.id('customer', n), 'A', n * 7 % 5 + 1, 'Kind.', 'en',
       timestamptz '2026-01-01' + n * interval '1 minute'
FROM generate_series(1, 3 * {PROVIDERS}) AS n;
"""

Run = Callable[[], Any]


@pytest.fixture(scope="module")
def full(owner: Engine) -> Iterator[Engine]:
    """A full catalogue, its derived columns made by the service's own code: while statistics say that all
    tables are empty, as autovacuum leaves them when it comes by during a first import."""
    clear(owner)
    with owner.begin() as connection:
        connection.execute(text(FILL))
        ids = [str(one) for one in connection.execute(text("SELECT id FROM provider")).scalars()]
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as beside:
            beside.execute(text("ANALYZE provider, service, review"))
        refresh_findability(connection, ids)
        refresh_ratings(connection, ids)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM FULL ANALYZE"))
    yield owner
    clear(owner)


class Recorder:
    """Runs a use case and explains every statement that it executed, with the values it had."""

    def __init__(self, url: Any) -> None:
        self.engine = create_engine(url)
        self.statements: list[tuple[str, Any]] = []
        event.listen(self.engine, "before_cursor_execute", self._record)

    def _record(self, _connection: Connection, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        self.statements.append((statement, values))

    def plans(self, run: Callable[[Any], Any]) -> list[dict[str, Any]]:
        self.statements.clear()
        run(self.engine.begin)
        recorded = list(self.statements)
        with self.engine.connect() as connection:
            return [self._explain(connection, statement, values) for statement, values in recorded]

    @staticmethod
    def _explain(connection: Connection, statement: str, values: Any) -> dict[str, Any]:
        (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
        found: dict[str, Any] = plan["Plan"]
        return found


@pytest.fixture(scope="module")
def recorder(full: Engine) -> Iterator[Recorder]:
    made = Recorder(full.url)
    yield made
    made.engine.dispose()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def scanned_whole(plans: list[dict[str, Any]]) -> list[str]:
    return [
        node["Relation Name"]
        for plan in plans
        for node in nodes(plan)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in GROWING_TABLES
    ]


def indexes(plans: list[dict[str, Any]]) -> set[str]:
    return {node["Index Name"] for plan in plans for node in nodes(plan) if "Index Name" in node}


SEARCHES: list[tuple[dict[str, Any], str]] = [
    ({}, "ix_provider_weighted"),
    ({"sort": "rating"}, "ix_provider_rating"),
    ({"sort": "rating", "min_rating": 4.0}, "ix_provider_rating"),
    ({"sort": "price"}, "ix_provider_price"),
    ({"sort": "price", "currency": "USD", "min_price": 5000, "max_price": 9000}, "ix_provider_price"),
    ({"sort": "distance", **HERE}, "ix_provider_place"),
    ({"radius_km": 10.0, **HERE}, "ix_provider_place"),
    ({"radius_km": 10.0, "sort": "distance", "min_rating": 3.0, **HERE}, "ix_provider_place"),
    ({"query": "house77"}, "ix_provider_document"),
    ({"query": "kind77 house77", "sort": "rating"}, "ix_provider_document"),
    ({"query": "massage"}, "ix_provider_document"),
    ({"query": "massage", "radius_km": 10.0, **HERE}, "ix_provider_place"),
    ({"query": "massage", "radius_km": 10.0, "sort": "distance", **HERE}, "ix_provider_place"),
    ({"query": "kind77", "sort": "price", "currency": "USD", "max_price": 9000}, "ix_provider_document"),
    ({"category": "massage", "sort": "price"}, "ix_provider_price"),
    ({"category": "massage", "radius_km": 25.0, "sort": "price", **HERE}, "ix_provider_place"),
    ({"category": "massage", "sort": "rating"}, "ix_provider_rating"),
]


@pytest.mark.parametrize(("members", "index"), SEARCHES, ids=str)
def test_a_search_reads_no_table_as_a_whole(recorder: Recorder, members: dict[str, Any], index: str) -> None:
    """promise B1: fast in a large catalogue; the first page and the second."""
    answer: dict[str, Any] = {}

    def first(transaction: Any) -> None:
        answer.update(find_providers(transaction, read(SEARCH_PROVIDERS.request, members)))

    def second(transaction: Any) -> None:
        request = read(SEARCH_PROVIDERS.request, {**members, "cursor": answer["next"]})
        find_providers(transaction, request)

    plans = recorder.plans(first)
    assert scanned_whole(plans) == []
    assert index in indexes(plans)
    assert len(answer["providers"]) == 20
    plans = recorder.plans(second)
    assert scanned_whole(plans) == []


def test_a_profile_and_its_reviews_read_no_table_as_a_whole(recorder: Recorder, full: Engine) -> None:
    """promise B2: fast in a large catalogue."""
    with full.connect() as connection:
        provider_id = str(connection.execute(text("SELECT id FROM provider LIMIT 1")).scalar_one())
    profile = read(GET_PROVIDER.request, {"provider_id": provider_id})
    plans = recorder.plans(lambda transaction: get_provider(transaction, profile))
    assert scanned_whole(plans) == []
    assert {"pk_provider", "ix_service_provider_id"} <= indexes(plans)
    reviews = read(LIST_REVIEWS.request, {"provider_id": provider_id, "limit": 1})
    answers: list[dict[str, Any]] = []
    plans = recorder.plans(lambda transaction: answers.append(list_reviews(transaction, reviews)))
    assert scanned_whole(plans) == []
    assert "ix_review_newest" in indexes(plans)
    further = {**reviews, "cursor": answers[0]["next"]}
    plans = recorder.plans(lambda transaction: list_reviews(transaction, further))
    assert scanned_whole(plans) == []


def test_ratings_of_a_large_catalogue_never_drift(full: Engine) -> None:
    """promise B2: the rating on every provider is the one of its reviews."""
    with full.connect() as connection:
        drifted = connection.execute(
            text(
                "SELECT count(*) FROM provider WHERE (rating_sum, rating_count) <> "
                "(SELECT coalesce(sum(rating), 0), count(*) FROM review WHERE provider_id = provider.id)"
            )
        ).scalar_one()
    assert drifted == 0

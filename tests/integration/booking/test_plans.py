"""With 100,000 bookings of one provider, every statement of a request still finds its rows by an index."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from shared.database.transaction import Database
from tests.integration.booking.desk import Desk, Provider
from tests.integration.booking.ledger import Ledger
from tests.plans.plan_files import kept, normal, statements_in, whole_tables_in
from tests.plans.walk import walk

BOOKINGS = 100_000
BIG_TABLES = {"booking", "allocation", "booking_history"}

# One in ten is still to come; the others occupy nothing any more. Without the checks of foreign keys.
FILL = """
SET LOCAL session_replication_role = replica;
INSERT INTO booking (id, version, state, customer_id, provider_id, service_id, staff_id, service_name,
    visit, blocked, time_zone, local_start, utc_offset, quote, hold_prolonged, created_at)
SELECT gen_random_uuid(), 1, CASE WHEN number % 10 = 0 THEN 'confirmed' ELSE 'completed' END,
    gen_random_uuid(), provider_id, service_id, staff_id, service_name,
    tstzrange(at, at + interval '30 minutes'), tstzrange(at, at + interval '30 minutes'),
    time_zone, at, utc_offset, quote, false, created_at
FROM booking CROSS JOIN generate_series(1, :number) AS number
CROSS JOIN LATERAL (SELECT lower(visit) - number * interval '1 hour' - interval '2 days' AS at) AS moment
WHERE id = :id;
INSERT INTO allocation (id, booking_id, resource_id, blocked)
SELECT gen_random_uuid(), id, staff_id, blocked FROM booking
WHERE provider_id = :provider_id AND state = 'confirmed';
INSERT INTO booking_history (booking_id, version, to_state, actor, reason, at)
SELECT id, 1, state, 'system', 'imported', created_at FROM booking
WHERE provider_id = :provider_id AND state <> 'pending'
"""
EMPTY = """
SET LOCAL session_replication_role = replica;
DELETE FROM allocation WHERE booking_id IN (SELECT id FROM booking WHERE provider_id = :provider_id);
DELETE FROM further_resource WHERE booking_id IN (SELECT id FROM booking WHERE provider_id = :provider_id);
DELETE FROM booking_history WHERE booking_id IN (SELECT id FROM booking WHERE provider_id = :provider_id);
DELETE FROM booking WHERE provider_id = :provider_id
"""


@pytest.fixture
def busy(desk: Desk, ledger: Ledger) -> Iterator[Provider]:
    """A provider with 100,000 bookings behind it."""
    provider = desk.open_provider(staff=2)
    booking = desk.hold(provider, "12:00", staff_id=provider.staff[0])
    ledger.run(FILL, id=booking["booking_id"], provider_id=provider.provider_id, number=BOOKINGS)
    ledger.run("ANALYZE booking, allocation, booking_history")
    yield provider
    ledger.run(EMPTY, provider_id=provider.provider_id)
    ledger.run("ANALYZE booking, allocation, booking_history")


def test_no_request_reads_a_whole_table(desk: Desk, database: Database, busy: Provider) -> None:
    """promise C1: of every question and command; and the plans that are kept are of these statements."""
    others = [desk.open_provider() for _ in range(2)]
    sent = walk(database, desk, busy, others)
    whole = [
        f"{name}: {statement}"
        for name, statements in sent.items()
        for statement, values in statements
        if _reads_whole(database, statement, values)
    ]
    assert not whole
    asked = {name: [normal(statement) for statement, _ in statements] for name, statements in sent.items()}
    assert asked == {name: statements_in(content) for name, content in kept().items()}, "run make plans"


def test_no_kept_plan_reads_a_whole_table() -> None:
    """promise C1: with a million bookings, none of those that grow with every booking."""
    found = {name: whole_tables_in(content) for name, content in kept().items()}
    assert found
    assert not {name: tables for name, tables in found.items() if tables}


def _reads_whole(database: Database, statement: str, values: Any) -> bool:
    """Whether the plan scans one of the big tables from end to end."""
    if statement.lstrip().upper().startswith(("INSERT INTO IDEMPOTENCY", "INSERT INTO OUTBOX")):
        return False
    with database.transaction() as connection:
        parameters = values if isinstance(values, dict) else {}
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
        connection.execute(text("SELECT 1"))
    nodes = plan if isinstance(plan, list) else json.loads(plan)
    return any(
        node.get("Node Type") == "Seq Scan" and node.get("Relation Name") in BIG_TABLES
        for node in _nodes(nodes[0]["Plan"])
    )


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)

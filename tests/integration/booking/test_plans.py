"""With 100,000 bookings of one provider, every statement of a request still finds its rows by an index."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from services.booking.usecases.expiry import sweep_expired_holds
from services.booking.usecases.measure import measure_holds
from services.booking.usecases.read_bookings import list_bookings, read_booking
from services.booking.usecases.read_visits import get_visit, list_visits
from shared import clock
from shared.contracts.declaration import Caller
from shared.database.transaction import Database
from shared.errors import ServiceError
from tests.integration.booking.desk import Desk, Provider, customer_of, member_of, somebody
from tests.integration.booking.ledger import Ledger

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
DELETE FROM allocation WHERE resource_id = :staff_id;
DELETE FROM booking_history WHERE booking_id IN (SELECT id FROM booking WHERE provider_id = :provider_id);
DELETE FROM booking WHERE provider_id = :provider_id
"""


@pytest.fixture(scope="module")
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """What the service sends while `listening` is on."""
    sent: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        sent.append((arguments[2], arguments[3]))

    event.listen(database._engine, "before_cursor_execute", note)
    yield sent
    event.remove(database._engine, "before_cursor_execute", note)


@pytest.fixture
def busy(desk: Desk, ledger: Ledger) -> Iterator[tuple[Provider, dict[str, Any]]]:
    """A provider with 100,000 bookings behind it."""
    provider = desk.open_provider()
    booking = desk.hold(provider, "12:00")
    ledger.run(FILL, id=booking["booking_id"], provider_id=provider.provider_id, number=BOOKINGS)
    ledger.run("ANALYZE booking, allocation, booking_history")
    yield provider, booking
    ledger.run(EMPTY, staff_id=provider.staff[0], provider_id=provider.provider_id)
    ledger.run("ANALYZE booking, allocation, booking_history")


def test_no_request_reads_a_whole_table(
    desk: Desk,
    database: Database,
    ledger: Ledger,
    statements: list[tuple[str, Any]],
    busy: tuple[Provider, dict[str, Any]],
) -> None:
    """promise C1: listing, holding, being refused, paying, sweeping, measuring, reading, cancelling."""
    provider, booking = busy
    statements.clear()
    with _timed(seconds=1.0):
        desk.availability(provider)
        held = desk.hold(provider, "10:00", somebody("192.0.2.7"))
        with pytest.raises(ServiceError):
            desk.hold(provider, "10:00")
        desk.prepare(held)
        sweep_expired_holds(database.transaction)
        measure_holds(database.transaction)
        read_booking(database.transaction, {"booking_id": held["booking_id"]}, customer_of(held))
        request = {"limit": 20, "cursor": None}
        list_bookings(database.transaction, request, Caller(user_id=booking["customer_id"]))
        member = member_of(provider)
        get_visit(database.transaction, {"booking_id": held["booking_id"]}, member)
        places = {"workplaces": [{"provider_id": provider.provider_id, "staff_id": None}]}
        list_visits(database.transaction, places, member)
        desk.cancel(held)
    assert len(statements) > 20
    whole = [statement for statement, values in list(statements) if _reads_whole(database, statement, values)]
    assert not whole


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


@contextmanager
def _timed(seconds: float) -> Iterator[None]:
    started = clock.monotonic()
    yield
    assert clock.monotonic() - started < seconds

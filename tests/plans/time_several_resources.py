"""Prints how long the migration to several resources holds the tables of bookings, by how much is in them.

`make test t="-s tests/plans/time_several_resources.py"`; it belongs to no other run.
"""

import sys

import pytest
from sqlalchemy import Engine, text

from shared import clock
from shared.database.migrate import upgrade
from tests.fixtures.servers import owner_engine, service_database

BEFORE, IT = "0004", "0005"
VISITS_OF_ONE = 500

_STAFF = text("""
INSERT INTO staff (id, provider_id, name, active, all_services)
SELECT gen_random_uuid(), gen_random_uuid(), '{"en": "Sam"}', true, true FROM generate_series(1, :people)
""")
# In no order of people, as bookings come.
_BOOKINGS = text("""
INSERT INTO booking (
    id, version, state, customer_id, provider_id, service_id, staff_id, service_name, visit, blocked,
    time_zone, local_start, utc_offset, quote, hold_prolonged, created_at, payment_id, paid_service, paid_tip
)
SELECT gen_random_uuid(), 2, 'confirmed', gen_random_uuid(), provider_id, gen_random_uuid(), staff.id,
    '{"en": "Massage"}', visit.period, visit.period, 'UTC', lower(visit.period) AT TIME ZONE 'UTC', '+00:00',
    '{}', false, lower(visit.period), gen_random_uuid(), 10000, 0
FROM staff CROSS JOIN LATERAL (
    SELECT tstzrange(at, at + interval '1 hour') AS period FROM (
        SELECT timestamptz '2027-01-01 09:00Z' + (n / 8) * interval '1 day' + (n % 8) * interval '1 h' AS at
        FROM generate_series(1, :visits) AS n
    ) AS starts
) AS visit ORDER BY random()
""")
_ALLOCATIONS = text("""
INSERT INTO allocation (id, booking_id, resource_id, blocked)
SELECT gen_random_uuid(), id, staff_id, blocked FROM booking
""")


@pytest.mark.parametrize("people", [200, 2000])
def test_how_long_it_takes(people: int) -> None:
    with service_database("booking", BEFORE) as made:
        engine = owner_engine(made.owner_url)
        _fill(engine, people)
        engine.dispose()
        began = clock.monotonic()
        upgrade("services.booking", made.owner_url, IT)
        took = clock.monotonic() - began
    sys.stdout.write(f"\n{people * VISITS_OF_ONE} allocations: {took:.1f} s\n")


def _fill(engine: Engine, people: int) -> None:
    with engine.begin() as connection:
        connection.execute(_STAFF, {"people": people})
        connection.execute(_BOOKINGS, {"visits": VISITS_OF_ONE})
        connection.execute(_ALLOCATIONS)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE booking, allocation"))

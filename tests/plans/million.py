"""A million bookings of a thousand providers, one of whom has 100,000 behind it; nine thousand have none."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from tests.integration.booking.desk import Provider

PROVIDERS, IDLE = 1000, 9000
DAYS_BACK, DAYS_AHEAD = 83, 30
VISITS_A_DAY = 4
VISITS_OF_THE_BUSY = 100_000
ZONE = "Europe/London"

# Units and staff become resources by triggers, which the bookings below are written without.
_SUPPLY = """
CREATE TEMPORARY TABLE maker ON COMMIT DROP AS
SELECT number, gen_random_uuid() AS provider_id,
    -- The booked service comes first of three.
    CAST('0' || substr(gen_random_uuid()::text, 2) AS uuid) AS service_id
FROM generate_series(0, :providers + :idle) AS number;
INSERT INTO provider (id, version, time_zone, withdrawn) SELECT provider_id, 1, :zone, false FROM maker;
INSERT INTO service (id, provider_id, version, name, duration_minutes, price_amount, price_currency,
    withdrawn)
SELECT service_id, provider_id, 1, CAST('{"en": "Massage", "ar": "تدليك"}' AS jsonb), 60, 10000, 'USD',
    false FROM maker
UNION ALL
SELECT CAST('f' || substr(gen_random_uuid()::text, 2) AS uuid), provider_id, 1,
    '{"en": "Class", "ar": "درس"}', 60 + 30 * place, 5000, 'USD', false
FROM maker, generate_series(1, 2) AS place;
INSERT INTO calendar (provider_id, slot_step_minutes, minimum_notice_minutes, window_days,
    buffer_before_minutes, buffer_after_minutes, holiday_country)
SELECT provider_id, 30, 0, 90, 0, 15, CASE WHEN number % 2 = 0 THEN 'GB' END FROM maker;
INSERT INTO opening_hours (provider_id, weekday, opens, closes)
SELECT provider_id, weekday, 480, 1080 FROM maker, generate_series(1, 7) AS weekday;
INSERT INTO staff (id, provider_id, name, active, all_services)
SELECT gen_random_uuid(), provider_id, '{"en": "Sam", "ar": "سام"}', true, place = 1
FROM maker, generate_series(1, 2) AS place;
INSERT INTO resource_pool (id, provider_id, kind, name, active)
SELECT provider_id, provider_id, 'room', '{"en": "Room", "ar": "غرفة"}', true FROM maker;
INSERT INTO resource_unit (id, pool_id, name, active)
SELECT service_id, provider_id, '{"en": "Room", "ar": "غرفة"}', true FROM maker;
INSERT INTO idempotency (caller, method, key, fingerprint, answer)
SELECT gen_random_uuid(), 'booking.create_booking', gen_random_uuid(), 'x', '{}'
FROM generate_series(1, 100000);
INSERT INTO inbox (event_id, handler)
SELECT gen_random_uuid(), 'booking.payment_succeeded' FROM generate_series(1, 300000);
"""

# The busiest one closes on no holidays: it is asked about ten days from now, whenever that is.
# One of the two does by name what the other does anyway, in a week of mornings and afternoons.
_RULES = """
UPDATE calendar SET holiday_country = NULL
WHERE provider_id = (SELECT provider_id FROM maker WHERE number = 0);
INSERT INTO staff_service (staff_id, service_id)
SELECT staff.id, service.id FROM staff JOIN service ON service.provider_id = staff.provider_id
WHERE NOT staff.all_services;
INSERT INTO working_hours (id, provider_id, staff_id, weekday, opens, closes)
SELECT gen_random_uuid(), staff.provider_id, staff.id, weekday, opens, opens + 300
FROM staff JOIN maker ON maker.provider_id = staff.provider_id AND maker.number <= :providers,
    generate_series(1, 7) AS weekday, generate_series(480, 780, 300) AS opens
WHERE NOT staff.all_services;
INSERT INTO service_rules (service_id, provider_id, capacity, staff_count, places)
SELECT service.id, service.provider_id, CASE WHEN service.id = maker.service_id THEN 1 ELSE 8 END, 1,
    ARRAY['provider']
FROM service JOIN maker ON maker.provider_id = service.provider_id;
INSERT INTO service_need (service_id, pool_id, count)
SELECT service.id, service.provider_id, 1 FROM service
JOIN maker ON maker.provider_id = service.provider_id WHERE service.id <> maker.service_id;
INSERT INTO date_hours (id, provider_id, day, opens, closes)
SELECT gen_random_uuid(), provider_id, CAST(now() AS date) + 30 * month + number % 20, 600, 960
FROM maker, generate_series(-12, 6) AS month WHERE month NOT IN (0, 1) AND number <= :providers;
INSERT INTO time_off (id, provider_id, staff_id, period, reason)
SELECT gen_random_uuid(), staff.provider_id, staff.id, tstzrange(start, start + interval '1 day'), 'training'
FROM staff JOIN maker ON maker.provider_id = staff.provider_id AND maker.number <= :providers
CROSS JOIN LATERAL (
    SELECT date_trunc('day', now()) + (20 * place + abs(hashtext(staff.id::text)) % 15) * interval '1 day'
    FROM generate_series(-18, 6) AS place WHERE place <> 0
) AS away (start);
INSERT INTO supply_history (id, provider_id, command, stranded, actor, actor_id, at)
SELECT gen_random_uuid(), provider_id, 'change_hours', 0, 'provider', gen_random_uuid(),
    now() - change * interval '1 day'
FROM maker, generate_series(1, 100) AS change;
"""

# Each of the staff has visits at 09:00, 11:00, 13:00 and 15:00; those of the past occupy nothing any more.
# Every tenth is of one of its provider's series; some of the past were at an address, others in a room.
_VISITS = """
SET LOCAL session_replication_role = replica;
INSERT INTO booking (id, version, state, customer_id, provider_id, service_id, staff_id, service_name,
    visit, blocked, time_zone, local_start, utc_offset, quote, hold_prolonged, created_at, payment_id,
    paid_service, paid_tip, series_id)
SELECT gen_random_uuid(), 1, CASE WHEN start < now() THEN 'completed' ELSE 'confirmed' END,
    gen_random_uuid(), staff.provider_id, maker.service_id, staff.id, '{"en": "Massage", "ar": "تدليك"}',
    tstzrange(start, start + interval '1 hour'), tstzrange(start, start + interval '75 minutes'),
    :zone, start AT TIME ZONE 'UTC', '+00:00', CAST(:quote AS jsonb), false, start - interval '7 days',
    gen_random_uuid(), 10000, 0,
    CASE WHEN random() < 0.1 THEN CAST(md5(staff.provider_id::text || ceil(20 * random())) AS uuid) END
FROM staff JOIN maker ON maker.provider_id = staff.provider_id AND maker.number <= :providers
CROSS JOIN LATERAL (
    SELECT date_trunc('day', now()) + day * interval '1 day' + (9 + 2 * place) * interval '1 hour' AS start
    FROM generate_series(-:back, :ahead) AS day, generate_series(0, :a_day - 1) AS place WHERE day <> 0
) AS visits;
INSERT INTO booking (id, version, state, customer_id, provider_id, service_id, staff_id, service_name,
    visit, blocked, time_zone, local_start, utc_offset, quote, hold_prolonged, created_at, payment_id,
    paid_service, paid_tip, series_id)
SELECT gen_random_uuid(), 1, 'completed', gen_random_uuid(), busy.provider_id, maker.service_id, busy.id,
    '{"en": "Massage", "ar": "تدليك"}',
    tstzrange(start, start + interval '1 hour'), tstzrange(start, start + interval '1 hour'),
    :zone, start AT TIME ZONE 'UTC', '+00:00', CAST(:quote AS jsonb), false, start - interval '7 days',
    gen_random_uuid(), 10000, 0,
    CASE WHEN random() < 0.1 THEN CAST(md5(busy.provider_id::text || ceil(20 * random())) AS uuid) END
FROM maker CROSS JOIN LATERAL (
    SELECT * FROM staff WHERE staff.provider_id = maker.provider_id AND maker.number = 0 ORDER BY id LIMIT 1
) AS busy
CROSS JOIN LATERAL (
    SELECT date_trunc('day', now()) - interval '100 days' - number * interval '1 hour' AS start
    FROM generate_series(1, :of_the_busy) AS number
) AS visits;
INSERT INTO allocation (id, booking_id, resource_id, blocked)
SELECT gen_random_uuid(), id, staff_id, blocked FROM booking WHERE state = 'confirmed';
INSERT INTO further_resource (booking_id, resource_id, starts_at)
SELECT booking.id, unit.id, lower(visit) FROM booking
JOIN resource_unit AS unit ON unit.pool_id = booking.provider_id WHERE hashtext(booking.id::text) % 10 = 0;
INSERT INTO booking_history (booking_id, version, to_state, actor, reason, at)
SELECT id, 1, state, 'system', 'imported', created_at FROM booking;
INSERT INTO left_seat (session_id, booking_id, version)
SELECT gen_random_uuid(), id, 1 FROM booking WHERE hashtext(id::text) % 10 = 2;
INSERT INTO care (booking_id, address, latitude, longitude)
SELECT id, '{"lines": ["1 High Street"], "city": "London"}', 51.5, 0 FROM booking
WHERE state = 'completed' AND hashtext(id::text) % 10 = 1;
INSERT INTO presence (booking_id, moment, at, actor_id)
SELECT booking_id, moment, lower(visit), staff_id FROM care JOIN booking ON booking.id = booking_id,
    unnest(ARRAY['check_in', 'check_out']) AS moment;
INSERT INTO series (id, customer_id, provider_id, service_id, asks, rule, first_day, start_time, created_at)
SELECT CAST(md5(provider_id::text || place) AS uuid), gen_random_uuid(), provider_id, service_id, '{}',
    'FREQ=WEEKLY;COUNT=10', CAST(now() AS date), '09:00', now() - place * interval '1 hour'
FROM maker, generate_series(1, 20) AS place WHERE number <= :providers;
INSERT INTO series_instance (series_id, position, day, wanted_day, wanted_time, outcome)
SELECT id, place, first_day, first_day, start_time, 'refused' FROM series, generate_series(1, 10) AS place;
INSERT INTO waitlist_entry (id, customer_id, provider_id, service_id, asks, day, state, created_at)
SELECT gen_random_uuid(), gen_random_uuid(), provider_id, service_id, '{}', CAST(now() AS date) + place % 60,
    CASE WHEN place % 50 = 0 THEN 'waiting' ELSE 'left' END, now() - place * interval '1 hour'
FROM maker, generate_series(1, 100) AS place WHERE number <= :providers;
INSERT INTO payment_copy (payment_id, booking_id, version, status)
SELECT payment_id, id, 2, CASE WHEN hashtext(id::text) % 5000 = 0 THEN 'processing' ELSE 'succeeded' END
FROM booking;
"""

_QUOTE = """{"lines": [], "total": {"amount": 10000, "currency": "USD"}, "quoted_at": "2026-01-01T00:00:00Z",
"refund_policy_id": "01890000-0000-7000-8000-000000000001", "refund_tiers": []}"""


@dataclass(frozen=True)
class Million:
    """What was made: the provider with most behind it, fifty others, and how many bookings there are."""

    busy: Provider
    others: list[Provider]
    bookings: int


def fill(owner: Engine) -> Million:
    """Make them, and let the database look at what it has (ANALYZE); nothing else is told to its planner."""
    values = {
        "providers": PROVIDERS,
        "idle": IDLE,
        "zone": ZONE,
        "back": DAYS_BACK,
        "ahead": DAYS_AHEAD,
        "a_day": VISITS_A_DAY,
        "of_the_busy": VISITS_OF_THE_BUSY,
        "quote": _QUOTE,
    }
    with owner.begin() as connection:
        for statement in _statements(_SUPPLY + _RULES + _VISITS):
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), used)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    with owner.connect() as connection:
        busy = connection.execute(
            text("SELECT provider_id::text FROM booking GROUP BY provider_id ORDER BY count(*) DESC LIMIT 1")
        ).scalar_one()
        others = connection.execute(
            text("SELECT DISTINCT provider_id::text FROM time_off WHERE provider_id::text <> :busy LIMIT 50"),
            {"busy": busy},
        ).scalars()
        return Million(
            _provider(connection, busy),
            [_provider(connection, provider_id) for provider_id in others],
            connection.execute(text("SELECT count(*) FROM booking")).scalar_one(),
        )


def _statements(script: str) -> list[str]:
    return [statement for statement in script.split(";\n") if statement.strip()]


def _provider(connection: Connection, provider_id: str) -> Provider:
    ids = {
        table: tuple(
            connection.execute(
                text(f"SELECT id::text FROM {table} WHERE provider_id::text = :id ORDER BY id"),
                {"id": provider_id},
            ).scalars()
        )
        for table in ("service", "staff")
    }
    return Provider(provider_id, ids["service"], ids["staff"], ZONE)

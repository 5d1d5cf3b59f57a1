"""The tables of the bare booking: what a booking at least writes, with the constraint that decides."""

SCHEMA = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
DROP TABLE IF EXISTS idempotency, booking, allocation, outbox;
CREATE TABLE idempotency (
    caller uuid, method text, key uuid, fingerprint text NOT NULL, answer text NOT NULL,
    PRIMARY KEY (caller, method, key)
);
CREATE TABLE booking (
    id uuid PRIMARY KEY, customer_id uuid NOT NULL, provider_id uuid NOT NULL, state text NOT NULL,
    visit tstzrange NOT NULL, quote text NOT NULL, created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON booking (customer_id, created_at);
CREATE TABLE allocation (
    id uuid PRIMARY KEY, booking_id uuid NOT NULL REFERENCES booking, resource_id uuid NOT NULL,
    blocked tstzrange NOT NULL,
    CONSTRAINT allocation_no_overlap EXCLUDE USING gist (resource_id WITH =, blocked WITH &&)
);
CREATE TABLE outbox (id uuid PRIMARY KEY, routing_key text NOT NULL, body text NOT NULL);
"""

TRANSACTION = r"""
\set person random(1, 1000000000)
\set carer random(1, 1000)
\set slot random(1, 100000000)
BEGIN;
INSERT INTO booking (id, customer_id, provider_id, state, visit, quote)
VALUES (md5(:person || '/' || :slot)::uuid, md5('p' || :person)::uuid, md5('c' || :carer)::uuid, 'pending',
    tstzrange(to_timestamp(:slot * 3600::bigint), to_timestamp((:slot + 1) * 3600::bigint)), '{"total": 1}');
INSERT INTO allocation (id, booking_id, resource_id, blocked)
VALUES (gen_random_uuid(), md5(:person || '/' || :slot)::uuid, md5('c' || :carer)::uuid,
    tstzrange(to_timestamp(:slot * 3600::bigint), to_timestamp((:slot + 1) * 3600::bigint)))
ON CONFLICT ON CONSTRAINT allocation_no_overlap DO NOTHING;
INSERT INTO outbox (id, routing_key, body) VALUES (gen_random_uuid(), 'booking_held.-.-', '{"data": {}}');
COMMIT;
"""
"""For pgbench."""

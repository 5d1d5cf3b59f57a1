"""A ledger of a million entries: 150,000 captured bookings of a thousand providers over 90 days."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

PAYMENTS = 150_000
PROVIDERS = 1_000
DAYS = 90

# Ids begin with the time, as ours do, and rows lie in the order in which they would have been written.
ID_AT = """
CREATE FUNCTION pg_temp.id_at(at timestamptz) RETURNS uuid LANGUAGE sql AS $$
    SELECT CAST(lpad(to_hex(CAST(extract(epoch FROM at) * 1000 AS bigint)), 12, '0') || '7'
        || substr(md5(CAST(random() AS text)), 1, 19) AS uuid)
$$
"""
_PAYMENTS = f"""
{ID_AT};
CREATE TEMPORARY TABLE made ON COMMIT DROP AS
SELECT pg_temp.id_at(at) AS id, drawn.* FROM (
    SELECT number, 1000 + number % 20000 AS service,
        CAST(:last AS timestamptz) - (number % :days) * interval '1 day'
            - (number % 1000) * interval '80 seconds' AS at,
        CAST(md5('provider ' || maker) AS uuid) AS provider_id,
        (ARRAY['massage', 'nursing', 'therapy', 'physio'])[1 + number % 4] AS category,
        (ARRAY['New York', 'London', 'Cairo'])[1 + number % 3] AS city,
        (ARRAY['USD', 'EUR', 'KWD'])[1 + maker % 3] AS currency
    FROM (
        SELECT number, CASE WHEN number / :providers % 100 < :busy_percent THEN 0
            ELSE number % :providers END AS maker FROM generate_series(1, :payments) AS number
    ) AS numbers
) AS drawn;
INSERT INTO payment (id, booking_id, kind, customer_id, idempotency_key, fingerprint, provider_id, currency,
    service_amount, tip_amount, commission_amount, commission_rule_id, captured_amount, state, intent_id,
    destination, simulated, pay_before, version, created_at, updated_at, quoted_at, category, city,
    captured_at)
SELECT id, id, 'booking', id, 'key', 'print', provider_id, currency, service, 0, service / 10,
    (SELECT id FROM commission_rule ORDER BY valid_from LIMIT 1), service, 'captured', 'pi_' || id,
    'acct_standin_1', true, at, 1, at, at, at, category, city, at FROM made ORDER BY made.id;
CREATE TEMPORARY TABLE posted ON COMMIT DROP AS
SELECT pg_temp.id_at(at) AS id, made.id AS payment_id, made.at, made.currency, moves.*
FROM made CROSS JOIN LATERAL (VALUES
    ('captured', 'stripe_clearing', 'customer_funds', service),
    ('commission', 'customer_funds', 'platform_commission', service / 10),
    ('provider_share', 'customer_funds', 'provider_payable:' || provider_id, service - service / 10),
    ('refund_owed', 'provider_payable:' || provider_id, 'refunds_payable',
        CASE WHEN number % 10 < 4 THEN service / 2 END)
) AS moves (kind, debit, credit, amount) WHERE amount IS NOT NULL;
INSERT INTO ledger_transaction (id, payment_id, booking_id, kind, fact, posted_at)
SELECT id, payment_id, payment_id, kind,
    CASE WHEN kind = 'refund_owed' THEN kind || ':' || payment_id ELSE kind END, at
FROM posted ORDER BY posted.id;
INSERT INTO ledger_entry (id, transaction_id, account, amount, currency, posted_at, kind, payment_id)
SELECT pg_temp.id_at(at), id, account, amount, currency, at, kind, payment_id FROM (
    SELECT id, at, debit AS account, amount, currency, kind, payment_id FROM posted
    UNION ALL SELECT id, at, credit, -amount, currency, kind, payment_id FROM posted
) AS entries ORDER BY entries.id, entries.amount DESC
"""

_BUSY = "SELECT provider_id FROM payment GROUP BY provider_id ORDER BY count(*) DESC, provider_id LIMIT 1"


@dataclass(frozen=True)
class Ledger:
    """What was made: the number of entries, the last instant, the provider with most behind it."""

    entries: int
    last: datetime
    provider_id: str


def fill(engine: Engine, payments: int = PAYMENTS, busy_percent: int = 0, more: str = "") -> Ledger:
    """Write it past all triggers, as it would stand; the commission's first rules are there.

    `busy_percent`: the share of one provider beside its even one. `more`: what else is written with it.
    """
    last = (datetime.now(UTC) - timedelta(days=1)).replace(hour=23, minute=59, second=0, microsecond=0)
    values = {"last": last, "days": DAYS, "providers": PROVIDERS, "payments": payments}
    values |= {"busy_percent": busy_percent}
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in f"{_PAYMENTS};\n{more}".split(";\n"):
            if statement.strip():
                connection.execute(text(statement), values)
        entries = connection.execute(text("SELECT count(*) FROM ledger_entry")).scalar_one()
        busy = connection.execute(text(_BUSY)).scalar_one()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return Ledger(entries, last, str(busy))

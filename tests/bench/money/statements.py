"""How long a statement of many entries takes in payment: `python -m tests.bench.money.statements`.

On a database of its own at TEST_DATABASE_ADMIN_URL, filled past every guard, beside as many entries of other
providers. The network and the gateway are not in the figure.
"""

import argparse
import sys
import time
from types import SimpleNamespace
from typing import cast

from sqlalchemy import Engine, text

from services.payment.settings import Mode
from services.payment.usecases.desk import Desk
from services.payment.usecases.read_statements import get_statement, get_statement_csv
from shared.contracts.declaration import Caller, Post
from shared.database.transaction import Database
from shared.ids import new_id
from tests.bench.money.million_entries import ID_AT
from tests.fixtures.servers import owner_engine, service_database

PERIOD = {"from_date": "2026-01-01", "to_date": "2026-12-31", "currency": "USD"}
FILL = """
SET session_replication_role = replica;
CREATE TEMPORARY TABLE fact AS SELECT pg_temp.id_at(at) AS id, pg_temp.id_at(at) AS payment_id,
    CASE WHEN n % 2 = 0 THEN '{provider}'::uuid ELSE gen_random_uuid() END AS provider_id, at
FROM generate_series(1, {lines} * 2) AS n,
    LATERAL (SELECT timestamptz '2026-01-02Z' + n * interval '300 days' / ({lines} * 2) AS at) AS instant;
INSERT INTO payment (id, booking_id, kind, customer_id, idempotency_key, fingerprint, provider_id, currency,
    service_amount, tip_amount, commission_amount, commission_rule_id, captured_amount, state, destination,
    simulated, pay_before, version, created_at, updated_at)
SELECT payment_id, gen_random_uuid(), 'booking', gen_random_uuid(), id::text, '', provider_id, 'USD', 10000,
    500, 1000, gen_random_uuid(), 10500, 'captured', 'acct_1', false, at, 1, at, at FROM fact;
INSERT INTO ledger_transaction (id, payment_id, booking_id, kind, fact, posted_at)
SELECT id, payment_id, gen_random_uuid(), 'provider_share', 'provider_share', at FROM fact;
INSERT INTO ledger_entry (id, transaction_id, account, amount, currency, posted_at, kind, payment_id)
SELECT gen_random_uuid(), id, account, amount, 'USD', at, 'provider_share', payment_id FROM fact,
    LATERAL (VALUES ('customer_funds', 9500), ('provider_payable:' || provider_id, -9500))
        AS side (account, amount);
INSERT INTO provider_account (provider_id, accepts_payments, version, updated_at, time_zone)
VALUES ('{provider}', true, 1, app_now(), 'America/New_York');
"""


def main(arguments: list[str]) -> int:
    """Fill, read the whole once to warm up and three times for the figures; prints them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    lines = parser.parse_args(arguments).lines
    with service_database("payment") as made:
        provider = new_id()
        _fill(owner_engine(made.owner_url), provider, lines)
        database = Database(made.url, pool_size=1, application_name="care speed")
        desk = cast(Desk, SimpleNamespace(transaction=database.transaction, mode=Mode.SANDBOX))
        caller = Caller(user_id=new_id(), memberships=(provider,), posts=(Post(provider, "owner"),))
        request = PERIOD | {"provider_id": provider}
        counted = _read_all(desk, request, caller)
        figures = []
        for _ in range(3):
            started = time.perf_counter()
            _read_all(desk, request, caller)
            figures.append(time.perf_counter() - started)
        started = time.perf_counter()
        get_statement(desk, request | {"limit": 100, "cursor": None}, caller)
        page = time.perf_counter() - started
        database.dispose()
    seconds = ", ".join(f"{one:.2f}" for one in figures)
    sys.stdout.write(f"statement of {counted} lines as CSV: {seconds} s; first page as JSON: {page:.2f} s\n")
    return 0


def _fill(owner: Engine, provider: str, lines: int) -> None:
    with owner.begin() as connection:
        connection.execute(text(ID_AT))
        for statement in filter(str.strip, FILL.format(provider=provider, lines=lines).split(";")):
            connection.execute(text(statement))
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE ledger_entry, ledger_transaction, payment"))
    owner.dispose()


def _read_all(desk: Desk, request: dict[str, str], caller: Caller) -> int:
    """As the gateway asks: part by part, until there is none; how many lines there were."""
    cursor, counted = None, -1
    while True:
        part = get_statement_csv(desk, request | {"cursor": cursor}, caller)
        counted += str(part["csv"]).count("\n")
        cursor = part["next"]
        if cursor is None:
            return counted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

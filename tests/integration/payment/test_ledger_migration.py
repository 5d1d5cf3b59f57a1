"""What was captured and owed before there was a ledger stands in it after the migration."""

import uuid
from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from services.payment.store.tables import metadata
from shared.database import alembic_environment, migrate, revisions
from tests.fixtures.servers import ServiceDatabase, owner_engine, service_database
from tests.integration.payment.records import rows
from tests.integration.payment.refunding import balances

PAYMENT = """
INSERT INTO payment (id, booking_id, kind, customer_id, idempotency_key, fingerprint, provider_id, currency,
    service_amount, tip_amount, commission_amount, commission_rule_id, captured_amount, state, intent_id,
    destination, simulated, pay_before, version, created_at, updated_at)
VALUES (:id, :booking_id, 'booking', :id, 'key', 'print', :id, :currency, :service, :tip, :commission, :rule,
    :captured, :state, :intent_id, 'acct_standin_1', true, app_now(), 1, app_now(), app_now())
"""
RULE = "INSERT INTO commission_rule (id, rate, valid_from, source) VALUES (:id, 0.1, app_now(), 'test')"
REFUND = """
INSERT INTO refund (id, payment_id, request_key, service_amount, tip_amount, status)
VALUES (gen_random_uuid(), :payment_id, 'booking_cancelled', :service, :tip, 'due')
"""


@pytest.fixture
def before() -> Iterator[ServiceDatabase]:
    """A database as the release before the ledger left it."""
    with service_database("payment", "0001") as made:
        yield made


@pytest.fixture
def older(before: ServiceDatabase) -> Iterator[Engine]:
    engine = owner_engine(before.owner_url)
    yield engine
    engine.dispose()


@pytest.fixture
def rule(older: Engine) -> str:
    rule_id = str(uuid.uuid4())
    rows(older, RULE + " RETURNING id", id=rule_id)
    return rule_id


def _paid(
    older: Engine, rule: str, currency: str, service: int, commission: int, captured: bool = True
) -> str:
    payment_id = str(uuid.uuid4())
    values = {
        "id": payment_id,
        "booking_id": payment_id,
        "currency": currency,
        "service": service,
        "tip": 500,
        "commission": commission,
        "rule": rule,
        "captured": service + 500 if captured else 0,
        "state": "captured" if captured else "failed",
        "intent_id": f"pi_{payment_id}",
    }
    rows(older, PAYMENT + " RETURNING id", **values)
    return payment_id


def test_older_payments_are_posted(older: Engine, rule: str) -> None:
    """promise D10, rules M9 and M23: with the commission that goes back; what is due gets its job, what was
    captured its number."""
    plain = _paid(older, rule, "USD", 10000, 1000)
    owed = _paid(older, rule, "KWD", 12350, 1240)
    unpaid = _paid(older, rule, "USD", 10000, 1000, captured=False)
    rows(older, REFUND + " RETURNING id", payment_id=owed, service=9260, tip=500)
    migrate.upgrade("services.payment", older.url.render_as_string(hide_password=False))
    assert balances(older, plain) == {
        "stripe_clearing": 10500,
        "customer_funds": 0,
        "platform_commission": -1000,
        "provider_payable": -9500,
    }
    assert balances(older, owed) == {
        "stripe_clearing": 12850,
        "customer_funds": 0,
        "platform_commission": -310,
        "provider_payable": -2780,
        "refunds_payable": -9760,
    }
    assert balances(older, unpaid) == {}
    found = rows(
        older,
        "SELECT r.commission_returned, j.kind, j.state FROM refund r JOIN job j ON j.key = r.id || '\\:1'",
    )
    assert found == [{"commission_returned": 930, "kind": "send_refund", "state": "waiting"}]
    documents = "SELECT series, number, payment_id::text FROM document ORDER BY payment_id"
    assert {(one["series"], one["number"]) for one in rows(older, documents)} == {
        ("invoice", 1),
        ("invoice", 2),
    }
    assert {one["payment_id"] for one in rows(older, documents)} == {plain, owed}
    assert rows(older, "SELECT series, last FROM number_series") == [{"series": "invoice", "last": 2}]


def test_older_payments_know_when_they_were_captured(older: Engine, rule: str) -> None:
    """promise D9: the instant of the ledger's posting, in the payment too, so that months can be counted."""
    paid, unpaid = _paid(older, rule, "USD", 10000, 1000), _paid(older, rule, "USD", 1, 0, captured=False)
    migrate.upgrade("services.payment", older.url.render_as_string(hide_password=False))
    found = rows(
        older,
        "SELECT p.id, p.captured_at = t.posted_at AS same FROM payment p "
        "LEFT JOIN ledger_transaction t ON t.payment_id = p.id AND t.fact = 'captured'",
    )
    assert {str(one["id"]): one["same"] for one in found} == {paid: True, unpaid: None}


def _go(engine: Engine, revision: str) -> None:
    """Down to `revision`."""
    config = revisions.alembic_config("services.payment")
    with engine.connect() as connection:
        config.attributes[alembic_environment.CONNECTION] = connection
        command.downgrade(config, revision)
        connection.commit()


def test_what_goes_up_comes_down(older: Engine) -> None:
    """promise A1: back to the release before the ledger and up again; the tables are those of the code."""
    url = older.url.render_as_string(hide_password=False)
    for _ in range(2):
        migrate.upgrade("services.payment", url)
        with older.connect() as connection:
            assert migrate.differences(connection, metadata) == []
        _go(older, "0001")


def test_a_ledger_is_not_thrown_away(older: Engine, rule: str) -> None:
    """promise D10: going back ends where money would be forgotten."""
    _paid(older, rule, "USD", 10000, 1000)
    migrate.upgrade("services.payment", older.url.render_as_string(hide_password=False))
    with pytest.raises(DBAPIError, match="not thrown away"):
        _go(older, "0002")
    assert rows(older, "SELECT count(*) AS n FROM ledger_transaction") == [{"n": 3}]

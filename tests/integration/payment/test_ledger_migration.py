"""What was captured and owed before there was a ledger stands in it after the migration."""

import os
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from shared.database import migrate
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
def older() -> Iterator[Engine]:
    """A database as the release before the ledger left it."""
    admin_url = make_url(os.environ["TEST_DATABASE_ADMIN_URL"])
    name = f"care_payment_{uuid.uuid4().hex[:8]}"
    admin = create_engine(admin_url, poolclass=NullPool).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = create_engine(admin_url.set(database=name), poolclass=NullPool)
    migrate.upgrade("services.payment", engine.url.render_as_string(hide_password=False), "0001")
    yield engine
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


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


@pytest.mark.usefixtures("database_url")
def test_older_payments_are_posted(older: Engine, rule: str) -> None:
    """promise D10, rule M9: with the commission that goes back; what is due gets its job."""
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

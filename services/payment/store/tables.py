"""The tables of the payment service. What must always be true of money is a constraint, not a hope."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.payment.domain.states import CAPTURED, DEAD, State
from shared.database import schema
from shared.messages.tables import inbox_table, job_table, outbox_table, relay_lease_table

metadata = schema.metadata()


def _words(values: frozenset[State] | type[State]) -> str:
    return ", ".join(f"'{value.value}'" for value in sorted(values))


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _created_at() -> Column[object]:
    return Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.app_now())


def _id(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    return Column(name, Uuid(as_uuid=False), primary_key=primary_key, nullable=nullable)


commission_rule = Table(
    "commission_rule",
    metadata,
    _id("id", primary_key=True),
    Column("rate", Numeric(6, 5), nullable=False),
    _instant("valid_from"),
    Column("source", String, nullable=False),
    _created_at(),
    UniqueConstraint("valid_from"),
    CheckConstraint("rate >= 0 AND rate <= 1", name="rate"),
)
"""Versions of the commission; never updated. A payment keeps the id of the one it was computed by."""

provider_account = Table(
    "provider_account",
    metadata,
    _id("provider_id", primary_key=True),
    Column("accepts_payments", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("account_id", String, unique=True),
    Column("transfers_active", Boolean, nullable=False, server_default=text("false")),
    _instant("updated_at"),
)
"""What is known of where a provider's share goes: the catalogue's word, and the account if any."""

payment = Table(
    "payment",
    metadata,
    _id("id", primary_key=True),
    _id("booking_id"),
    Column("kind", String, nullable=False),
    _id("customer_id"),
    Column("idempotency_key", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    _id("provider_id"),
    Column("currency", String(3), nullable=False),
    Column("service_amount", BigInteger, nullable=False),
    Column("tip_amount", BigInteger, nullable=False),
    Column("commission_amount", BigInteger, nullable=False),
    Column("commission_rule_id", Uuid(as_uuid=False), ForeignKey("commission_rule.id"), nullable=False),
    Column("captured_amount", BigInteger, nullable=False, server_default="0"),
    Column("refunded_amount", BigInteger, nullable=False, server_default="0"),
    Column("state", String, nullable=False),
    Column("intent_id", String, unique=True),
    Column("charge_id", String),
    Column("destination", String, nullable=False),
    Column("receipt_url", String),
    Column("wallet", String),
    Column("failure_code", String),
    Column("decline_reason", String),
    Column("simulated", Boolean, nullable=False),
    Column("params_not_simulated", ARRAY(String), nullable=False, server_default="{}"),
    _instant("pay_before"),
    Column("version", BigInteger, nullable=False),
    _instant("created_at"),
    _instant("updated_at"),
    UniqueConstraint("customer_id", "idempotency_key"),
    CheckConstraint(f"state IN ({_words(State)})", name="state"),
    CheckConstraint("kind IN ('booking')", name="kind"),
    CheckConstraint("service_amount >= 0 AND tip_amount >= 0", name="amounts_not_negative"),
    CheckConstraint("service_amount + tip_amount > 0", name="something_is_charged"),
    CheckConstraint(
        "commission_amount >= 0 AND commission_amount <= service_amount", name="commission_within_service"
    ),
    CheckConstraint(
        "captured_amount >= 0 AND captured_amount <= service_amount + tip_amount",
        name="captured_within_charge",
    ),
    CheckConstraint(
        "refunded_amount >= 0 AND refunded_amount <= captured_amount", name="refunded_within_captured"
    ),
    CheckConstraint(f"(captured_amount > 0) = (state IN ({_words(CAPTURED)}))", name="captured_means_money"),
    Index(
        "uq_payment_one_live_per_booking",
        "booking_id",
        "kind",
        unique=True,
        postgresql_where=text(f"state NOT IN ({_words(DEAD)})"),
    ),
    Index("ix_payment_customer_id_id", "customer_id", text("id DESC")),
    Index("ix_payment_booking_id", "booking_id"),
)
"""One row for one intent. Rule W9 is the partial unique index: one live payment per booking and kind."""

payment_op = Table(
    "payment_op",
    metadata,
    _id("id", primary_key=True),
    Column("payment_id", Uuid(as_uuid=False), ForeignKey("payment.id"), nullable=False),
    Column("op", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("idem_key", String, nullable=False, unique=True),
    Column("intent_id", String),
    Column("params", JSONB, nullable=False),
    Column("params_hash", String, nullable=False),
    Column("state", String, nullable=False),
    _instant("claimed_until", nullable=True),
    Column("request_id", String),
    Column("error_code", String),
    _created_at(),
    UniqueConstraint("payment_id", "op", "attempt"),
    CheckConstraint("op IN ('create', 'confirm', 'cancel')", name="op"),
    CheckConstraint("state IN ('pending', 'ok', 'failed', 'unknown')", name="state"),
)
"""Every request that changes something at Stripe, written before it is sent, with what is sent."""

webhook_event = Table(
    "webhook_event",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("type", String, nullable=False),
    Column("object_id", String),
    Column("intent_id", String),
    Column("account", String),
    Column("livemode", Boolean, nullable=False),
    Column("api_version", String),
    _instant("stated_at"),
    Column("outcome", String, nullable=False),
    _instant("received_at"),
    _instant("worked_at", nullable=True),
    CheckConstraint("outcome IN ('waiting', 'worked', 'kept')", name="outcome"),
    Index("ix_webhook_event_received_at", "received_at"),
)
"""Webhooks as signals. No payload: it holds client secrets and names, and is never believed anyway."""

booking_cancellation = Table(
    "booking_cancellation",
    metadata,
    _id("booking_id", primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("cause", String),
    Column("currency", String(3), nullable=False),
    Column("refund_percent", Integer, nullable=False),
    Column("tip_percent", Integer, nullable=False),
    Column("service_refund", BigInteger, nullable=False),
    Column("tip_refund", BigInteger, nullable=False),
    _instant("cancelled_at"),
    CheckConstraint("service_refund >= 0 AND tip_refund >= 0", name="amounts_not_negative"),
)
"""What booking said is due, kept also where nothing is paid yet: the money may still arrive."""

refund = Table(
    "refund",
    metadata,
    _id("id", primary_key=True),
    Column("payment_id", Uuid(as_uuid=False), ForeignKey("payment.id"), nullable=False),
    Column("request_key", String, nullable=False),
    Column("cause", String),
    Column("service_amount", BigInteger, nullable=False),
    Column("tip_amount", BigInteger, nullable=False),
    Column("status", String, nullable=False),
    _created_at(),
    UniqueConstraint("payment_id", "request_key"),
    CheckConstraint("status IN ('due')", name="status"),
    CheckConstraint("service_amount >= 0 AND tip_amount >= 0", name="amounts_not_negative"),
    CheckConstraint("service_amount + tip_amount > 0", name="something_is_due"),
    Index("ix_refund_due", "created_at", postgresql_where=text("status = 'due'")),
)
"""Money that is owed to a customer. `request_key` says what it is owed for, once each."""

outbox = outbox_table(metadata)
inbox = inbox_table(metadata)
relay_lease = relay_lease_table(metadata)
job = job_table(metadata)

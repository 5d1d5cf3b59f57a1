"""The tables of the payment service. What must always be true of money is a constraint, not a hope."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Numeric,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.payment.domain.capabilities import PaymentMethod, PaymentProviderName
from services.payment.domain.states import CAPTURED, DEAD, SETTLED, State
from services.payment.store.closing_tables import ledger_closing, ledger_closing_day, ledger_day
from services.payment.store.columns import id_column, instant, metadata, words
from services.payment.store.commission_tables import (
    catalogue_provider,
    catalogue_service,
    commission_line,
    commission_rule,
)
from services.payment.store.dispute_tables import dispute, dispute_movement, payout_hold
from services.payment.store.document_tables import document, number_series
from services.payment.store.ledger_tables import ledger_entry, ledger_transaction
from services.payment.store.operation_tables import payment_op
from services.payment.store.payout_tables import payout, payout_line, provider_op
from services.payment.store.refund_tables import (
    booking_cancellation,
    booking_completion,
    booking_move,
    refund,
)
from services.payment.store.share_tables import provider_share
from services.payment.store.webhook_tables import webhook_event
from shared.database.idempotency import idempotency_table
from shared.messages.tables import inbox_table, job_table, outbox_table, relay_lease_table

__all__ = [
    "booking_cancellation",
    "booking_completion",
    "booking_move",
    "catalogue_provider",
    "catalogue_service",
    "commission_line",
    "commission_rule",
    "dispute",
    "dispute_movement",
    "document",
    "ledger_closing",
    "ledger_closing_day",
    "ledger_day",
    "ledger_entry",
    "ledger_transaction",
    "metadata",
    "number_series",
    "payment_op",
    "payout",
    "payout_hold",
    "payout_line",
    "provider_op",
    "provider_share",
    "refund",
    "webhook_event",
]


provider_account = Table(
    "provider_account",
    metadata,
    id_column("provider_id", primary_key=True),
    Column("accepts_payments", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("account_id", String, unique=True),
    Column("transfers_active", Boolean, nullable=False, server_default=text("false")),
    instant("updated_at"),
    Column("payouts_enabled", Boolean, nullable=False, server_default=text("false")),
    Column("details_submitted", Boolean, nullable=False, server_default=text("false")),
    Column("requirements", JSONB, nullable=False, server_default="{}"),
    Column("country", String(2)),
    Column("time_zone", String),
)
"""What is known of where a provider's share goes: the catalogue's word, and the account if any."""

ONE_THAT_PAYS = "uq_payment_one_that_pays_per_booking"

payment = Table(
    "payment",
    metadata,
    id_column("id", primary_key=True),
    id_column("booking_id"),
    Column("kind", String, nullable=False),
    id_column("customer_id"),
    Column("idempotency_key", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    id_column("provider_id"),
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
    instant("pay_before"),
    Column("version", BigInteger, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    Column("refunded_service_amount", BigInteger, nullable=False, server_default="0"),
    Column("refunded_tip_amount", BigInteger, nullable=False, server_default="0"),
    Column("commission_returned_amount", BigInteger, nullable=False, server_default="0"),
    Column("application_fee_id", String),
    Column("commission_line_id", Uuid(as_uuid=False), ForeignKey("commission_line.id")),
    Column("commission_rate", Numeric(6, 5)),
    instant("quoted_at", nullable=True),
    id_column("service_id", nullable=True),
    Column("category", String),
    Column("city", String),
    instant("captured_at", nullable=True),
    Column("payment_provider", String, nullable=False, server_default="stripe"),
    Column("method", String, nullable=False, server_default="card"),
    Column("capture_method", String, nullable=False, server_default=text("'automatic'")),
    instant("visit_done_by", nullable=True),
    instant("capture_before", nullable=True),
    Column("capture_cause", String),
    Column("kept_service_amount", BigInteger),
    Column("kept_tip_amount", BigInteger),
    Column("kept_commission_amount", BigInteger),
    Column("balance_transaction_id", String),
    Column("stripe_fee_amount", BigInteger),
    Column("stripe_fee_currency", String(3)),
    Column("paid_twice", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("capture_method IN ('automatic', 'manual')", name="capture_method"),
    CheckConstraint(
        "capture_cause IN ('completed', 'cancelled', 'no_show', 'deadline')", name="capture_cause"
    ),
    CheckConstraint(
        "num_nulls(capture_cause, kept_service_amount, kept_tip_amount, kept_commission_amount) IN (0, 4)",
        name="kept_is_decided",
    ),
    CheckConstraint(
        "kept_service_amount BETWEEN 0 AND service_amount AND kept_tip_amount BETWEEN 0 AND tip_amount "
        "AND kept_commission_amount BETWEEN 0 AND least(commission_amount, kept_service_amount)",
        name="kept_within_charge",
    ),
    CheckConstraint(
        "num_nulls(balance_transaction_id, stripe_fee_amount, stripe_fee_currency) IN (0, 3)",
        name="stripe_fee_is_told",
    ),
    UniqueConstraint("customer_id", "idempotency_key"),
    CheckConstraint(f"state IN ({words(State)})", name="state"),
    CheckConstraint("kind IN ('booking', 'tip')", name="kind"),
    CheckConstraint(f"payment_provider IN ({words(PaymentProviderName)})", name="payment_provider"),
    CheckConstraint(f"method IN ({words(PaymentMethod)})", name="method"),
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
    CheckConstraint(
        "refunded_amount = refunded_service_amount + refunded_tip_amount", name="refunded_in_parts"
    ),
    CheckConstraint(
        "refunded_service_amount >= 0 AND refunded_service_amount <= service_amount",
        name="refunded_service_within_service",
    ),
    CheckConstraint(
        "refunded_tip_amount >= 0 AND refunded_tip_amount <= tip_amount", name="refunded_tip_within_tip"
    ),
    CheckConstraint(
        "commission_returned_amount >= 0 AND commission_returned_amount <= commission_amount",
        name="commission_returned_within_commission",
    ),
    CheckConstraint(f"(captured_amount > 0) = (state IN ({words(CAPTURED)}))", name="captured_means_money"),
    Index(
        ONE_THAT_PAYS,
        "booking_id",
        "kind",
        unique=True,
        postgresql_where=text(f"state NOT IN ({words(DEAD)}) AND NOT paid_twice"),
    ),
    Index("ix_payment_customer_id_id", "customer_id", text("id DESC")),
    Index("ix_payment_booking_id", "booking_id"),
    Index("ix_payment_held", "capture_before", postgresql_where=text("state = 'authorized'")),
    Index(
        "ix_payment_provider_id_captured_at",
        "provider_id",
        "captured_at",
        postgresql_where=text("captured_at IS NOT NULL"),
    ),
    Index("ix_payment_captured_at", "captured_at", postgresql_where=text("captured_at IS NOT NULL")),
    Index(
        "ix_payment_unsettled",
        "updated_at",
        postgresql_where=text(f"state NOT IN ({words(SETTLED)})"),
    ),
)
"""One row for one intent. Rule W9 is the partial unique index: one live payment per booking and kind, beside
those that were taken for dead and then captured: `paid_twice`, they go back.
`captured_at` is set by a trigger, to the instant of the ledger's posting. Line, rate and quote, service,
category and city are not known of older payments."""

outbox = outbox_table(metadata)
inbox = inbox_table(metadata)
relay_lease = relay_lease_table(metadata)
job = job_table(metadata)
idempotency = idempotency_table(metadata)

"""The table of what we asked of Stripe about payments."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.payment.store.columns import id_column, instant, metadata, set_at

payment_op = Table(
    "payment_op",
    metadata,
    id_column("id", primary_key=True),
    Column("payment_id", Uuid(as_uuid=False), ForeignKey("payment.id"), nullable=False),
    Column("op", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("idem_key", String, nullable=False, unique=True),
    Column("intent_id", String),
    Column("params", JSONB, nullable=False),
    Column("params_hash", String, nullable=False),
    Column("state", String, nullable=False),
    instant("claimed_until", nullable=True),
    Column("request_id", String),
    Column("error_code", String),
    set_at("created_at"),
    Column("refund_id", Uuid(as_uuid=False), ForeignKey("refund.id")),
    Column("dispute_id", String, ForeignKey("dispute.id")),
    Column("command", BigInteger),
    CheckConstraint(
        "op IN ('create', 'confirm', 'cancel', 'capture', 'refund', 'refund_fee', 'reverse_transfer', "
        "'return_transfer', 'submit_evidence')",
        name="op",
    ),
    CheckConstraint(
        "(op IN ('reverse_transfer', 'return_transfer', 'submit_evidence')) = (dispute_id IS NOT NULL)",
        name="dispute_is_named",
    ),
    CheckConstraint("state IN ('pending', 'ok', 'failed', 'unknown', 'not_simulated')", name="state"),
    CheckConstraint("(op IN ('refund', 'refund_fee')) = (refund_id IS NOT NULL)", name="refund_is_named"),
    Index("ix_payment_op_payment_id", "payment_id"),
    Index("uq_payment_op_command", "command", unique=True, postgresql_where=text("command IS NOT NULL")),
    Index("ix_payment_op_dispute_id", "dispute_id", postgresql_where=text("dispute_id IS NOT NULL")),
    Index(
        "uq_payment_op_attempt_of_payment",
        "payment_id",
        "op",
        "attempt",
        unique=True,
        postgresql_where=text("refund_id IS NULL"),
    ),
    Index(
        "uq_payment_op_attempt_of_refund",
        "refund_id",
        "op",
        "attempt",
        unique=True,
        postgresql_where=text("refund_id IS NOT NULL"),
    ),
)
"""Every request that changes something at Stripe, written before it is sent, with what is sent."""

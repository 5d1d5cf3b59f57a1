"""The tables of disputes, of the money they moved, and of other warnings that hold a payout."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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

from services.payment.domain.disputes import CLOSED, DisputeStatus, HoldKind
from services.payment.store.columns import instant, metadata


def _words(values: frozenset[DisputeStatus] | type[DisputeStatus] | type[HoldKind]) -> str:
    return ", ".join(f"'{value.value}'" for value in sorted(values))


dispute = Table(
    "dispute",
    metadata,
    Column("id", String, primary_key=True),
    Column("payment_id", Uuid(as_uuid=False), ForeignKey("payment.id"), nullable=False),
    Column("charge_id", String, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reason", String, nullable=False),
    Column("status", String, nullable=False),
    Column("is_charge_refundable", Boolean, nullable=False),
    instant("evidence_due_by", nullable=True),
    Column("has_evidence", Boolean, nullable=False),
    Column("submissions", Integer, nullable=False),
    instant("opened_at"),
    instant("closed_at", nullable=True),
    Column("lost_service_amount", BigInteger, nullable=False, server_default="0"),
    Column("lost_tip_amount", BigInteger, nullable=False, server_default="0"),
    Column("lost_commission_amount", BigInteger, nullable=False, server_default="0"),
    Column("lost_excess_amount", BigInteger, nullable=False, server_default="0"),
    instant("updated_at"),
    CheckConstraint(f"status IN ({_words(DisputeStatus)})", name="status"),
    CheckConstraint("amount > 0", name="something_is_disputed"),
    CheckConstraint(f"(closed_at IS NOT NULL) = (status IN ({_words(CLOSED)}))", name="closed_is_dated"),
    CheckConstraint(
        "lost_service_amount >= 0 AND lost_tip_amount >= 0 AND lost_excess_amount >= 0 "
        "AND lost_commission_amount <= lost_service_amount",
        name="loss_not_negative",
    ),
    Index("ix_dispute_payment_id", "payment_id"),
    Index("ix_dispute_open", "updated_at", postgresql_where=text("closed_at IS NULL")),
    Index(
        "ix_dispute_open_opened_at",
        text("opened_at DESC"),
        text("id DESC"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("ix_dispute_opened_at", text("opened_at DESC"), text("id DESC")),
)
"""A dispute as Stripe has it; the id is Stripe's. What was lost is written once, when it is."""

dispute_movement = Table(
    "dispute_movement",
    metadata,
    Column("id", String, primary_key=True),
    Column("dispute_id", String, ForeignKey("dispute.id"), nullable=False),
    Column("taken_amount", BigInteger, nullable=False),
    Column("fee_amount", BigInteger, nullable=False),
    Column("fee_currency", String(3), nullable=False),
    instant("seen_at"),
    Index("ix_dispute_movement_dispute_id", "dispute_id"),
)
"""Money that the bank took or gave back, by Stripe's balance transaction."""

payout_hold = Table(
    "payout_hold",
    metadata,
    Column("id", String, primary_key=True),
    Column("payment_id", Uuid(as_uuid=False), ForeignKey("payment.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("is_open", Boolean, nullable=False),
    instant("opened_at"),
    instant("ends_at", nullable=True),
    instant("updated_at"),
    CheckConstraint(f"kind IN ({_words(HoldKind)})", name="kind"),
    Index("ix_payout_hold_open", "payment_id", postgresql_where=text("is_open")),
)
"""Warnings and reviews by Stripe's id, contests by the payment's. Nobody closes a warning, so it ends."""

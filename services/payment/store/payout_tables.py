"""The tables of payouts, and of what is asked of Stripe about providers."""

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
from sqlalchemy.dialects.postgresql import JSONB

from services.payment.domain.payouts import PayoutState
from services.payment.store.columns import id_column, instant, metadata, set_at

_STATES = ", ".join(f"'{state.value}'" for state in sorted(PayoutState))

payout = Table(
    "payout",
    metadata,
    id_column("id", primary_key=True),
    id_column("provider_id"),
    Column("account_id", String, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("provider_payout_id", String, unique=True),
    Column("failure_code", String),
    Column("simulated", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    CheckConstraint("amount > 0", name="something_is_paid"),
    CheckConstraint(
        "state NOT IN ('sent', 'paid') OR provider_payout_id IS NOT NULL", name="accepted_has_id"
    ),
    Index(
        "uq_payout_one_created_at_a_time",
        "provider_id",
        "currency",
        unique=True,
        postgresql_where=text("state = 'created'"),
    ),
    Index("ix_payout_provider_id_id", "provider_id", text("id DESC")),
    Index("ix_payout_moving", "updated_at", postgresql_where=text("state IN ('created', 'sent')")),
)
"""Money on its way to a provider's bank; the amount is never changed, and a failed one is not repeated:
its money is due again, for the next."""

payout_line = Table(
    "payout_line",
    metadata,
    Column("payout_id", Uuid(as_uuid=False), ForeignKey("payout.id"), primary_key=True),
    Column("payment_id", Uuid(as_uuid=False), ForeignKey("payment.id"), primary_key=True),
    Column("due_amount", BigInteger, nullable=False),
    Column("netted_amount", BigInteger, nullable=False),
    CheckConstraint("netted_amount >= 0", name="netted_not_negative"),
    CheckConstraint("due_amount <> 0 OR netted_amount <> 0", name="something_moves"),
    Index("ix_payout_line_payment_id", "payment_id"),
)
"""What a payout pays of each payment; never changed."""

provider_op = Table(
    "provider_op",
    metadata,
    id_column("id", primary_key=True),
    id_column("provider_id"),
    Column("payout_id", Uuid(as_uuid=False), ForeignKey("payout.id")),
    Column("op", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("idem_key", String, nullable=False, unique=True),
    Column("params", JSONB, nullable=False),
    Column("params_hash", String, nullable=False),
    Column("state", String, nullable=False),
    instant("claimed_until", nullable=True),
    Column("request_id", String),
    Column("error_code", String),
    set_at("created_at"),
    CheckConstraint("op IN ('create_account', 'payout')", name="op"),
    CheckConstraint("state IN ('pending', 'ok', 'failed', 'unknown', 'not_simulated')", name="state"),
    CheckConstraint("(op = 'payout') = (payout_id IS NOT NULL)", name="payout_is_named"),
    Index(
        "uq_provider_op_attempt_of_provider",
        "provider_id",
        "op",
        "attempt",
        unique=True,
        postgresql_where=text("payout_id IS NULL"),
    ),
    Index(
        "uq_provider_op_attempt_of_payout",
        "payout_id",
        "attempt",
        unique=True,
        postgresql_where=text("payout_id IS NOT NULL"),
    ),
)
"""Every request about a provider's account or payout, written before it is sent, with what is sent."""

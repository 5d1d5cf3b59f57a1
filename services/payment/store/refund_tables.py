"""The tables of what booking says became of a visit, and of what goes back to customers."""

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
    UniqueConstraint,
    Uuid,
    text,
)

from services.payment.store.columns import id_column, instant, metadata, set_at

booking_cancellation = Table(
    "booking_cancellation",
    metadata,
    id_column("booking_id", primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("cause", String),
    Column("currency", String(3), nullable=False),
    Column("refund_percent", Integer, nullable=False),
    Column("tip_percent", Integer, nullable=False),
    Column("service_refund", BigInteger, nullable=False),
    Column("tip_refund", BigInteger, nullable=False),
    instant("cancelled_at"),
    CheckConstraint("service_refund >= 0 AND tip_refund >= 0", name="amounts_not_negative"),
)
"""What booking said is due, kept also where nothing is paid yet: the money may still arrive."""

booking_completion = Table(
    "booking_completion",
    metadata,
    id_column("booking_id", primary_key=True),
    Column("version", BigInteger, nullable=False),
    instant("completed_at"),
)
"""Visits that took place, by booking's word: written once, never changed."""

booking_move = Table(
    "booking_move",
    metadata,
    id_column("booking_id", primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("currency", String(3), nullable=False),
    Column("service_refund", BigInteger, nullable=False),
    instant("done_by"),
    Column("unpaid_price", BigInteger),
    CheckConstraint("service_refund >= 0", name="amount_not_negative"),
    Index("ix_booking_move_owing", "done_by", postgresql_where=text("service_refund > 0")),
)
"""Visits that were moved, by booking's word: what is due back by each move, and when it counts as done."""

refund = Table(
    "refund",
    metadata,
    id_column("id", primary_key=True),
    Column("payment_id", Uuid(as_uuid=False), ForeignKey("payment.id"), nullable=False),
    Column("request_key", String, nullable=False),
    Column("cause", String),
    Column("service_amount", BigInteger, nullable=False),
    Column("tip_amount", BigInteger, nullable=False),
    Column("status", String, nullable=False),
    set_at("created_at"),
    Column("commission_returned", BigInteger, nullable=False, server_default="0"),
    Column("attempt", Integer, nullable=False, server_default="1"),
    Column("provider_refund_id", String, unique=True),
    Column("failure_code", String),
    set_at("updated_at"),
    Column("reverses_transfer", Boolean, nullable=False, server_default=text("true")),
    Column("reason", String),
    id_column("requested_by", nullable=True),
    UniqueConstraint("payment_id", "request_key"),
    CheckConstraint(
        "status IN ('blocked', 'claimed', 'covered', 'due', 'failed', 'pending', 'succeeded')", name="status"
    ),
    CheckConstraint(
        "status NOT IN ('pending', 'succeeded') OR provider_refund_id IS NOT NULL", name="accepted_has_id"
    ),
    CheckConstraint(
        "commission_returned >= 0 AND commission_returned <= service_amount", name="commission_not_negative"
    ),
    CheckConstraint("attempt >= 1", name="attempt_counts"),
    CheckConstraint("service_amount >= 0 AND tip_amount >= 0", name="amounts_not_negative"),
    CheckConstraint("service_amount + tip_amount > 0", name="something_is_due"),
    Index("ix_refund_on_its_way", "updated_at", postgresql_where=text("status IN ('claimed', 'pending')")),
    Index("ix_refund_status_id", "status", text("id DESC")),
    Index("ix_refund_open", "status", "created_at", postgresql_where=text("status <> 'succeeded'")),
)
"""Money that is owed to a customer or went back. `request_key` says what it is owed for, once each;
the amounts are never changed."""

"""The table of what providers may keep of payments."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Uuid,
    text,
)

from services.payment.domain.shares import ShareState
from services.payment.store.columns import id_column, instant, metadata

_STATES = ", ".join(f"'{state.value}'" for state in sorted(ShareState))

provider_share = Table(
    "provider_share",
    metadata,
    Column("payment_id", Uuid(as_uuid=False), ForeignKey("payment.id"), primary_key=True),
    id_column("provider_id"),
    Column("currency", String(3), nullable=False),
    Column("state", String, nullable=False),
    instant("over_at"),
    Column("released_amount", BigInteger),
    Column("is_due", Boolean, nullable=False, server_default=text("false")),
    instant("updated_at"),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    CheckConstraint("(state = 'waiting') = (released_amount IS NULL)", name="released_is_told"),
    CheckConstraint("state <> 'waiting' OR NOT is_due", name="waiting_is_not_due"),
    Index("ix_provider_share_waiting", "over_at", postgresql_where=text("state = 'waiting'")),
    Index(
        "ix_provider_share_due",
        "provider_id",
        "currency",
        "payment_id",
        postgresql_where=text("is_due"),
    ),
)
"""A row for each payment whose visit is over; without one the visit is ahead, or was called off."""

"""The tables of notify. Migrations make them; tests hold both equal."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from shared.database.schema import metadata as new_metadata
from shared.messages.tables import inbox_table, outbox_table, relay_lease_table

metadata = new_metadata()
outbox_table(metadata)
inbox_table(metadata)
relay_lease_table(metadata)

# A copy of gateway's accounts: `version` is that of its event.
account = Table(
    "account",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("active", Boolean, nullable=False),
)

membership = Table(
    "membership",
    metadata,
    Column("account_id", Uuid(as_uuid=False), ForeignKey("account.id"), nullable=False),
    Column("provider_id", Uuid(as_uuid=False), nullable=False),
    PrimaryKeyConstraint("account_id", "provider_id"),
    Index("ix_membership_provider_id", "provider_id"),
)

# No foreign key to account: a customer's booking may be heard of before the customer.
notification = Table(
    "notification",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("event_id", Uuid(as_uuid=False), nullable=False),
    Column("person_id", Uuid(as_uuid=False), nullable=False),
    Column("kind", String, nullable=False),
    Column("booking_id", Uuid(as_uuid=False), nullable=False),
    Column("provider_id", Uuid(as_uuid=False), nullable=False),
    Column("text_en", Text, nullable=False),
    Column("text_ar", Text, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("read_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("event_id", "person_id"),
    CheckConstraint(
        "kind IN ('booking_held', 'booking_confirmed', 'booking_cancelled', 'booking_expired')", name="kind"
    ),
    Index("ix_notification_newest", "person_id", "created_at", "id"),
    Index("ix_notification_unread", "person_id", postgresql_where="read_at IS NULL"),
)

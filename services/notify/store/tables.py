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
from sqlalchemy.dialects.postgresql import JSONB

from services.notify.domain.visit import Kind
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

# The newest state of each booking, for sentences about events that say only which booking it is.
visit = Table(
    "visit",
    metadata,
    Column("booking_id", Uuid(as_uuid=False), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("facts", JSONB, nullable=False),
)

_KINDS = ", ".join(f"'{kind}'" for kind in Kind)

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
    CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
    Index("ix_notification_newest", "person_id", "created_at", "id"),
    Index("ix_notification_unread", "person_id", postgresql_where="read_at IS NULL"),
)

"""Tables of the gateway's database: accounts, memberships, sign-in sessions, messages."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)

from shared.database import schema
from shared.messages import tables as messages

metadata = schema.metadata()

account = Table(
    "account",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text),
    Column("locale", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("token_version", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)
"""A person who can sign in. `email` is normalised; `version` is that of the account's events."""

membership = Table(
    "membership",
    metadata,
    Column("account_id", Uuid(as_uuid=False), ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("provider_id", Uuid(as_uuid=False), primary_key=True),
    Column("role", Text, nullable=False),
    Column("staff_id", Uuid(as_uuid=False)),
    Index(None, "provider_id"),
)
"""The account acts for this provider, as its owner or as a member of its staff."""

session = Table(
    "session",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("account_id", Uuid(as_uuid=False), ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("end_reason", Text),
    Index(None, "account_id"),
    Index(None, "expires_at"),
)
"""One sign-in: the family of all refresh tokens that came from it."""

refresh_token = Table(
    "refresh_token",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("session_id", Uuid(as_uuid=False), ForeignKey("session.id", ondelete="CASCADE"), nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
    Index(None, "session_id"),
    Index(None, "expires_at"),
)
"""A refresh token by its SHA-256. A used one is kept: seeing it again ends its session."""

calendar_feed = Table(
    "calendar_feed",
    metadata,
    Column("account_id", Uuid(as_uuid=False), ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("read_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index(None, "expires_at"),
)
"""The private address of an account's calendar by the SHA-256 of its token; whoever has it reads."""

outbox = messages.outbox_table(metadata)
inbox = messages.inbox_table(metadata)
relay_lease = messages.relay_lease_table(metadata)

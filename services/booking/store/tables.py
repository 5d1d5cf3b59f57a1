"""The tables of booking. Migrations make them; tests hold both equal."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from services.booking.domain.states import State
from shared.database.idempotency import idempotency_table
from shared.database.schema import metadata as new_metadata
from shared.messages.tables import inbox_table, outbox_table, relay_lease_table

metadata = new_metadata()
outbox_table(metadata)
inbox_table(metadata)
relay_lease_table(metadata)
idempotency_table(metadata)


def _id(name: str, *keys: ForeignKey, primary_key: bool = False, nullable: bool = True) -> Column[str]:
    return Column(name, Uuid(as_uuid=False), *keys, primary_key=primary_key, nullable=nullable)


# Catalogue copies: `version` is that of search's event; 0: imported before any event came.
provider = Table(
    "provider",
    metadata,
    _id("id", primary_key=True, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("time_zone", String, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
)

# No foreign key to provider: the service's event may come first.
service = Table(
    "service",
    metadata,
    _id("id", primary_key=True, nullable=False),
    _id("provider_id", nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("name", JSONB, nullable=False),
    Column("duration_minutes", Integer, nullable=False),
    Column("price_amount", BigInteger, nullable=False),
    Column("price_currency", String, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    CheckConstraint("duration_minutes BETWEEN 5 AND 1440", name="duration_minutes"),
)

# Without a row here, a provider has the domain's defaults.
calendar = Table(
    "calendar",
    metadata,
    _id("provider_id", primary_key=True, nullable=False),
    Column("slot_step_minutes", SmallInteger, nullable=False),
    Column("minimum_notice_minutes", Integer, nullable=False),
    Column("window_days", SmallInteger, nullable=False),
    Column("buffer_before_minutes", SmallInteger, nullable=False),
    Column("buffer_after_minutes", SmallInteger, nullable=False),
    Column("import_digest", String),
    CheckConstraint("slot_step_minutes > 0 AND 1440 % slot_step_minutes = 0", name="slot_step_minutes"),
    CheckConstraint("minimum_notice_minutes >= 0", name="minimum_notice_minutes"),
    CheckConstraint("window_days BETWEEN 0 AND 730", name="window_days"),
    CheckConstraint(
        "buffer_before_minutes BETWEEN 0 AND 720 AND buffer_after_minutes BETWEEN 0 AND 720", name="buffers"
    ),
)

# Minutes of local wall time after midnight of an ISO weekday; `closes` may pass midnight.
opening_hours = Table(
    "opening_hours",
    metadata,
    _id("provider_id", nullable=False),
    Column("weekday", SmallInteger, nullable=False),
    Column("opens", SmallInteger, nullable=False),
    Column("closes", SmallInteger, nullable=False),
    PrimaryKeyConstraint("provider_id", "weekday", "opens"),
    CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
    CheckConstraint("opens BETWEEN 0 AND 1439 AND closes > opens AND closes <= 2880", name="window"),
)

# A member of staff is the resource that a booking occupies.
staff = Table(
    "staff",
    metadata,
    _id("id", primary_key=True, nullable=False),
    _id("provider_id", nullable=False),
    Column("name", JSONB, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("all_services", Boolean, nullable=False),
    Index("ix_staff_provider_id", "provider_id"),
)

staff_service = Table(
    "staff_service",
    metadata,
    _id("staff_id", ForeignKey("staff.id"), nullable=False),
    _id("service_id", nullable=False),
    PrimaryKeyConstraint("staff_id", "service_id"),
)

time_off = Table(
    "time_off",
    metadata,
    _id("id", primary_key=True, nullable=False),
    _id("provider_id", nullable=False),
    _id("staff_id", ForeignKey("staff.id")),
    Column("period", TSTZRANGE, nullable=False),
    Column("reason", String, nullable=False),
    CheckConstraint("NOT isempty(period) AND NOT lower_inf(period) AND NOT upper_inf(period)", name="period"),
    Index("ix_time_off_provider_id", "provider_id"),
)

refund_policy = Table(
    "refund_policy",
    metadata,
    _id("id", primary_key=True, nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False, unique=True),
    Column("tiers", JSONB, nullable=False),
)

_STATES = ", ".join(f"'{state}'" for state in State)

booking = Table(
    "booking",
    metadata,
    _id("id", primary_key=True, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("pending_for", String),
    _id("customer_id", nullable=False),
    _id("provider_id", nullable=False),
    _id("service_id", nullable=False),
    _id("staff_id", ForeignKey("staff.id"), nullable=False),
    Column("service_name", JSONB, nullable=False),
    Column("visit", TSTZRANGE, nullable=False),
    Column("blocked", TSTZRANGE, nullable=False),
    # What was agreed: when the zone data changes, bookings whose local time moved are found by it.
    Column("time_zone", String, nullable=False),
    Column("local_start", DateTime(timezone=False), nullable=False),
    Column("utc_offset", String, nullable=False),
    Column("quote", JSONB, nullable=False),
    Column("notes", Text),
    Column("hold_ends_at", DateTime(timezone=True)),
    Column("hold_prolonged", Boolean, nullable=False),
    Column("processing_until", DateTime(timezone=True)),
    # A digest of the address that holds the slot; gone with the hold.
    Column("held_from", String),
    _id("payment_id"),
    Column("paid_service", BigInteger),
    Column("paid_tip", BigInteger),
    Column("cancel_cause", String),
    Column("refund", JSONB),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    CheckConstraint("pending_for IN ('payment', 'provider')", name="pending_for"),
    CheckConstraint("(state = 'pending') = (hold_ends_at IS NOT NULL)", name="hold"),
    CheckConstraint("NOT isempty(visit) AND visit <@ blocked", name="visit"),
    Index("ix_booking_customer_id", "customer_id", "created_at", "id"),
    Index(
        "ix_booking_hold_end",
        func.greatest(text("hold_ends_at"), text("processing_until")),
        postgresql_where=text("state = 'pending'"),
    ),
    Index("ix_booking_provider_visit", "provider_id", func.lower(text("visit"))),
    Index("ix_booking_live_customer", "customer_id", postgresql_where=text("state = 'pending'")),
    Index("ix_booking_live_address", "held_from", postgresql_where=text("state = 'pending'")),
)

NO_OVERLAP = "allocation_no_overlap"

# A row exists exactly while the booking occupies the resource (promise C2).
allocation = Table(
    "allocation",
    metadata,
    _id("id", primary_key=True, nullable=False),
    _id("booking_id", ForeignKey("booking.id"), nullable=False),
    _id("resource_id", ForeignKey("staff.id"), nullable=False),
    Column("blocked", TSTZRANGE, nullable=False),
    CheckConstraint("NOT isempty(blocked)", name="not_empty"),
    CheckConstraint("NOT lower_inf(blocked) AND NOT upper_inf(blocked)", name="finite"),
    CheckConstraint("lower_inc(blocked) AND NOT upper_inc(blocked)", name="half_open"),
    CheckConstraint("upper(blocked) - lower(blocked) <= interval '48 hours'", name="length"),
    ExcludeConstraint(("resource_id", "="), ("blocked", "&&"), using="gist", name=NO_OVERLAP),
    Index("ix_allocation_booking_id", "booking_id"),
)

booking_history = Table(
    "booking_history",
    metadata,
    _id("booking_id", ForeignKey("booking.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("from_state", String),
    Column("to_state", String, nullable=False),
    Column("actor", String, nullable=False),
    _id("actor_id"),
    Column("reason", String, nullable=False),
    Column("note", Text),
    Column("at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("booking_id", "version"),
)

# What payment last reported about each of its payments; a higher version replaces.
payment_copy = Table(
    "payment_copy",
    metadata,
    _id("payment_id", primary_key=True, nullable=False),
    _id("booking_id", nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("status", String, nullable=False),
    # Given back so far, in minor units; the version is that of the report which says so.
    Column("refund_version", BigInteger, nullable=False, server_default="0"),
    Column("refunded_service", BigInteger, nullable=False, server_default="0"),
    Column("refunded_tip", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("refunded_service >= 0 AND refunded_tip >= 0", name="refunded"),
    Index("ix_payment_copy_in_work", "booking_id", postgresql_where=text("status = 'processing'")),
)

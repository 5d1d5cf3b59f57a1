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
    Interval,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from services.booking.domain.states import State
from services.booking.store.care_tables import care, presence
from services.booking.store.catalogue_tables import provider, service
from services.booking.store.identity import metadata
from services.booking.store.identity import uuid_column as _id
from services.booking.store.payment_tables import payment_copy
from services.booking.store.series_tables import series, series_instance
from services.booking.store.session_tables import left_seat
from services.booking.store.supply_tables import (
    calendar,
    date_hours,
    opening_hours,
    resource,
    resource_pool,
    resource_unit,
    service_need,
    service_rules,
    staff,
    staff_service,
    supply_history,
    time_off,
    working_hours,
)
from services.booking.store.waitlist_tables import waitlist_call, waitlist_entry
from shared.database.idempotency import idempotency_table
from shared.messages.tables import inbox_table, outbox_table, relay_lease_table

__all__ = [
    "allocation",
    "booking",
    "booking_history",
    "calendar",
    "care",
    "date_hours",
    "further_resource",
    "left_seat",
    "metadata",
    "opening_hours",
    "payment_copy",
    "presence",
    "provider",
    "refund_policy",
    "resource",
    "resource_pool",
    "resource_unit",
    "series",
    "series_instance",
    "service",
    "service_need",
    "service_rules",
    "staff",
    "staff_service",
    "supply_history",
    "time_off",
    "waitlist_call",
    "waitlist_entry",
    "working_hours",
]

outbox_table(metadata)
inbox_table(metadata)
relay_lease_table(metadata)
idempotency_table(metadata)


refund_policy = Table(
    "refund_policy",
    metadata,
    _id("id", primary_key=True, nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False, unique=True),
    Column("tiers", JSONB, nullable=False),
    Column("most_moves", SmallInteger, nullable=False, server_default="3"),
    CheckConstraint("most_moves BETWEEN 0 AND 100", name="most_moves"),
    Column("no_show_percent", SmallInteger, nullable=False, server_default="0"),
    CheckConstraint("no_show_percent BETWEEN 0 AND 100", name="no_show_percent"),
)

_START = text("lower(visit)")
_END = text("upper(visit)")
_TOOK_PLACE = text("state NOT IN ('cancelled', 'expired')")
_HELD_OR_AGREED = text("state IN ('pending', 'confirmed', 'in_progress')")
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
    Column("place", String, nullable=False, server_default="provider"),
    _id("series_id"),
    _id("waitlist_id"),
    # The visit that is given up for this one once it is paid.
    _id("replaces_id"),
    # A visit that several customers share: all of them name the same session, with so many seats.
    _id("session_id"),
    Column("seats", SmallInteger),
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
    # Its provider is asked first, and has so long to answer.
    Column("answer_hours", SmallInteger),
    # How often its customer has moved it, the least notice at any of these, and what its price fell by them.
    Column("moves", SmallInteger, nullable=False, server_default="0"),
    Column("least_notice", Interval),
    Column("price_reduction", BigInteger, nullable=False, server_default="0"),
    # Its provider said that nobody came: until when the customer may contest that, and what became of it.
    Column("contest_until", DateTime(timezone=True)),
    Column("contest", String),
    # Its customer may have another visit then.
    Column("may_overlap", Boolean, nullable=False, server_default=false()),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    CheckConstraint("place IN ('provider', 'customer', 'online')", name="place"),
    CheckConstraint("num_nulls(session_id, seats) IN (0, 2)", name="session"),
    CheckConstraint("pending_for IN ('payment', 'provider')", name="pending_for"),
    CheckConstraint("moves >= 0 AND price_reduction >= 0", name="moves"),
    CheckConstraint("answer_hours BETWEEN 1 AND 72", name="answer_hours"),
    CheckConstraint("state <> 'expired' OR payment_id IS NULL", name="unpaid"),
    CheckConstraint("contest IN ('open', 'stands', 'overturned')", name="contest"),
    CheckConstraint("(state = 'pending') = (hold_ends_at IS NOT NULL)", name="hold"),
    CheckConstraint("NOT isempty(visit) AND visit <@ blocked", name="visit"),
    Index("ix_booking_customer_id", "customer_id", "created_at", "id"),
    Index(
        "ix_booking_hold_end",
        func.greatest(text("hold_ends_at"), text("processing_until")),
        postgresql_where=text("state = 'pending'"),
    ),
    Index("ix_booking_series_id", "series_id", postgresql_where=text("series_id IS NOT NULL")),
    Index("ix_booking_provider_visit", "provider_id", _START),
    Index("ix_booking_customer_start", "customer_id", _START, postgresql_where=_HELD_OR_AGREED),
    Index("ix_booking_live_customer", "customer_id", postgresql_where=text("state = 'pending'")),
    Index("ix_booking_live_address", "held_from", postgresql_where=text("state = 'pending'")),
    Index("ix_booking_to_take_place", _END, postgresql_where=text("state IN ('confirmed', 'in_progress')")),
    Index("ix_booking_open_contest", "contest_until", "id", postgresql_where=text("contest = 'open'")),
    Index("ix_booking_staff_start", "staff_id", _START, postgresql_where=_TOOK_PLACE),
    Index("ix_booking_service_start", "service_id", _START, postgresql_where=_TOOK_PLACE),
)

# People, rooms and equipment that a booking occupies besides its `staff_id`.
further_resource = Table(
    "further_resource",
    metadata,
    _id("booking_id", ForeignKey("booking.id"), nullable=False),
    _id("resource_id", ForeignKey("resource.id"), nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("booking_id", "resource_id"),
    Index("ix_further_resource_resource_id", "resource_id", "starts_at"),
)

NO_OVERLAP = "allocation_no_overlap"

# A row exists exactly while the booking occupies the resource (promise C2). Customers who share a
# session occupy the same resources, each with a seat of its own (rule C10).
allocation = Table(
    "allocation",
    metadata,
    _id("id", primary_key=True, nullable=False),
    _id("booking_id", ForeignKey("booking.id"), nullable=False),
    _id("resource_id", ForeignKey("resource.id"), nullable=False),
    Column("blocked", TSTZRANGE, nullable=False),
    _id("session_id"),
    Column("seat", SmallInteger),
    Column("seats", SmallInteger),
    # Seconds of `blocked` that are the way from the home visit before, and to the one after.
    Column("travel_before", Integer, nullable=False, server_default="0"),
    Column("travel_after", Integer, nullable=False, server_default="0"),
    CheckConstraint("NOT isempty(blocked)", name="not_empty"),
    CheckConstraint("NOT lower_inf(blocked) AND NOT upper_inf(blocked)", name="finite"),
    CheckConstraint("lower_inc(blocked) AND NOT upper_inc(blocked)", name="half_open"),
    CheckConstraint("upper(blocked) - lower(blocked) <= interval '56 hours'", name="length"),
    CheckConstraint("num_nulls(session_id, seat, seats) IN (0, 3) AND seat BETWEEN 1 AND seats", name="seat"),
    ExcludeConstraint(
        ("resource_id", "="),
        ("blocked", "&&"),
        (text("coalesce(session_id, id)"), "<>"),
        using="gist",
        name=NO_OVERLAP,
    ),
    Index("ix_allocation_seat", "session_id", "resource_id", "seat", unique=True),
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
    # The booking as it was then (store/facts.py); null: written by a release that did not keep it.
    Column("facts", JSONB),
    PrimaryKeyConstraint("booking_id", "version"),
)

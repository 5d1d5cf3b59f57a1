"""The tables of what a provider has to give: rules, hours, people, rooms and equipment."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, ExcludeConstraint

from services.booking.store.identity import metadata
from services.booking.store.identity import uuid_column as _id

_NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
_STAFF = text(f"coalesce(staff_id, {_NOBODY})")
_SERVICE = text(f"coalesce(service_id, {_NOBODY})")
_MINUTES = text("int4range(coalesce(opens, 0), coalesce(closes, 2880))")
_WINDOW = "opens BETWEEN 0 AND 1439 AND closes > opens AND closes <= 2880"

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
    Column("holiday_country", String),
    Column("holiday_subdivision", String),
    # Empty: the time between home visits is not looked at.
    Column("travel_speed_kmh", SmallInteger),
    CheckConstraint("slot_step_minutes > 0 AND 1440 % slot_step_minutes = 0", name="slot_step_minutes"),
    CheckConstraint("minimum_notice_minutes >= 0", name="minimum_notice_minutes"),
    CheckConstraint("window_days BETWEEN 0 AND 730", name="window_days"),
    CheckConstraint(
        "buffer_before_minutes BETWEEN 0 AND 720 AND buffer_after_minutes BETWEEN 0 AND 720", name="buffers"
    ),
    CheckConstraint("travel_speed_kmh BETWEEN 1 AND 300", name="travel_speed_kmh"),
    CheckConstraint("holiday_country IS NOT NULL OR holiday_subdivision IS NULL", name="holidays"),
)

# Where a service has rules of its own; an empty column means the provider's.
service_rules = Table(
    "service_rules",
    metadata,
    _id("service_id", primary_key=True, nullable=False),
    _id("provider_id", nullable=False),
    Column("slot_step_minutes", SmallInteger),
    Column("minimum_notice_minutes", Integer),
    Column("window_days", SmallInteger),
    Column("buffer_before_minutes", SmallInteger),
    Column("buffer_after_minutes", SmallInteger),
    Column("capacity", SmallInteger, nullable=False),
    Column("staff_count", SmallInteger, nullable=False),
    Column("day_cap", SmallInteger),
    Column("week_cap", SmallInteger),
    Column("places", ARRAY(String), nullable=False),
    Column("acceptance", String, nullable=False, server_default="instant"),
    Column("answer_hours", SmallInteger, nullable=False, server_default="24"),
    CheckConstraint("slot_step_minutes > 0 AND 1440 % slot_step_minutes = 0", name="slot_step_minutes"),
    CheckConstraint("minimum_notice_minutes >= 0", name="minimum_notice_minutes"),
    CheckConstraint("window_days BETWEEN 0 AND 730", name="window_days"),
    CheckConstraint(
        "buffer_before_minutes BETWEEN 0 AND 720 AND buffer_after_minutes BETWEEN 0 AND 720", name="buffers"
    ),
    CheckConstraint("capacity BETWEEN 1 AND 100", name="capacity"),
    CheckConstraint("staff_count BETWEEN 1 AND 10", name="staff_count"),
    CheckConstraint("day_cap BETWEEN 1 AND 1000 AND week_cap BETWEEN 1 AND 7000", name="caps"),
    CheckConstraint(
        "cardinality(places) > 0 AND places <@ ARRAY['provider', 'customer', 'online']::varchar[]",
        name="places",
    ),
    CheckConstraint("acceptance IN ('instant', 'provider')", name="acceptance"),
    CheckConstraint("answer_hours BETWEEN 1 AND 72", name="answer_hours"),
    Index("ix_service_rules_provider_id", "provider_id"),
)

# The provider's own week. Minutes of local wall time after midnight; `closes` may pass midnight.
opening_hours = Table(
    "opening_hours",
    metadata,
    _id("provider_id", nullable=False),
    Column("weekday", SmallInteger, nullable=False),
    Column("opens", SmallInteger, nullable=False),
    Column("closes", SmallInteger, nullable=False),
    PrimaryKeyConstraint("provider_id", "weekday", "opens"),
    CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
    CheckConstraint(_WINDOW, name="window"),
    ExcludeConstraint(
        ("provider_id", "="),
        ("weekday", "="),
        (text("int4range(opens, closes)"), "&&"),
        using="gist",
        name="opening_hours_no_overlap",
    ),
)

# A member of staff is a resource that a booking occupies.
staff = Table(
    "staff",
    metadata,
    _id("id", primary_key=True, nullable=False),
    _id("provider_id", nullable=False),
    Column("name", JSONB, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("all_services", Boolean, nullable=False),
    Column("day_cap", SmallInteger),
    Column("week_cap", SmallInteger),
    CheckConstraint("day_cap BETWEEN 1 AND 100 AND week_cap BETWEEN 1 AND 700", name="caps"),
    Index("ix_staff_provider_id", "provider_id"),
)

staff_service = Table(
    "staff_service",
    metadata,
    _id("staff_id", ForeignKey("staff.id"), nullable=False),
    _id("service_id", nullable=False),
    PrimaryKeyConstraint("staff_id", "service_id"),
)

# The week of a person, of a service, or of a person for a service. One row without a window: none.
working_hours = Table(
    "working_hours",
    metadata,
    _id("id", primary_key=True, nullable=False),
    _id("provider_id", nullable=False),
    _id("staff_id", ForeignKey("staff.id")),
    _id("service_id"),
    Column("weekday", SmallInteger),
    Column("opens", SmallInteger),
    Column("closes", SmallInteger),
    CheckConstraint("staff_id IS NOT NULL OR service_id IS NOT NULL", name="scope"),
    CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
    CheckConstraint(_WINDOW, name="window"),
    CheckConstraint("num_nulls(weekday, opens, closes) IN (0, 3)", name="whole"),
    ExcludeConstraint(
        ("provider_id", "="),
        (_STAFF, "="),
        (_SERVICE, "="),
        (text("int4range(coalesce(weekday, 1), coalesce(weekday, 7), '[]')"), "&&"),
        (_MINUTES, "&&"),
        using="gist",
        name="working_hours_no_overlap",
    ),
    Index("ix_working_hours_provider_id", "provider_id"),
)

# What counts instead on one date, for everybody, a person or a service. Without a window: closed.
date_hours = Table(
    "date_hours",
    metadata,
    _id("id", primary_key=True, nullable=False),
    _id("provider_id", nullable=False),
    _id("staff_id", ForeignKey("staff.id")),
    _id("service_id"),
    Column("day", Date, nullable=False),
    Column("opens", SmallInteger),
    Column("closes", SmallInteger),
    CheckConstraint(_WINDOW, name="window"),
    CheckConstraint("num_nulls(opens, closes) IN (0, 2)", name="whole"),
    ExcludeConstraint(
        ("provider_id", "="),
        (_STAFF, "="),
        (_SERVICE, "="),
        ("day", "="),
        (_MINUTES, "&&"),
        using="gist",
        name="date_hours_no_overlap",
    ),
    Index("ix_date_hours_provider_id", "provider_id", "day"),
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
    Index("ix_time_off_provider_period", "provider_id", "period", postgresql_using="gist"),
)

# Who has changed what of a provider's supply, and why; may be added to and never changed.
supply_history = Table(
    "supply_history",
    metadata,
    _id("id", primary_key=True, nullable=False),
    _id("provider_id", nullable=False),
    Column("command", String, nullable=False),
    _id("changed_id"),
    Column("stranded", Integer, nullable=False),
    Column("actor", String, nullable=False),
    _id("actor_id", nullable=False),
    Column("reason", String),
    Column("at", DateTime(timezone=True), nullable=False),
    CheckConstraint("actor IN ('provider', 'admin')", name="actor"),
    CheckConstraint("actor <> 'admin' OR reason IS NOT NULL", name="reason"),
    Index("ix_supply_history_provider_id", "provider_id", "at"),
)

# Whatever an allocation can occupy: staff and units, kept by triggers on their tables.
resource = Table("resource", metadata, _id("id", primary_key=True, nullable=False))

# Rooms or equipment of one kind; its units are what is occupied.
resource_pool = Table(
    "resource_pool",
    metadata,
    _id("id", primary_key=True, nullable=False),
    _id("provider_id", nullable=False),
    Column("kind", String, nullable=False),
    Column("name", JSONB, nullable=False),
    Column("active", Boolean, nullable=False),
    CheckConstraint("kind IN ('room', 'equipment')", name="kind"),
    Index("ix_resource_pool_provider_id", "provider_id"),
)

resource_unit = Table(
    "resource_unit",
    metadata,
    _id("id", primary_key=True, nullable=False),
    _id("pool_id", ForeignKey("resource_pool.id"), nullable=False),
    Column("name", JSONB, nullable=False),
    Column("active", Boolean, nullable=False),
    Index("ix_resource_unit_pool_id", "pool_id"),
)

service_need = Table(
    "service_need",
    metadata,
    _id("service_id", ForeignKey("service_rules.service_id"), nullable=False),
    _id("pool_id", ForeignKey("resource_pool.id"), nullable=False),
    Column("count", SmallInteger, nullable=False),
    CheckConstraint("count BETWEEN 1 AND 20", name="count"),
    PrimaryKeyConstraint("service_id", "pool_id"),
)

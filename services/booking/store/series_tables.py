"""The tables of series: what a customer asked for, and what became of each instance."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Time,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.booking.store.identity import metadata
from services.booking.store.identity import uuid_column as _id

series = Table(
    "series",
    metadata,
    _id("id", primary_key=True, nullable=False),
    _id("customer_id", nullable=False),
    _id("provider_id", nullable=False),
    _id("service_id", nullable=False),
    # What every visit of it asks for besides its time, as create_booking reads it.
    Column("asks", JSONB, nullable=False),
    Column("rule", String, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("start_time", Time, nullable=False),
    # A digest of the address that books it; gone when the last instance is decided.
    Column("held_from", String),
    Column("kept_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("ix_series_customer_id", "customer_id", "created_at", "id"),
)

series_instance = Table(
    "series_instance",
    metadata,
    _id("series_id", ForeignKey("series.id"), nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("day", Date, nullable=False),
    # What is taken: as the rule says, or what the customer chose instead.
    Column("wanted_day", Date, nullable=False),
    Column("wanted_time", Time, nullable=False),
    Column("utc_offset", String),
    Column("outcome", String, nullable=False),
    Column("code", String),
    _id("booking_id", ForeignKey("booking.id")),
    PrimaryKeyConstraint("series_id", "position"),
    CheckConstraint("outcome IN ('open', 'booked', 'skipped', 'refused')", name="outcome"),
    CheckConstraint("(outcome = 'booked') = (booking_id IS NOT NULL)", name="booking"),
    Index("ix_series_instance_open", "series_id", postgresql_where=text("outcome = 'open'")),
)

"""The tables of waiting lists: who waits for what, where time got free, when new days were looked for."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Table,
    Time,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.booking.store.identity import metadata
from services.booking.store.identity import uuid_column as _id

_WAITING = text("state = 'waiting'")

# Offered or not is all that is kept here: what became of an offer stands with its booking.
waitlist_entry = Table(
    "waitlist_entry",
    metadata,
    _id("id", primary_key=True, nullable=False),
    _id("customer_id", nullable=False),
    _id("provider_id", nullable=False),
    _id("service_id", nullable=False),
    _id("staff_id"),
    Column("asks", JSONB, nullable=False),
    Column("day", Date, nullable=False),
    Column("from_time", Time),
    Column("to_time", Time),
    Column("state", String, nullable=False),
    _id("booking_id", ForeignKey("booking.id")),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("state IN ('waiting', 'offered', 'left', 'over')", name="state"),
    CheckConstraint("(state = 'offered') = (booking_id IS NOT NULL)", name="booking"),
    Index("ix_waitlist_entry_line", "provider_id", "created_at", "id", postgresql_where=_WAITING),
    Index("ix_waitlist_entry_day", "day", postgresql_where=_WAITING),
    Index("ix_waitlist_entry_customer_id", "customer_id", "created_at", "id"),
    Index(
        "ix_waitlist_entry_once",
        "customer_id",
        "provider_id",
        "service_id",
        "day",
        unique=True,
        postgresql_where=_WAITING,
    ),
)

# Written in the transaction that frees time, gone when nobody in the line can be offered any of it.
waitlist_call = Table(
    "waitlist_call",
    metadata,
    _id("id", primary_key=True, nullable=False),
    _id("provider_id", nullable=False),
    Column("first_day", Date),
    Column("last_day", Date),
    Column("at", DateTime(timezone=True), nullable=False),
)

# One row: until when the days that came into a booking window have called their lines.
waitlist_look = Table(
    "waitlist_look",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("looked_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("id = 1", name="one"),
)

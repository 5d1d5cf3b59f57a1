"""The tables of home visits: personal data, which is in no event, and can be erased without the booking."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.booking.store.identity import metadata
from services.booking.store.identity import uuid_column as _id

# A row where somebody else receives the care, where there is an address, or a note of the provider.
care = Table(
    "care",
    metadata,
    _id("booking_id", ForeignKey("booking.id"), primary_key=True, nullable=False),
    Column("recipient", JSONB),
    Column("address", JSONB),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("provider_notes", Text),
    CheckConstraint("num_nulls(address, latitude, longitude) IN (0, 3)", name="address"),
    CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="point"),
)

# That the carer came and went: once each; may be added to and never changed.
presence = Table(
    "presence",
    metadata,
    _id("booking_id", ForeignKey("booking.id"), nullable=False),
    Column("moment", String, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    _id("actor_id", nullable=False),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("accuracy_metres", Double),
    Column("distance_metres", Integer),
    PrimaryKeyConstraint("booking_id", "moment"),
    CheckConstraint("moment IN ('check_in', 'check_out')", name="moment"),
    CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="point"),
    CheckConstraint("num_nulls(latitude, longitude) IN (0, 2)", name="position"),
)

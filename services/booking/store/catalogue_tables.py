"""The tables of what booking copies from the catalogue."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, String, Table
from sqlalchemy.dialects.postgresql import JSONB

from services.booking.store.identity import metadata
from services.booking.store.identity import uuid_column as _id

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
    Index("ix_service_provider_id", "provider_id"),
)

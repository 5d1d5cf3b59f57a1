"""The tables of the commission and of what its lines are chosen by. Rules are only ever added."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from services.payment.store.columns import id_column, instant, metadata, set_at

commission_rule = Table(
    "commission_rule",
    metadata,
    id_column("id", primary_key=True),
    Column("rate", Numeric(6, 5), nullable=False),
    instant("valid_from"),
    Column("source", String, nullable=False),
    set_at("created_at"),
    Column("reason", String),
    id_column("proposed_by", nullable=True),
    Column("request_key", String),
    Column("fingerprint", String),
    UniqueConstraint("valid_from"),
    UniqueConstraint("proposed_by", "request_key"),
    CheckConstraint("rate >= 0 AND rate <= 1", name="rate"),
)
"""Versions of the commission; never updated. `rate` is for what no line matches. A payment keeps the id of
the version and of the line that it was computed by."""

commission_line = Table(
    "commission_line",
    metadata,
    id_column("id", primary_key=True),
    Column("rule_id", Uuid(as_uuid=False), ForeignKey("commission_rule.id"), nullable=False),
    id_column("provider_id", nullable=True),
    Column("category", String),
    Column("from_bookings", Integer, nullable=False),
    Column("rate", Numeric(6, 5), nullable=False),
    CheckConstraint("rate >= 0 AND rate <= 1", name="rate"),
    CheckConstraint("from_bookings >= 0", name="from_bookings_not_negative"),
    CheckConstraint(
        "provider_id IS NOT NULL OR category IS NOT NULL OR from_bookings > 0", name="names_something"
    ),
    Index(
        "uq_commission_line_one_of_its_names",
        "rule_id",
        text("COALESCE(provider_id::text, '')"),
        text("COALESCE(category, '')"),
        "from_bookings",
        unique=True,
    ),
)
"""Rates for some payments only. No two lines of a version name the same: which one counts is never open."""

catalogue_provider = Table(
    "catalogue_provider",
    metadata,
    id_column("provider_id", primary_key=True),
    Column("city", String, nullable=False),
    Column("version", BigInteger, nullable=False),
    instant("updated_at"),
)

catalogue_service = Table(
    "catalogue_service",
    metadata,
    id_column("service_id", primary_key=True),
    id_column("provider_id"),
    Column("category", String, nullable=False),
    Column("version", BigInteger, nullable=False),
    instant("updated_at"),
)
"""Payment's copy of what search publishes: what commission and figures are asked by."""

"""The tables of document numbers: how far each series has come, and what has which number."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from services.payment.domain.document_numbers import Series
from services.payment.store.columns import id_column, instant, metadata

_NAMES = ", ".join(f"'{one.value}'" for one in sorted(Series))
_SERIES = f"series IN ({_NAMES})"

number_series = Table(
    "number_series",
    metadata,
    Column("series", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("series", "year"),
    CheckConstraint(_SERIES, name="series"),
    CheckConstraint("last >= 1", name="last_counts"),
)
"""The last number that was given. Its row is locked from the number to the commit: whoever comes next waits,
and a transaction that is rolled back gives its number back."""

document = Table(
    "document",
    metadata,
    Column("series", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    id_column("subject_id"),
    Column("payment_id", Uuid(as_uuid=False), ForeignKey("payment.id"), nullable=False),
    instant("issued_at"),
    PrimaryKeyConstraint("series", "year", "number"),
    UniqueConstraint("series", "subject_id"),
    CheckConstraint(_SERIES, name="series"),
    CheckConstraint("number >= 1", name="number_counts"),
    Index("ix_document_payment_id", "payment_id"),
)
"""Never changed and never deleted. `subject_id`: the payment of an invoice, the refund of a credit note."""

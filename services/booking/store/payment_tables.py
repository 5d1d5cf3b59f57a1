"""The table of what payment has told about its payments."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, String, Table, text

from services.booking.store.identity import metadata
from services.booking.store.identity import uuid_column as _id

# What payment last reported about each of its payments; a higher version replaces.
payment_copy = Table(
    "payment_copy",
    metadata,
    _id("payment_id", primary_key=True, nullable=False),
    _id("booking_id", nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("status", String, nullable=False),
    # Given back so far, in minor units, and of the service because moved visits cost less; the version is
    # that of the report which says so.
    Column("refund_version", BigInteger, nullable=False, server_default="0"),
    Column("refunded_service", BigInteger, nullable=False, server_default="0"),
    Column("refunded_tip", BigInteger, nullable=False, server_default="0"),
    Column("refunded_for_moves", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("refunded_for_moves >= 0", name="refunded_for_moves"),
    CheckConstraint("refunded_service >= 0 AND refunded_tip >= 0", name="refunded"),
    Index("ix_payment_copy_in_work", "booking_id", postgresql_where=text("status = 'processing'")),
)

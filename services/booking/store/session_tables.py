"""The table of sessions that customers share; that there is one, and of which seats, say its bookings."""

from sqlalchemy import Column, ForeignKey, Integer, PrimaryKeyConstraint, Table

from services.booking.store.identity import metadata
from services.booking.store.identity import uuid_column as _id

# A booking that was in the session has gone to another, by this version of its own. A trigger writes it: what
# a calendar counts of a session may not fall by what has left it (rule T16).
left_seat = Table(
    "left_seat",
    metadata,
    _id("session_id", nullable=False),
    _id("booking_id", ForeignKey("booking.id"), nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("session_id", "booking_id", "version"),
)

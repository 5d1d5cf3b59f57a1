"""The table of the audit: what was asked of us by those who may override, and what came of it."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Table, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB

from services.gateway.accounts.store.tables import metadata

__all__ = ["audit_entry", "metadata"]

_ASKS = text("ask_id IS NULL")

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("ask_id", Uuid(as_uuid=False), ForeignKey("audit_entry.id")),
    Column("outcome", Text, nullable=False),
    Column("actor_id", Uuid(as_uuid=False), nullable=False),
    Column("client_address", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_kind", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("reason", Text),
    Column("content", JSONB, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False, server_default=func.app_now()),
    CheckConstraint("outcome IN ('asked', 'done', 'refused', 'unknown')", name="outcome"),
    CheckConstraint("(outcome = 'asked') = (ask_id IS NULL)", name="outcome_names_its_ask"),
    Index("uq_audit_entry_ask_id", "ask_id", unique=True, postgresql_where=text("ask_id IS NOT NULL")),
    Index("ix_audit_entry_written_at", "written_at", "id", postgresql_where=_ASKS),
    Index("ix_audit_entry_actor_id", "actor_id", "written_at", "id", postgresql_where=_ASKS),
    Index("ix_audit_entry_object_id", "object_id", "written_at", "id", postgresql_where=_ASKS),
    Index("ix_audit_entry_action", "action", "written_at", "id", postgresql_where=_ASKS),
)
"""Two rows for a command: the ask, committed before anything is sent, and its outcome. Rows are only ever
added: triggers refuse to change them, whoever tries."""

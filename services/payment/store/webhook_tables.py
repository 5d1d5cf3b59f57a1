"""The table of what payment providers told us by themselves."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, String, Table, text

from services.payment.domain.capabilities import PaymentProviderName
from services.payment.store.columns import instant, metadata, words

webhook_event = Table(
    "webhook_event",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("type", String, nullable=False),
    Column("object_id", String),
    Column("intent_id", String),
    Column("account", String),
    Column("livemode", Boolean, nullable=False),
    Column("api_version", String),
    instant("stated_at"),
    Column("outcome", String, nullable=False),
    instant("received_at"),
    instant("worked_at", nullable=True),
    Column("payment_provider", String, nullable=False, server_default="stripe"),
    CheckConstraint("outcome IN ('waiting', 'worked', 'kept')", name="outcome"),
    CheckConstraint(f"payment_provider IN ({words(PaymentProviderName)})", name="payment_provider"),
    Index("ix_webhook_event_received_at", "received_at"),
    Index("ix_webhook_event_outcome", "outcome", text("received_at DESC"), text("event_id DESC")),
)
"""Webhooks as signals. No payload: it holds client secrets and names, and is never believed anyway."""

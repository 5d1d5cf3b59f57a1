"""The tables of the daily closing. Rows are only ever added; a trigger refuses postings to a sealed day."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from services.payment.store.columns import instant, metadata, set_at

ledger_day = Table(
    "ledger_day",
    metadata,
    Column("day", Date, primary_key=True),
    instant("begins_at"),
    instant("ends_at"),
    Column("zone", String, nullable=False),
    set_at("sealed_at"),
    UniqueConstraint("ends_at"),
    CheckConstraint("begins_at < ends_at", name="is_a_time"),
)
"""Days of the operator to which nothing can be posted any more."""

ledger_closing = Table(
    "ledger_closing",
    metadata,
    Column("day", Date, ForeignKey("ledger_day.day"), nullable=False),
    Column("account", String, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("opening", BigInteger, nullable=False),
    Column("debits", BigInteger, nullable=False),
    Column("credits", BigInteger, nullable=False),
    Column("closing", BigInteger, nullable=False),
    Column("transactions", Integer, nullable=False),
    PrimaryKeyConstraint("account", "currency", "day"),
    CheckConstraint("closing = opening + debits - credits", name="adds_up"),
    CheckConstraint("debits >= 0 AND credits >= 0 AND transactions > 0", name="moved"),
    Index("ix_ledger_closing_day", "day"),
)
"""Balances of the accounts that moved on a day; an account that did not stands as it last closed."""

ledger_closing_day = Table(
    "ledger_closing_day",
    metadata,
    Column("day", Date, ForeignKey("ledger_day.day"), primary_key=True),
    Column("transactions", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("entries_digest", String, nullable=False),
    Column("balances_digest", String, nullable=False),
    Column("previous_digest", String, nullable=False),
    Column("digest", String, nullable=False),
    set_at("closed_at"),
)
"""A sealed day that was summed up, chained to the one before."""

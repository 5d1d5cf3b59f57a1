"""The tables of the ledger. Rows are only ever added; triggers refuse what does not sum to zero."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from services.payment.domain.chart_of_accounts import CHART
from services.payment.domain.postings import PostingKind
from services.payment.store.columns import id_column, instant, metadata


def _names(*, per_provider: bool) -> str:
    return "|".join(sorted(one.name for one in CHART if one.per_provider is per_provider))


_KINDS = ", ".join(f"'{kind.value}'" for kind in sorted(PostingKind))

ledger_transaction = Table(
    "ledger_transaction",
    metadata,
    id_column("id", primary_key=True),
    Column("payment_id", Uuid(as_uuid=False), ForeignKey("payment.id"), nullable=False),
    id_column("booking_id"),
    Column("kind", String, nullable=False),
    Column("fact", String, nullable=False),
    Column("reference", String),
    instant("posted_at"),
    UniqueConstraint("payment_id", "fact"),
    UniqueConstraint("kind", "reference"),
    CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
    Index("ix_ledger_transaction_booking_id", "booking_id"),
    Index("ix_ledger_transaction_posted_at", "posted_at"),
)
"""One fact of one payment, posted once. `reference` is the object at Stripe that proves it."""

ledger_entry = Table(
    "ledger_entry",
    metadata,
    id_column("id", primary_key=True),
    Column("transaction_id", Uuid(as_uuid=False), ForeignKey("ledger_transaction.id"), nullable=False),
    Column("account", String, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    instant("posted_at", nullable=True),
    Column("kind", String),
    id_column("payment_id", nullable=True),
    UniqueConstraint("transaction_id", "account", "currency"),
    CheckConstraint(
        f"account ~ '^({_names(per_provider=False)})$'"
        f" OR account ~ '^({_names(per_provider=True)}):[0-9a-f-]{{36}}$'",
        name="account",
    ),
    CheckConstraint("amount <> 0", name="amount_moves"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    Index(
        "ix_ledger_entry_account_posted_at",
        "account",
        "posted_at",
        "transaction_id",
        postgresql_include=["amount", "currency", "kind", "payment_id"],
    ),
)
"""Debits are positive, credits negative. Sums per transaction and currency are zero (deferred trigger).
`posted_at`, `kind` and `payment_id` are its transaction's: an account is read from its index alone."""

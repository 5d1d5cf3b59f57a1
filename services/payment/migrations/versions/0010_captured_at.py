"""When older payments were captured; what is asked by day and by a provider's month is found by an index."""

from alembic import op
from sqlalchemy import text

revision = "0010"
down_revision = "0009"

BATCH = 5000

CAPTURED_BEFORE = text("""
    UPDATE payment SET captured_at = found.posted_at
    FROM (
        SELECT payment.id, t.posted_at FROM payment
        JOIN ledger_transaction t ON t.payment_id = payment.id AND t.fact = 'captured'
        WHERE payment.captured_amount > 0 AND payment.captured_at IS NULL LIMIT :batch
    ) AS found WHERE payment.id = found.id
""")

INDEXES = {
    "ix_payment_provider_id_captured_at": "payment (provider_id, captured_at) WHERE captured_at IS NOT NULL",
    "ix_payment_captured_at": "payment (captured_at) WHERE captured_at IS NOT NULL",
    "ix_ledger_transaction_posted_at": "ledger_transaction (posted_at)",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE payment VALIDATE CONSTRAINT fk_payment_commission_line_id_commission_line")
        _fill()
        for name, definition in INDEXES.items():
            # What an attempt that was cut off has left is not valid.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {definition}")


def _fill() -> None:
    """Each time in a transaction of its own, so that nobody waits long for a payment."""
    while op.get_bind().execute(CAPTURED_BEFORE, {"batch": BATCH}).rowcount:
        continue


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")

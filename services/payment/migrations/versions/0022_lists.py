"""What administrators list is found in its order: refunds of a status, open disputes."""

from alembic import op

revision = "0022"
down_revision = "0021"

INDEXES = {
    "ix_refund_status_id": "refund (status, id DESC)",
    "ix_dispute_open_opened_at": "dispute (opened_at DESC, id DESC) WHERE closed_at IS NULL",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, what in INDEXES.items():
            # What an attempt that was cut off has left is not valid.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {what}")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")

"""Moves that owe something are found by when the visit counts as done, however many moves there were."""

from alembic import op

revision = "0025"
down_revision = "0024"

INDEX = "ix_booking_move_owing"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # What an attempt that was cut off has left is not valid.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(f"CREATE INDEX CONCURRENTLY {INDEX} ON booking_move (done_by) WHERE service_refund > 0")


def downgrade() -> None:
    op.execute(f"DROP INDEX {INDEX}")

"""Whether a visit's customer may have another then, and the index that finds it."""

from alembic import op

revision = "0023"
down_revision = "0022"

INDEX = "ix_booking_customer_start"


def upgrade() -> None:
    # Kept when the index is cut off, and then tried again.
    op.execute("ALTER TABLE booking ADD COLUMN IF NOT EXISTS may_overlap boolean NOT NULL DEFAULT false")
    with op.get_context().autocommit_block():
        # What an attempt that was cut off has left is not valid.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY {INDEX} ON booking (customer_id, lower(visit)) "
            "WHERE state IN ('pending', 'confirmed', 'in_progress')"
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
    op.execute("ALTER TABLE booking DROP COLUMN may_overlap")

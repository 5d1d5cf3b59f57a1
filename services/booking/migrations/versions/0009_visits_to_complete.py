"""Finds the visits that are over and not completed, made while bookings go on being written."""

from alembic import op

revision = "0009"
down_revision = "0008"

NAME = "ix_booking_to_take_place"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # What an attempt that was cut off has left is not valid.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY {NAME} ON booking (upper(visit)) "
            "WHERE state IN ('confirmed', 'in_progress')"
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")

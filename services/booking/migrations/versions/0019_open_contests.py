"""Finds the contested no-shows that nobody has decided, made while bookings go on being written."""

from alembic import op

revision = "0019"
down_revision = "0018"

NAME = "ix_booking_open_contest"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # What an attempt that was cut off has left is not valid.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")
        op.execute(f"CREATE INDEX CONCURRENTLY {NAME} ON booking (contest_until, id) WHERE contest = 'open'")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")

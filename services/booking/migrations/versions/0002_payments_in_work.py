"""Finds the payments of a booking that are in work, however many payments there were."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_payment_copy_in_work ON payment_copy (booking_id) WHERE status = 'processing'"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_payment_copy_in_work")

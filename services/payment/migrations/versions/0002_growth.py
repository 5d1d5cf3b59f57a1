"""What grows is found by an index: a booking's payments, and the jobs that are done and may go."""

from alembic import op

from shared.messages.tables import job_done_index_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_payment_booking_id ON payment (booking_id)")
    op.execute(job_done_index_sql())


def downgrade() -> None:
    op.execute("DROP INDEX ix_job_done")
    op.execute("DROP INDEX ix_payment_booking_id")

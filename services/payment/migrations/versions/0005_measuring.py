"""What the metrics count is found by an index: refunds that are not done, jobs that were parked."""

from alembic import op

from shared.messages.tables import job_parked_index_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_refund_open ON refund (status, created_at) WHERE status <> 'succeeded'")
    op.execute(job_parked_index_sql())


def downgrade() -> None:
    op.execute("DROP INDEX ix_job_parked")
    op.execute("DROP INDEX ix_refund_open")

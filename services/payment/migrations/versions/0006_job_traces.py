"""Jobs keep the trace context of who enqueued them."""

from alembic import op

from shared.messages.tables import job_trace_column_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(job_trace_column_sql())


def downgrade() -> None:
    op.execute("ALTER TABLE job DROP COLUMN trace")

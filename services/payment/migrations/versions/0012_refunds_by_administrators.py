"""Refunds that administrators ask for or decide about; answers of their commands by key."""

from alembic import op

from shared.database import repeating, schema
from shared.database.idempotency import table_sql

revision = "0012"
down_revision = "0011"

SERVICE = "payment"
STATES = "'claimed', 'due', 'failed', 'pending', 'succeeded'"
REFUNDS = [
    "ALTER TABLE refund ADD COLUMN reverses_transfer boolean DEFAULT true NOT NULL, "
    "ADD COLUMN reason varchar, ADD COLUMN requested_by uuid",
    f"GRANT UPDATE (reverses_transfer) ON refund TO {schema.app_role(SERVICE)}",
]


def upgrade() -> None:
    if not repeating.is_there("idempotency"):
        for statement in [*table_sql(SERVICE), *REFUNDS]:
            op.execute(statement)
    _allow(f"'blocked', {STATES}")


def downgrade() -> None:
    op.execute("UPDATE refund SET status = 'failed' WHERE status = 'blocked'")
    _allow(STATES)
    op.execute(
        "ALTER TABLE refund DROP COLUMN reverses_transfer, DROP COLUMN reason, DROP COLUMN requested_by"
    )
    op.execute("DROP TABLE idempotency")


def _allow(states: str) -> None:
    """The table is read by VALIDATE after its lock is given back, while others write."""
    op.execute(
        "ALTER TABLE refund DROP CONSTRAINT ck_refund_status, "
        f"ADD CONSTRAINT ck_refund_status CHECK (status IN ({states})) NOT VALID"
    )
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE refund VALIDATE CONSTRAINT ck_refund_status")

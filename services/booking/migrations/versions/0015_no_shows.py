"""Visits that their customers missed: what the policy gives back then, and who contests it."""

from alembic import op

from shared.database import repeating

revision = "0015"
down_revision = "0014"


ADD = [
    """
    ALTER TABLE refund_policy ADD COLUMN no_show_percent smallint NOT NULL DEFAULT 0
        CONSTRAINT ck_refund_policy_no_show_percent CHECK (no_show_percent BETWEEN 0 AND 100)
    """,
    "ALTER TABLE booking ADD COLUMN contest_until timestamptz, ADD COLUMN contest varchar",
    """
    ALTER TABLE booking ADD CONSTRAINT ck_booking_contest
        CHECK (contest IN ('open', 'stands', 'overturned')) NOT VALID
    """,
]


def upgrade() -> None:
    if not repeating.is_there("booking", "contest"):
        for statement in ADD:
            op.execute(statement)
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE booking VALIDATE CONSTRAINT ck_booking_contest")


def downgrade() -> None:
    op.execute("ALTER TABLE booking DROP COLUMN contest_until, DROP COLUMN contest")
    op.execute("ALTER TABLE refund_policy DROP COLUMN no_show_percent")

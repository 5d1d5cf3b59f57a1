"""Visits that are given up for another once it is paid: how one is moved to a time that costs more."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.execute("ALTER TABLE booking ADD COLUMN replaces_id uuid")


def downgrade() -> None:
    op.execute("ALTER TABLE booking DROP COLUMN replaces_id")

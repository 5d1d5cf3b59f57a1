"""What a booking was after each change; of changes before it is not known."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE booking_history ADD COLUMN facts jsonb")


def downgrade() -> None:
    op.execute("ALTER TABLE booking_history DROP COLUMN facts")

"""What a visit costs that was moved before it was paid: a payment of before that takes more owes the rest."""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.execute("ALTER TABLE booking_move ADD COLUMN unpaid_price bigint")


def downgrade() -> None:
    op.execute("ALTER TABLE booking_move DROP COLUMN unpaid_price")

"""A provider's visits of some weeks are found by an index, however many there were before."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_booking_provider_visit ON booking (provider_id, lower(visit))")


def downgrade() -> None:
    op.execute("DROP INDEX ix_booking_provider_visit")

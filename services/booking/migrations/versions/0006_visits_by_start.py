"""Finds services and visits by whose they are, made while bookings go on being written."""

from alembic import op

revision = "0006"
down_revision = "0005"

INDEXES = {
    "ix_service_provider_id": "service (provider_id)",
    "ix_booking_staff_start": "booking (staff_id, lower(visit)) WHERE state NOT IN ('cancelled', 'expired')",
    "ix_booking_service_start": (
        "booking (service_id, lower(visit)) WHERE state NOT IN ('cancelled', 'expired')"
    ),
    "ix_booking_provider_visit": "booking (provider_id, lower(visit))",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, definition in INDEXES.items():
            # What an attempt that was cut off has left is not valid.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {definition}")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")

"""Entries about refunds, and the copy of bookings that their sentences need."""

from alembic import op

from shared.database import schema

revision = "0002"
down_revision = "0001"

SERVICE = "notify"
KINDS = (
    "'booking_held', 'booking_confirmed', 'booking_cancelled', 'booking_expired', "
    "'payment_refunded', 'payment_refund_failed'"
)


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE visit (
            booking_id uuid NOT NULL CONSTRAINT pk_visit PRIMARY KEY,
            version bigint NOT NULL,
            facts jsonb NOT NULL
        )
        """
    )
    for statement in schema.grants_sql(SERVICE, [("visit", "SELECT, INSERT, UPDATE")]):
        op.execute(statement)
    op.execute("ALTER TABLE notification DROP CONSTRAINT ck_notification_kind")
    op.execute(
        f"ALTER TABLE notification ADD CONSTRAINT ck_notification_kind CHECK (kind IN ({KINDS})) NOT VALID"
    )
    # Validated apart: it reads the whole table and lets others write meanwhile.
    op.execute("ALTER TABLE notification VALIDATE CONSTRAINT ck_notification_kind")


def downgrade() -> None:
    op.execute("DROP TABLE visit")

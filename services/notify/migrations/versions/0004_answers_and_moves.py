"""Entries about paid visits that wait for their provider's answer, and about visits that were moved."""

from alembic import op

revision = "0004"
down_revision = "0003"

OLD = (
    "'booking_held', 'booking_confirmed', 'booking_cancelled', 'booking_expired', "
    "'payment_refunded', 'payment_refund_failed', 'payment_captured'"
)
NEW = f"{OLD}, 'booking_answer_due', 'booking_rescheduled'"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE notification DROP CONSTRAINT ck_notification_kind, "
        f"ADD CONSTRAINT ck_notification_kind CHECK (kind IN ({NEW})) NOT VALID"
    )
    # A transaction of its own: it reads the whole table, and others write meanwhile.
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE notification VALIDATE CONSTRAINT ck_notification_kind")


def downgrade() -> None:
    op.execute("DELETE FROM notification WHERE kind IN ('booking_answer_due', 'booking_rescheduled')")
    op.execute("ALTER TABLE notification DROP CONSTRAINT ck_notification_kind")
    op.execute(f"ALTER TABLE notification ADD CONSTRAINT ck_notification_kind CHECK (kind IN ({OLD}))")

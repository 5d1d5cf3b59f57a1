"""Entries about visits of a series that are to be paid."""

from alembic import op

revision = "0006"
down_revision = "0005"

OLD = (
    "'booking_held', 'booking_confirmed', 'booking_cancelled', 'booking_expired', "
    "'payment_refunded', 'payment_refund_failed', 'payment_captured', "
    "'booking_answer_due', 'booking_rescheduled', "
    "'booking_no_show', 'booking_contested', 'booking_no_show_stands'"
)
ADDED = "'booking_payment_due'"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE notification DROP CONSTRAINT ck_notification_kind, "
        f"ADD CONSTRAINT ck_notification_kind CHECK (kind IN ({OLD}, {ADDED})) NOT VALID"
    )
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE notification VALIDATE CONSTRAINT ck_notification_kind")


def downgrade() -> None:
    op.execute(f"DELETE FROM notification WHERE kind IN ({ADDED})")
    op.execute(
        "ALTER TABLE notification DROP CONSTRAINT ck_notification_kind, "
        f"ADD CONSTRAINT ck_notification_kind CHECK (kind IN ({OLD}))"
    )

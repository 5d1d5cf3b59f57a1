"""Entries about what was taken of a hold for a cancelled visit."""

from alembic import op

revision = "0003"
down_revision = "0002"

OLD = (
    "'booking_held', 'booking_confirmed', 'booking_cancelled', 'booking_expired', "
    "'payment_refunded', 'payment_refund_failed'"
)
NEW = f"{OLD}, 'payment_captured'"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE notification DROP CONSTRAINT ck_notification_kind, "
        f"ADD CONSTRAINT ck_notification_kind CHECK (kind IN ({NEW})) NOT VALID"
    )
    # A transaction of its own: it reads the whole table, and others read and write meanwhile.
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE notification VALIDATE CONSTRAINT ck_notification_kind")


def downgrade() -> None:
    op.execute("DELETE FROM notification WHERE kind = 'payment_captured'")
    op.execute("ALTER TABLE notification DROP CONSTRAINT ck_notification_kind")
    op.execute(f"ALTER TABLE notification ADD CONSTRAINT ck_notification_kind CHECK (kind IN ({OLD}))")

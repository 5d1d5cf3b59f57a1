"""What payment has given back of each payment so far; what is due when a booking is cancelled counts it."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE payment_copy
            ADD COLUMN refund_version bigint NOT NULL DEFAULT 0,
            ADD COLUMN refunded_service bigint NOT NULL DEFAULT 0,
            ADD COLUMN refunded_tip bigint NOT NULL DEFAULT 0,
            ADD CONSTRAINT ck_payment_copy_refunded CHECK (refunded_service >= 0 AND refunded_tip >= 0)
        """
    )


def downgrade() -> None:
    op.execute(
        """
        ALTER TABLE payment_copy
            DROP COLUMN refund_version, DROP COLUMN refunded_service, DROP COLUMN refunded_tip
        """
    )

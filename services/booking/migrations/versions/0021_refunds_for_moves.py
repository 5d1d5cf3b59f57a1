"""What payment has given back of each payment because a moved visit costs less: no part of other refunds."""

from alembic import op

from shared.database import repeating

revision = "0021"
down_revision = "0020"

ADD = """
    ALTER TABLE payment_copy
        ADD COLUMN refunded_for_moves bigint NOT NULL DEFAULT 0,
        ADD CONSTRAINT ck_payment_copy_refunded_for_moves CHECK (refunded_for_moves >= 0) NOT VALID
"""
VALIDATE = "ALTER TABLE payment_copy VALIDATE CONSTRAINT ck_payment_copy_refunded_for_moves"


def upgrade() -> None:
    if not repeating.is_there("payment_copy", "refunded_for_moves"):
        op.execute(ADD)
    with op.get_context().autocommit_block():
        op.execute(VALIDATE)


def downgrade() -> None:
    op.execute("ALTER TABLE payment_copy DROP COLUMN refunded_for_moves")

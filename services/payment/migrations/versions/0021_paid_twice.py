"""A payment that was dead and is captured late may stand beside another that is live: it is given back."""

from alembic import op

from shared.database import repeating, schema

revision = "0021"
down_revision = "0020"

SERVICE = "payment"

BEFORE, AFTER = "uq_payment_one_live_per_booking", "uq_payment_one_that_pays_per_booking"
LIVE = "state NOT IN ('cancelled', 'failed', 'standin_lost')"


def upgrade() -> None:
    """The version that still serves marks no payment, so the new index refuses it what the old one did."""
    op.execute("ALTER TABLE payment ADD COLUMN IF NOT EXISTS paid_twice boolean NOT NULL DEFAULT false")
    op.execute(f"GRANT UPDATE (paid_twice) ON payment TO {schema.app_role(SERVICE)}")
    _replace(BEFORE, AFTER, f"{LIVE} AND NOT paid_twice")


def downgrade() -> None:
    """Refused by the index where a payment was marked: it is live beside another."""
    _replace(AFTER, BEFORE, LIVE)
    op.execute("ALTER TABLE payment DROP COLUMN paid_twice")


def _replace(old: str, new: str, condition: str) -> None:
    with op.get_context().autocommit_block():
        # Never without one of the two, also when it is repeated.
        repeating.make_index(new, f"payment (booking_id, kind) WHERE {condition}", "UNIQUE INDEX")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {old}")

"""Payments that are held until after the visit: by when, what is taken, and what Stripe keeps of a charge."""

from alembic import op

from shared.database import repeating, schema

revision = "0019"
down_revision = "0018"

SERVICE = "payment"

COLUMNS = (
    "capture_method varchar NOT NULL DEFAULT 'automatic'",
    "visit_ends_at timestamptz",
    "capture_before timestamptz",
    "capture_cause varchar",
    "kept_service_amount bigint",
    "kept_tip_amount bigint",
    "kept_commission_amount bigint",
    "balance_transaction_id varchar",
    "stripe_fee_amount bigint",
    "stripe_fee_currency varchar(3)",
)
CHECKS = {
    "capture_method": "capture_method IN ('automatic', 'manual')",
    "capture_cause": "capture_cause IN ('completed', 'cancelled', 'deadline')",
    "kept_is_decided": (
        "num_nulls(capture_cause, kept_service_amount, kept_tip_amount, kept_commission_amount) IN (0, 4)"
    ),
    "kept_within_charge": (
        "kept_service_amount BETWEEN 0 AND service_amount AND kept_tip_amount BETWEEN 0 AND tip_amount "
        "AND kept_commission_amount BETWEEN 0 AND least(commission_amount, kept_service_amount)"
    ),
    "stripe_fee_is_told": (
        "num_nulls(balance_transaction_id, stripe_fee_amount, stripe_fee_currency) IN (0, 3)"
    ),
}
CHANGING = (
    "capture_before, capture_cause, kept_service_amount, kept_tip_amount, kept_commission_amount, "
    "balance_transaction_id, stripe_fee_amount, stripe_fee_currency"
)
OPERATIONS_BEFORE = (
    "'create', 'confirm', 'cancel', 'refund', 'refund_fee', 'reverse_transfer', 'return_transfer', "
    "'submit_evidence'"
)
OPERATIONS = f"{OPERATIONS_BEFORE}, 'capture'"
INDEX = "ix_payment_held"


def upgrade() -> None:
    if not repeating.is_there("payment", "capture_method"):
        _add()
    _allow_operations(OPERATIONS)
    with op.get_context().autocommit_block():
        for name in CHECKS:
            op.execute(f"ALTER TABLE payment VALIDATE CONSTRAINT ck_payment_{name}")
        op.execute("ALTER TABLE payment_op VALIDATE CONSTRAINT ck_payment_op_op")
        # What an attempt that was cut off has left is not valid.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY {INDEX} ON payment (capture_before) WHERE state = 'authorized'"
        )


def _add() -> None:
    op.execute("ALTER TABLE payment " + ", ".join(f"ADD COLUMN {column}" for column in COLUMNS))
    for name, condition in CHECKS.items():
        op.execute(f"ALTER TABLE payment ADD CONSTRAINT ck_payment_{name} CHECK ({condition}) NOT VALID")
    op.execute(f"GRANT UPDATE ({CHANGING}) ON payment TO {schema.app_role(SERVICE)}")


def downgrade() -> None:
    _allow_operations(OPERATIONS_BEFORE)
    names = [column.split()[0] for column in COLUMNS]
    op.execute("ALTER TABLE payment " + ", ".join(f"DROP COLUMN {name}" for name in names))


def _allow_operations(names: str) -> None:
    op.execute(
        f"ALTER TABLE payment_op DROP CONSTRAINT ck_payment_op_op, "
        f"ADD CONSTRAINT ck_payment_op_op CHECK (op IN ({names})) NOT VALID"
    )

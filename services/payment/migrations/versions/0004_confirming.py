"""The state of a confirmation without an answer; indexes of what is asked often; amounts stay as written."""

from alembic import op

from shared.database import schema

revision = "0004"
down_revision = "0003"

SERVICE = "payment"
SETTLED = "'authorized', 'cancelled', 'captured', 'failed', 'partially_refunded', 'refunded', 'standin_lost'"
OPEN = "'action_required', 'created', 'failed_retryable', 'processing', 'ready'"

STATES = """
ALTER TABLE payment DROP CONSTRAINT ck_payment_state,
    ADD CONSTRAINT ck_payment_state CHECK (state IN ({states}))
"""

INDEXES = [
    "CREATE INDEX ix_payment_op_payment_id ON payment_op (payment_id)",
    f"CREATE INDEX ix_payment_unsettled ON payment (updated_at) WHERE state NOT IN ({SETTLED})",
    "CREATE INDEX ix_refund_on_its_way ON refund (updated_at) WHERE status IN ('claimed', 'pending')",
    "DROP INDEX ix_refund_due",
]

CHANGING = {
    "payment": (
        "state, version, updated_at, intent_id, charge_id, receipt_url, wallet, application_fee_id, "
        "failure_code, decline_reason, params_not_simulated, captured_amount, refunded_amount, "
        "refunded_service_amount, refunded_tip_amount, commission_returned_amount"
    ),
    "payment_op": "state, claimed_until, request_id, error_code",
    "webhook_event": "outcome, worked_at",
}
"""What a payment, a request and a webhook are is written once; this is what becomes of them."""


def upgrade() -> None:
    op.execute(STATES.format(states=f"'confirming', {OPEN}, {SETTLED}"))
    for statement in INDEXES:
        op.execute(statement)
    role = schema.app_role(SERVICE)
    for table, columns in CHANGING.items():
        op.execute(f"REVOKE UPDATE ON {table} FROM {role}")
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO {role}")


def downgrade() -> None:
    role = schema.app_role(SERVICE)
    for table, columns in CHANGING.items():
        op.execute(f"REVOKE UPDATE ({columns}) ON {table} FROM {role}")
        op.execute(f"GRANT UPDATE ON {table} TO {role}")
    op.execute("CREATE INDEX ix_refund_due ON refund (created_at) WHERE status = 'due'")
    for index in ("ix_refund_on_its_way", "ix_payment_unsettled", "ix_payment_op_payment_id"):
        op.execute(f"DROP INDEX {index}")
    op.execute("UPDATE payment SET state = 'processing' WHERE state = 'confirming'")
    op.execute(STATES.format(states=f"{OPEN}, {SETTLED}"))

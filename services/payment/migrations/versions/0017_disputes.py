"""Disputes, the money they moved, warnings that hold a payout, and requests to Stripe about them."""

from alembic import op

from shared.database import repeating, schema

revision = "0017"
down_revision = "0016"

SERVICE = "payment"
STATUSES = (
    "'lost', 'needs_response', 'prevented', 'under_review', 'warning_closed', 'warning_needs_response', "
    "'warning_under_review', 'won'"
)
CLOSED = "'lost', 'prevented', 'warning_closed', 'won'"
TABLES = [
    f"""
    CREATE TABLE dispute (
        id varchar NOT NULL,
        payment_id uuid NOT NULL,
        charge_id varchar NOT NULL,
        amount bigint NOT NULL,
        currency varchar(3) NOT NULL,
        reason varchar NOT NULL,
        status varchar NOT NULL,
        is_charge_refundable boolean NOT NULL,
        evidence_due_by timestamptz,
        has_evidence boolean NOT NULL,
        submissions integer NOT NULL,
        opened_at timestamptz NOT NULL,
        closed_at timestamptz,
        lost_service_amount bigint DEFAULT 0 NOT NULL,
        lost_tip_amount bigint DEFAULT 0 NOT NULL,
        lost_commission_amount bigint DEFAULT 0 NOT NULL,
        lost_excess_amount bigint DEFAULT 0 NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT pk_dispute PRIMARY KEY (id),
        CONSTRAINT fk_dispute_payment_id_payment FOREIGN KEY(payment_id) REFERENCES payment (id),
        CONSTRAINT ck_dispute_status CHECK (status IN ({STATUSES})),
        CONSTRAINT ck_dispute_something_is_disputed CHECK (amount > 0),
        CONSTRAINT ck_dispute_closed_is_dated CHECK ((closed_at IS NOT NULL) = (status IN ({CLOSED}))),
        CONSTRAINT ck_dispute_loss_not_negative CHECK (
            lost_service_amount >= 0 AND lost_tip_amount >= 0 AND lost_excess_amount >= 0
            AND lost_commission_amount <= lost_service_amount)
    )
    """,
    "CREATE INDEX ix_dispute_payment_id ON dispute (payment_id)",
    "CREATE INDEX ix_dispute_open ON dispute (updated_at) WHERE closed_at IS NULL",
    "CREATE INDEX ix_dispute_opened_at ON dispute (opened_at DESC, id DESC)",
    """
    CREATE TABLE dispute_movement (
        id varchar NOT NULL,
        dispute_id varchar NOT NULL,
        taken_amount bigint NOT NULL,
        fee_amount bigint NOT NULL,
        fee_currency varchar(3) NOT NULL,
        seen_at timestamptz NOT NULL,
        CONSTRAINT pk_dispute_movement PRIMARY KEY (id),
        CONSTRAINT fk_dispute_movement_dispute_id_dispute FOREIGN KEY(dispute_id) REFERENCES dispute (id)
    )
    """,
    "CREATE INDEX ix_dispute_movement_dispute_id ON dispute_movement (dispute_id)",
    """
    CREATE TABLE payout_hold (
        id varchar NOT NULL,
        payment_id uuid NOT NULL,
        kind varchar NOT NULL,
        reason varchar NOT NULL,
        is_open boolean NOT NULL,
        opened_at timestamptz NOT NULL,
        ends_at timestamptz,
        updated_at timestamptz NOT NULL,
        CONSTRAINT pk_payout_hold PRIMARY KEY (id),
        CONSTRAINT fk_payout_hold_payment_id_payment FOREIGN KEY(payment_id) REFERENCES payment (id),
        CONSTRAINT ck_payout_hold_kind CHECK (kind IN ('early_fraud_warning', 'review'))
    )
    """,
    "CREATE INDEX ix_payout_hold_open ON payout_hold (payment_id) WHERE is_open",
    "ALTER TABLE payment_op ADD COLUMN dispute_id varchar, ADD COLUMN command bigint",
]
RIGHTS = [
    (
        "dispute",
        "SELECT, INSERT, UPDATE (amount, reason, status, is_charge_refundable, evidence_due_by, "
        "has_evidence, submissions, closed_at, lost_service_amount, lost_tip_amount, lost_commission_amount, "
        "lost_excess_amount, updated_at)",
    ),
    ("dispute_movement", "SELECT, INSERT"),
    ("payout_hold", "SELECT, INSERT, UPDATE (is_open, reason, updated_at)"),
]

OF_DISPUTES = "'reverse_transfer', 'return_transfer', 'submit_evidence'"
NAMED = f"""
    ALTER TABLE payment_op ADD CONSTRAINT fk_payment_op_dispute_id_dispute
        FOREIGN KEY(dispute_id) REFERENCES dispute (id) NOT VALID,
    ADD CONSTRAINT ck_payment_op_dispute_is_named
        CHECK ((op IN ({OF_DISPUTES})) = (dispute_id IS NOT NULL)) NOT VALID
"""
INDEXES = {
    "ix_payment_op_dispute_id": ("INDEX", "payment_op (dispute_id) WHERE dispute_id IS NOT NULL"),
    "uq_payment_op_command": ("UNIQUE INDEX", "payment_op (command) WHERE command IS NOT NULL"),
    "ix_webhook_event_outcome": ("INDEX", "webhook_event (outcome, received_at DESC, event_id DESC)"),
}
KINDS = (
    "'captured', 'commission', 'commission_returned', 'dispute_fee', 'dispute_lost', "
    "'dispute_reinstated', 'dispute_withdrawn', 'payout_paid', 'payout_put_back', "
    "'payout_sent', 'provider_share', 'receivable_booked', 'receivable_netted', {covered}'refund_owed', "
    "'refund_put_back', 'refund_sent', 'rounding_difference', 'share_released', 'stripe_fee'"
)
REFUND_STATES = "'blocked', 'claimed', {covered}'due', 'failed', 'pending', 'succeeded'"
OPS_BEFORE = "'create', 'confirm', 'cancel', 'refund', 'refund_fee'"
BEFORE = {
    ("payment_op", "op"): f"op IN ({OPS_BEFORE})",
    ("ledger_transaction", "kind"): f"kind IN ({KINDS.format(covered='')})",
    ("refund", "status"): f"status IN ({REFUND_STATES.format(covered='')})",
}
NOW = {
    ("payment_op", "op"): f"op IN ({OPS_BEFORE}, {OF_DISPUTES})",
    ("ledger_transaction", "kind"): "kind IN ({})".format(KINDS.format(covered="'refund_covered', ")),
    ("refund", "status"): "status IN ({})".format(REFUND_STATES.format(covered="'covered', ")),
}


def upgrade() -> None:
    if not repeating.is_there("dispute"):
        for statement in [*TABLES, *schema.grants_sql(SERVICE, RIGHTS), NAMED]:
            op.execute(statement)
    _replace(NOW)
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE payment_op VALIDATE CONSTRAINT fk_payment_op_dispute_id_dispute")
        op.execute("ALTER TABLE payment_op VALIDATE CONSTRAINT ck_payment_op_dispute_is_named")
        for name, (kind, definition) in INDEXES.items():
            repeating.make_index(name, definition, kind)


def downgrade() -> None:
    op.execute("DROP INDEX ix_webhook_event_outcome")
    op.execute("DELETE FROM payment_op WHERE dispute_id IS NOT NULL")
    op.execute("ALTER TABLE payment_op DROP COLUMN dispute_id, DROP COLUMN command")
    _replace(BEFORE)
    for table in ("payout_hold", "dispute_movement", "dispute"):
        op.execute(f"DROP TABLE {table}")


def _replace(checks: dict[tuple[str, str], str]) -> None:
    """Each table is read by VALIDATE after its lock is given back, while others write."""
    for (table, name), condition in checks.items():
        op.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}, "
            f"ADD CONSTRAINT ck_{table}_{name} CHECK ({condition}) NOT VALID"
        )
    with op.get_context().autocommit_block():
        for table, name in checks:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")

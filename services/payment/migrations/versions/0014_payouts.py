"""Payouts to providers, what is known of their accounts, and the requests to Stripe for both."""

from alembic import op

from shared.database import schema

revision = "0014"
down_revision = "0013"

SERVICE = "payment"

PAYOUTS = [
    """
    CREATE TABLE payout (
        id uuid NOT NULL,
        provider_id uuid NOT NULL,
        account_id varchar NOT NULL,
        currency varchar(3) NOT NULL,
        amount bigint NOT NULL,
        state varchar NOT NULL,
        provider_payout_id varchar,
        failure_code varchar,
        simulated boolean NOT NULL,
        version bigint NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT pk_payout PRIMARY KEY (id),
        CONSTRAINT uq_payout_provider_payout_id UNIQUE (provider_payout_id),
        CONSTRAINT ck_payout_state CHECK (state IN ('created', 'failed', 'paid', 'sent')),
        CONSTRAINT ck_payout_something_is_paid CHECK (amount > 0),
        CONSTRAINT ck_payout_accepted_has_id
            CHECK (state NOT IN ('sent', 'paid') OR provider_payout_id IS NOT NULL)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_payout_one_created_at_a_time ON payout (provider_id, currency)
        WHERE state = 'created'
    """,
    "CREATE INDEX ix_payout_provider_id_id ON payout (provider_id, id DESC)",
    "CREATE INDEX ix_payout_moving ON payout (updated_at) WHERE state IN ('created', 'sent')",
    """
    CREATE TABLE payout_line (
        payout_id uuid NOT NULL,
        payment_id uuid NOT NULL,
        due_amount bigint NOT NULL,
        netted_amount bigint NOT NULL,
        CONSTRAINT pk_payout_line PRIMARY KEY (payout_id, payment_id),
        CONSTRAINT ck_payout_line_netted_not_negative CHECK (netted_amount >= 0),
        CONSTRAINT ck_payout_line_something_moves CHECK (due_amount <> 0 OR netted_amount <> 0),
        CONSTRAINT fk_payout_line_payout_id_payout FOREIGN KEY(payout_id) REFERENCES payout (id),
        CONSTRAINT fk_payout_line_payment_id_payment FOREIGN KEY(payment_id) REFERENCES payment (id)
    )
    """,
    "CREATE INDEX ix_payout_line_payment_id ON payout_line (payment_id)",
    """
    CREATE TABLE provider_op (
        id uuid NOT NULL,
        provider_id uuid NOT NULL,
        payout_id uuid,
        op varchar NOT NULL,
        attempt integer NOT NULL,
        idem_key varchar NOT NULL,
        params jsonb NOT NULL,
        params_hash varchar NOT NULL,
        state varchar NOT NULL,
        claimed_until timestamptz,
        request_id varchar,
        error_code varchar,
        created_at timestamptz DEFAULT app_now() NOT NULL,
        CONSTRAINT pk_provider_op PRIMARY KEY (id),
        CONSTRAINT uq_provider_op_idem_key UNIQUE (idem_key),
        CONSTRAINT ck_provider_op_op CHECK (op IN ('create_account', 'payout')),
        CONSTRAINT ck_provider_op_state
            CHECK (state IN ('pending', 'ok', 'failed', 'unknown', 'not_simulated')),
        CONSTRAINT ck_provider_op_payout_is_named CHECK ((op = 'payout') = (payout_id IS NOT NULL)),
        CONSTRAINT fk_provider_op_payout_id_payout FOREIGN KEY(payout_id) REFERENCES payout (id)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_provider_op_attempt_of_provider ON provider_op (provider_id, op, attempt)
        WHERE payout_id IS NULL
    """,
    """
    CREATE UNIQUE INDEX uq_provider_op_attempt_of_payout ON provider_op (payout_id, attempt)
        WHERE payout_id IS NOT NULL
    """,
]
ACCOUNTS = """
ALTER TABLE provider_account
    ADD COLUMN payouts_enabled boolean DEFAULT false NOT NULL,
    ADD COLUMN details_submitted boolean DEFAULT false NOT NULL,
    ADD COLUMN requirements jsonb DEFAULT '{}' NOT NULL,
    ADD COLUMN country varchar(2),
    ADD COLUMN time_zone varchar
"""
RIGHTS = [
    ("payout", "SELECT, INSERT, UPDATE (state, provider_payout_id, failure_code, version, updated_at)"),
    ("payout_line", "SELECT, INSERT"),
    ("provider_op", "SELECT, INSERT, UPDATE (state, claimed_until, request_id, error_code)"),
]


def upgrade() -> None:
    for statement in [*PAYOUTS, ACCOUNTS, *schema.grants_sql(SERVICE, RIGHTS)]:
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "ALTER TABLE provider_account DROP COLUMN payouts_enabled, DROP COLUMN details_submitted, "
        "DROP COLUMN requirements, DROP COLUMN country, DROP COLUMN time_zone"
    )
    for table in ("provider_op", "payout_line", "payout"):
        op.execute(f"DROP TABLE {table}")

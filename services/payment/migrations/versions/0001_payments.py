"""Payments with their operations, commission, accounts, webhooks, and what is owed back."""

from alembic import op

from shared.database import schema
from shared.messages.tables import job_table_sql, message_tables_sql

revision = "0001"
down_revision = None

SERVICE = "payment"

PAYMENTS = [
    """
    CREATE TABLE commission_rule (
        id uuid NOT NULL,
        rate numeric(6, 5) NOT NULL,
        valid_from timestamptz NOT NULL,
        source varchar NOT NULL,
        created_at timestamptz DEFAULT app_now() NOT NULL,
        CONSTRAINT pk_commission_rule PRIMARY KEY (id),
        CONSTRAINT uq_commission_rule_valid_from UNIQUE (valid_from),
        CONSTRAINT ck_commission_rule_rate CHECK (rate >= 0 AND rate <= 1)
    )
    """,
    """
    CREATE TABLE provider_account (
        provider_id uuid NOT NULL,
        accepts_payments boolean NOT NULL,
        version bigint NOT NULL,
        account_id varchar,
        transfers_active boolean DEFAULT false NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT pk_provider_account PRIMARY KEY (provider_id),
        CONSTRAINT uq_provider_account_account_id UNIQUE (account_id)
    )
    """,
    """
    CREATE TABLE payment (
        id uuid NOT NULL,
        booking_id uuid NOT NULL,
        kind varchar NOT NULL,
        customer_id uuid NOT NULL,
        idempotency_key varchar NOT NULL,
        fingerprint varchar NOT NULL,
        provider_id uuid NOT NULL,
        currency varchar(3) NOT NULL,
        service_amount bigint NOT NULL,
        tip_amount bigint NOT NULL,
        commission_amount bigint NOT NULL,
        commission_rule_id uuid NOT NULL,
        captured_amount bigint DEFAULT '0' NOT NULL,
        refunded_amount bigint DEFAULT '0' NOT NULL,
        state varchar NOT NULL,
        intent_id varchar,
        charge_id varchar,
        destination varchar NOT NULL,
        receipt_url varchar,
        wallet varchar,
        failure_code varchar,
        decline_reason varchar,
        simulated boolean NOT NULL,
        params_not_simulated varchar[] DEFAULT '{}' NOT NULL,
        pay_before timestamptz NOT NULL,
        version bigint NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT pk_payment PRIMARY KEY (id),
        CONSTRAINT uq_payment_customer_id_idempotency_key UNIQUE (customer_id, idempotency_key),
        CONSTRAINT ck_payment_state
            CHECK (state IN ('action_required', 'authorized', 'cancelled', 'captured', 'created', 'failed',
                'failed_retryable', 'partially_refunded', 'processing', 'ready', 'refunded', 'standin_lost')),
        CONSTRAINT ck_payment_kind CHECK (kind IN ('booking')),
        CONSTRAINT ck_payment_amounts_not_negative CHECK (service_amount >= 0 AND tip_amount >= 0),
        CONSTRAINT ck_payment_something_is_charged CHECK (service_amount + tip_amount > 0),
        CONSTRAINT ck_payment_commission_within_service
            CHECK (commission_amount >= 0 AND commission_amount <= service_amount),
        CONSTRAINT ck_payment_captured_within_charge
            CHECK (captured_amount >= 0 AND captured_amount <= service_amount + tip_amount),
        CONSTRAINT ck_payment_refunded_within_captured
            CHECK (refunded_amount >= 0 AND refunded_amount <= captured_amount),
        CONSTRAINT ck_payment_captured_means_money
            CHECK ((captured_amount > 0) = (state IN ('captured', 'partially_refunded', 'refunded'))),
        CONSTRAINT fk_payment_commission_rule_id_commission_rule
            FOREIGN KEY(commission_rule_id) REFERENCES commission_rule (id),
        CONSTRAINT uq_payment_intent_id UNIQUE (intent_id)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_payment_one_live_per_booking ON payment (booking_id, kind)
        WHERE state NOT IN ('cancelled', 'failed', 'standin_lost')
    """,
    "CREATE INDEX ix_payment_customer_id_id ON payment (customer_id, id DESC)",
    """
    CREATE TABLE payment_op (
        id uuid NOT NULL,
        payment_id uuid NOT NULL,
        op varchar NOT NULL,
        attempt integer NOT NULL,
        idem_key varchar NOT NULL,
        intent_id varchar,
        params jsonb NOT NULL,
        params_hash varchar NOT NULL,
        state varchar NOT NULL,
        claimed_until timestamptz,
        request_id varchar,
        error_code varchar,
        created_at timestamptz DEFAULT app_now() NOT NULL,
        CONSTRAINT pk_payment_op PRIMARY KEY (id),
        CONSTRAINT uq_payment_op_payment_id_op_attempt UNIQUE (payment_id, op, attempt),
        CONSTRAINT ck_payment_op_op CHECK (op IN ('create', 'confirm', 'cancel')),
        CONSTRAINT ck_payment_op_state CHECK (state IN ('pending', 'ok', 'failed', 'unknown')),
        CONSTRAINT fk_payment_op_payment_id_payment FOREIGN KEY(payment_id) REFERENCES payment (id),
        CONSTRAINT uq_payment_op_idem_key UNIQUE (idem_key)
    )
    """,
]

WEBHOOKS = [
    """
    CREATE TABLE webhook_event (
        event_id varchar NOT NULL,
        type varchar NOT NULL,
        object_id varchar,
        intent_id varchar,
        account varchar,
        livemode boolean NOT NULL,
        api_version varchar,
        stated_at timestamptz NOT NULL,
        outcome varchar NOT NULL,
        received_at timestamptz NOT NULL,
        worked_at timestamptz,
        CONSTRAINT pk_webhook_event PRIMARY KEY (event_id),
        CONSTRAINT ck_webhook_event_outcome CHECK (outcome IN ('waiting', 'worked', 'kept'))
    )
    """,
    "CREATE INDEX ix_webhook_event_received_at ON webhook_event (received_at)",
]

REFUNDS = [
    """
    CREATE TABLE booking_cancellation (
        booking_id uuid NOT NULL,
        version bigint NOT NULL,
        cause varchar,
        currency varchar(3) NOT NULL,
        refund_percent integer NOT NULL,
        tip_percent integer NOT NULL,
        service_refund bigint NOT NULL,
        tip_refund bigint NOT NULL,
        cancelled_at timestamptz NOT NULL,
        CONSTRAINT pk_booking_cancellation PRIMARY KEY (booking_id),
        CONSTRAINT ck_booking_cancellation_amounts_not_negative
            CHECK (service_refund >= 0 AND tip_refund >= 0)
    )
    """,
    """
    CREATE TABLE refund (
        id uuid NOT NULL,
        payment_id uuid NOT NULL,
        request_key varchar NOT NULL,
        cause varchar,
        service_amount bigint NOT NULL,
        tip_amount bigint NOT NULL,
        status varchar NOT NULL,
        created_at timestamptz DEFAULT app_now() NOT NULL,
        CONSTRAINT pk_refund PRIMARY KEY (id),
        CONSTRAINT uq_refund_payment_id_request_key UNIQUE (payment_id, request_key),
        CONSTRAINT ck_refund_status CHECK (status IN ('due')),
        CONSTRAINT ck_refund_amounts_not_negative CHECK (service_amount >= 0 AND tip_amount >= 0),
        CONSTRAINT ck_refund_something_is_due CHECK (service_amount + tip_amount > 0),
        CONSTRAINT fk_refund_payment_id_payment FOREIGN KEY(payment_id) REFERENCES payment (id)
    )
    """,
    "CREATE INDEX ix_refund_due ON refund (created_at) WHERE status = 'due'",
]

RIGHTS = [
    ("commission_rule", "SELECT, INSERT"),
    ("provider_account", "SELECT, INSERT, UPDATE"),
    ("payment", "SELECT, INSERT, UPDATE"),
    ("payment_op", "SELECT, INSERT, UPDATE"),
    ("webhook_event", "SELECT, INSERT, UPDATE"),
    ("booking_cancellation", "SELECT, INSERT, UPDATE"),
    ("refund", "SELECT, INSERT"),
]


def upgrade() -> None:
    op.execute(schema.APP_NOW_SQL)
    statements = [
        *PAYMENTS,
        *WEBHOOKS,
        *REFUNDS,
        *message_tables_sql(SERVICE),
        *job_table_sql(SERVICE),
        *schema.grants_sql(SERVICE, RIGHTS),
    ]
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    for table in [name for name, _ in reversed(RIGHTS)]:
        op.execute(f"DROP TABLE {table}")
    for table in ("job", "relay_lease", "inbox", "outbox"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION app_now()")

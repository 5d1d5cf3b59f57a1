"""The double-entry ledger, and what refunds need to be sent, settled and bounded."""

from alembic import op

from shared.database import schema

revision = "0003"
down_revision = "0002"

SERVICE = "payment"

LEDGER = [
    """
    CREATE TABLE ledger_transaction (
        id uuid NOT NULL,
        payment_id uuid NOT NULL,
        booking_id uuid NOT NULL,
        kind varchar NOT NULL,
        fact varchar NOT NULL,
        reference varchar,
        posted_at timestamptz NOT NULL,
        CONSTRAINT pk_ledger_transaction PRIMARY KEY (id),
        CONSTRAINT uq_ledger_transaction_payment_id_fact UNIQUE (payment_id, fact),
        CONSTRAINT uq_ledger_transaction_kind_reference UNIQUE (kind, reference),
        CONSTRAINT ck_ledger_transaction_kind
            CHECK (kind IN ('captured', 'commission', 'commission_returned', 'provider_share', 'refund_owed',
                'refund_put_back', 'refund_sent')),
        CONSTRAINT fk_ledger_transaction_payment_id_payment
            FOREIGN KEY(payment_id) REFERENCES payment (id)
    )
    """,
    "CREATE INDEX ix_ledger_transaction_booking_id ON ledger_transaction (booking_id)",
    """
    CREATE TABLE ledger_entry (
        id uuid NOT NULL,
        transaction_id uuid NOT NULL,
        account varchar NOT NULL,
        amount bigint NOT NULL,
        currency varchar(3) NOT NULL,
        CONSTRAINT pk_ledger_entry PRIMARY KEY (id),
        CONSTRAINT uq_ledger_entry_transaction_id_account_currency
            UNIQUE (transaction_id, account, currency),
        CONSTRAINT ck_ledger_entry_account
            CHECK (account ~ '^(customer_funds|platform_commission|refunds_payable|stripe_clearing)$'
                OR account ~ '^provider_payable:[0-9a-f-]{36}$'),
        CONSTRAINT ck_ledger_entry_amount_moves CHECK (amount <> 0),
        CONSTRAINT ck_ledger_entry_currency CHECK (currency ~ '^[A-Z]{3}$'),
        CONSTRAINT fk_ledger_entry_transaction_id_ledger_transaction
            FOREIGN KEY(transaction_id) REFERENCES ledger_transaction (id)
    )
    """,
    "CREATE INDEX ix_ledger_entry_account ON ledger_entry (account)",
]

# Checked at commit, when all entries of a transaction are there. An empty transaction is refused too.
BALANCE = [
    """
    CREATE FUNCTION ledger_refuse_unbalanced(changed uuid) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM ledger_entry WHERE transaction_id = changed
            GROUP BY currency HAVING sum(amount) <> 0
        ) OR (
            EXISTS (SELECT 1 FROM ledger_transaction WHERE id = changed)
            AND NOT EXISTS (SELECT 1 FROM ledger_entry WHERE transaction_id = changed)
        ) THEN
            RAISE EXCEPTION 'ledger transaction % does not sum to zero', changed
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transaction_balanced';
        END IF;
    END $$
    """,
    """
    CREATE FUNCTION ledger_entry_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            PERFORM ledger_refuse_unbalanced(OLD.transaction_id);
        END IF;
        IF TG_OP <> 'DELETE' THEN
            PERFORM ledger_refuse_unbalanced(NEW.transaction_id);
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION ledger_transaction_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM ledger_refuse_unbalanced(NEW.id);
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER ledger_entry_balanced
        AFTER INSERT OR UPDATE OR DELETE ON ledger_entry
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_balanced()
    """,
    """
    CREATE CONSTRAINT TRIGGER ledger_transaction_balanced
        AFTER INSERT ON ledger_transaction
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transaction_balanced()
    """,
]

PAYMENT = [
    """
    ALTER TABLE payment
        ADD COLUMN refunded_service_amount bigint DEFAULT '0' NOT NULL,
        ADD COLUMN refunded_tip_amount bigint DEFAULT '0' NOT NULL,
        ADD COLUMN commission_returned_amount bigint DEFAULT '0' NOT NULL,
        ADD COLUMN application_fee_id varchar,
        ADD CONSTRAINT ck_payment_refunded_in_parts
            CHECK (refunded_amount = refunded_service_amount + refunded_tip_amount),
        ADD CONSTRAINT ck_payment_refunded_service_within_service
            CHECK (refunded_service_amount >= 0 AND refunded_service_amount <= service_amount),
        ADD CONSTRAINT ck_payment_refunded_tip_within_tip
            CHECK (refunded_tip_amount >= 0 AND refunded_tip_amount <= tip_amount),
        ADD CONSTRAINT ck_payment_commission_returned_within_commission
            CHECK (commission_returned_amount >= 0 AND commission_returned_amount <= commission_amount)
    """,
]

REFUNDS = [
    """
    ALTER TABLE refund
        ADD COLUMN commission_returned bigint DEFAULT '0' NOT NULL,
        ADD COLUMN attempt integer DEFAULT '1' NOT NULL,
        ADD COLUMN provider_refund_id varchar,
        ADD COLUMN failure_code varchar,
        ADD COLUMN updated_at timestamptz DEFAULT app_now() NOT NULL,
        DROP CONSTRAINT ck_refund_status,
        ADD CONSTRAINT ck_refund_status
            CHECK (status IN ('claimed', 'due', 'failed', 'pending', 'succeeded')),
        ADD CONSTRAINT ck_refund_accepted_has_id
            CHECK (status NOT IN ('pending', 'succeeded') OR provider_refund_id IS NOT NULL),
        ADD CONSTRAINT ck_refund_commission_not_negative
            CHECK (commission_returned >= 0 AND commission_returned <= service_amount),
        ADD CONSTRAINT ck_refund_attempt_counts CHECK (attempt >= 1),
        ADD CONSTRAINT uq_refund_provider_refund_id UNIQUE (provider_refund_id)
    """,
    """
    ALTER TABLE payment_op
        ADD COLUMN refund_id uuid,
        ADD CONSTRAINT fk_payment_op_refund_id_refund FOREIGN KEY(refund_id) REFERENCES refund (id),
        DROP CONSTRAINT ck_payment_op_op,
        ADD CONSTRAINT ck_payment_op_op
            CHECK (op IN ('create', 'confirm', 'cancel', 'refund', 'refund_fee')),
        DROP CONSTRAINT ck_payment_op_state,
        ADD CONSTRAINT ck_payment_op_state
            CHECK (state IN ('pending', 'ok', 'failed', 'unknown', 'not_simulated')),
        ADD CONSTRAINT ck_payment_op_refund_is_named
            CHECK ((op IN ('refund', 'refund_fee')) = (refund_id IS NOT NULL)),
        DROP CONSTRAINT uq_payment_op_payment_id_op_attempt
    """,
    """
    CREATE UNIQUE INDEX uq_payment_op_attempt_of_payment ON payment_op (payment_id, op, attempt)
        WHERE refund_id IS NULL
    """,
    """
    CREATE UNIQUE INDEX uq_payment_op_attempt_of_refund ON payment_op (refund_id, op, attempt)
        WHERE refund_id IS NOT NULL
    """,
]

# What was captured and owed before there was a ledger. Refunds were owed at most once per payment then.
BEFORE = [
    """
    UPDATE refund SET commission_returned = (
        SELECT CASE WHEN p.service_amount = 0 THEN 0 ELSE
            floor(p.commission_amount::numeric * refund.service_amount / p.service_amount
                / s.step + 0.5) * s.step END
        FROM payment p,
            LATERAL (SELECT CASE WHEN p.currency IN ('BHD', 'JOD', 'KWD', 'OMR', 'TND')
                THEN 10 ELSE 1 END AS step) s
        WHERE p.id = refund.payment_id
    )
    """,
    """
    CREATE TEMPORARY TABLE posted ON COMMIT DROP AS
    SELECT gen_random_uuid() AS id, p.id AS payment_id, p.booking_id, p.currency, m.*
    FROM payment p
    LEFT JOIN refund r ON r.payment_id = p.id
    CROSS JOIN LATERAL (VALUES
        ('captured', 'captured', p.charge_id, 'stripe_clearing', 'customer_funds',
            p.service_amount + p.tip_amount),
        ('commission', 'commission', NULL, 'customer_funds', 'platform_commission', p.commission_amount),
        ('provider_share', 'provider_share', NULL, 'customer_funds', 'provider_payable:' || p.provider_id,
            p.service_amount + p.tip_amount - p.commission_amount),
        ('refund_owed', 'refund_owed:' || r.id, NULL, 'provider_payable:' || p.provider_id,
            'refunds_payable', r.service_amount + r.tip_amount),
        ('commission_returned', 'commission_returned:' || r.id, NULL, 'platform_commission',
            'provider_payable:' || p.provider_id, r.commission_returned)
    ) AS m (kind, fact, reference, debit, credit, amount)
    WHERE p.captured_amount > 0 AND m.amount > 0
    """,
    """
    INSERT INTO ledger_transaction (id, payment_id, booking_id, kind, fact, reference, posted_at)
    SELECT id, payment_id, booking_id, kind, fact, reference, app_now() FROM posted
    """,
    """
    INSERT INTO ledger_entry (id, transaction_id, account, amount, currency)
    SELECT gen_random_uuid(), id, debit, amount, currency FROM posted
    UNION ALL SELECT gen_random_uuid(), id, credit, -amount, currency FROM posted
    """,
    """
    INSERT INTO job (id, kind, key, payload, state, run_at)
    SELECT gen_random_uuid(), 'send_refund', concat(id, ':', attempt), jsonb_build_object('refund_id', id),
        'waiting', app_now()
    FROM refund WHERE status = 'due'
    """,
    # Indexes and checks of these tables can't be changed while triggers of them are still to fire.
    "SET CONSTRAINTS ALL IMMEDIATE",
]

RIGHTS = [
    ("ledger_transaction", "SELECT, INSERT"),
    ("ledger_entry", "SELECT, INSERT"),
    ("refund", "UPDATE (status, attempt, provider_refund_id, failure_code, updated_at)"),
]


def upgrade() -> None:
    statements = [
        *LEDGER,
        *BALANCE,
        *PAYMENT,
        *REFUNDS,
        *BEFORE,
        *schema.grants_sql(SERVICE, RIGHTS),
    ]
    for statement in statements:
        op.execute(statement)


REFUSAL = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM ledger_transaction) THEN
        RAISE EXCEPTION 'the ledger has entries: it is not thrown away';
    END IF;
END $$
"""


def downgrade() -> None:
    """For a database without money only: what a ledger says can't be told by older tables."""
    role = schema.app_role(SERVICE)
    statements = [
        REFUSAL,
        "DROP TABLE ledger_entry",
        "DROP TABLE ledger_transaction",
        "DROP FUNCTION ledger_entry_balanced()",
        "DROP FUNCTION ledger_transaction_balanced()",
        "DROP FUNCTION ledger_refuse_unbalanced(uuid)",
        f"REVOKE {RIGHTS[-1][1]} ON refund FROM {role}",
        """
        ALTER TABLE payment_op
            DROP COLUMN refund_id,
            DROP CONSTRAINT ck_payment_op_op,
            ADD CONSTRAINT ck_payment_op_op CHECK (op IN ('create', 'confirm', 'cancel')),
            DROP CONSTRAINT ck_payment_op_state,
            ADD CONSTRAINT ck_payment_op_state CHECK (state IN ('pending', 'ok', 'failed', 'unknown')),
            ADD CONSTRAINT uq_payment_op_payment_id_op_attempt UNIQUE (payment_id, op, attempt)
        """,
        """
        ALTER TABLE refund
            DROP COLUMN commission_returned, DROP COLUMN attempt, DROP COLUMN provider_refund_id,
            DROP COLUMN failure_code, DROP COLUMN updated_at, DROP CONSTRAINT ck_refund_status,
            ADD CONSTRAINT ck_refund_status CHECK (status IN ('due'))
        """,
        """
        ALTER TABLE payment
            DROP COLUMN refunded_service_amount, DROP COLUMN refunded_tip_amount,
            DROP COLUMN commission_returned_amount, DROP COLUMN application_fee_id
        """,
    ]
    for statement in statements:
        op.execute(statement)

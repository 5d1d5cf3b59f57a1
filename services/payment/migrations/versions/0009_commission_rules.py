"""Lines of a commission by provider, category and volume; what a payment's commission was chosen by."""

from alembic import op

from shared.database import schema

revision = "0009"
down_revision = "0008"

SERVICE = "payment"

RULES = [
    """
    ALTER TABLE commission_rule
        ADD COLUMN reason varchar,
        ADD COLUMN proposed_by uuid,
        ADD COLUMN request_key varchar,
        ADD COLUMN fingerprint varchar,
        ADD CONSTRAINT uq_commission_rule_proposed_by_request_key UNIQUE (proposed_by, request_key)
    """,
    """
    CREATE TABLE commission_line (
        id uuid NOT NULL,
        rule_id uuid NOT NULL,
        provider_id uuid,
        category varchar,
        from_bookings integer NOT NULL,
        rate numeric(6, 5) NOT NULL,
        CONSTRAINT pk_commission_line PRIMARY KEY (id),
        CONSTRAINT ck_commission_line_rate CHECK (rate >= 0 AND rate <= 1),
        CONSTRAINT ck_commission_line_from_bookings_not_negative CHECK (from_bookings >= 0),
        CONSTRAINT ck_commission_line_names_something
            CHECK (provider_id IS NOT NULL OR category IS NOT NULL OR from_bookings > 0),
        CONSTRAINT fk_commission_line_rule_id_commission_rule
            FOREIGN KEY(rule_id) REFERENCES commission_rule (id)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_commission_line_one_of_its_names ON commission_line
        (rule_id, COALESCE(provider_id::text, ''), COALESCE(category, ''), from_bookings)
    """,
]

CATALOGUE = [
    """
    CREATE TABLE catalogue_provider (
        provider_id uuid NOT NULL,
        city varchar NOT NULL,
        version bigint NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT pk_catalogue_provider PRIMARY KEY (provider_id)
    )
    """,
    """
    CREATE TABLE catalogue_service (
        service_id uuid NOT NULL,
        provider_id uuid NOT NULL,
        category varchar NOT NULL,
        version bigint NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT pk_catalogue_service PRIMARY KEY (service_id)
    )
    """,
]

# `updated_at` is what the ledger calls `posted_at`: both are the instant of the command that saw the money.
PAYMENT = [
    """
    ALTER TABLE payment
        ADD COLUMN commission_line_id uuid,
        ADD COLUMN commission_rate numeric(6, 5),
        ADD COLUMN quoted_at timestamptz,
        ADD COLUMN service_id uuid,
        ADD COLUMN category varchar,
        ADD COLUMN city varchar,
        ADD COLUMN captured_at timestamptz,
        ADD CONSTRAINT fk_payment_commission_line_id_commission_line
            FOREIGN KEY(commission_line_id) REFERENCES commission_line (id) NOT VALID
    """,
    """
    CREATE FUNCTION payment_captured() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.captured_at := NEW.updated_at;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER payment_captured BEFORE UPDATE ON payment FOR EACH ROW
        WHEN (NEW.captured_amount > 0 AND OLD.captured_amount = 0) EXECUTE FUNCTION payment_captured()
    """,
]

RIGHTS = [
    ("commission_line", "SELECT, INSERT"),
    ("catalogue_provider", "SELECT, INSERT, UPDATE"),
    ("catalogue_service", "SELECT, INSERT, UPDATE"),
]


def upgrade() -> None:
    for statement in [*RULES, *CATALOGUE, *PAYMENT, *schema.grants_sql(SERVICE, RIGHTS)]:
        op.execute(statement)


def downgrade() -> None:
    """The default rates stay; lines, and by which a payment was computed, are forgotten."""
    op.execute("DROP TRIGGER payment_captured ON payment")
    op.execute("DROP FUNCTION payment_captured()")
    op.execute(
        "ALTER TABLE payment DROP COLUMN commission_line_id, DROP COLUMN commission_rate, "
        "DROP COLUMN quoted_at, DROP COLUMN service_id, DROP COLUMN category, DROP COLUMN city, "
        "DROP COLUMN captured_at"
    )
    for table, _ in reversed(RIGHTS):
        op.execute(f"DROP TABLE {table}")
    op.execute(
        "ALTER TABLE commission_rule DROP COLUMN reason, DROP COLUMN proposed_by, "
        "DROP COLUMN request_key, DROP COLUMN fingerprint"
    )

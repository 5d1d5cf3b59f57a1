"""The daily closing of the ledger: a sealed day takes no posting, and what was found in it is kept."""

from alembic import op

from shared.database import schema

revision = "0011"
down_revision = "0010"

SERVICE = "payment"

TABLES = [
    """
    CREATE TABLE ledger_day (
        day date NOT NULL,
        begins_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        zone varchar NOT NULL,
        sealed_at timestamptz DEFAULT app_now() NOT NULL,
        CONSTRAINT pk_ledger_day PRIMARY KEY (day),
        CONSTRAINT uq_ledger_day_ends_at UNIQUE (ends_at),
        CONSTRAINT ck_ledger_day_is_a_time CHECK (begins_at < ends_at)
    )
    """,
    """
    CREATE TABLE ledger_closing (
        day date NOT NULL,
        account varchar NOT NULL,
        currency varchar(3) NOT NULL,
        opening bigint NOT NULL,
        debits bigint NOT NULL,
        credits bigint NOT NULL,
        closing bigint NOT NULL,
        transactions integer NOT NULL,
        CONSTRAINT pk_ledger_closing PRIMARY KEY (account, currency, day),
        CONSTRAINT ck_ledger_closing_adds_up CHECK (closing = opening + debits - credits),
        CONSTRAINT ck_ledger_closing_moved CHECK (debits >= 0 AND credits >= 0 AND transactions > 0),
        CONSTRAINT fk_ledger_closing_day_ledger_day FOREIGN KEY(day) REFERENCES ledger_day (day)
    )
    """,
    "CREATE INDEX ix_ledger_closing_day ON ledger_closing (day)",
    """
    CREATE TABLE ledger_closing_day (
        day date NOT NULL,
        transactions integer NOT NULL,
        entries integer NOT NULL,
        entries_digest varchar NOT NULL,
        balances_digest varchar NOT NULL,
        previous_digest varchar NOT NULL,
        digest varchar NOT NULL,
        closed_at timestamptz DEFAULT app_now() NOT NULL,
        CONSTRAINT pk_ledger_closing_day PRIMARY KEY (day),
        CONSTRAINT fk_ledger_closing_day_day_ledger_day FOREIGN KEY(day) REFERENCES ledger_day (day)
    )
    """,
]

# The lock is shared by all who post and taken alone by who seals (store/locks.py): when a day is sealed,
# every posting to it is committed, and the next one sees the seal. Serialization failure: the caller may
# repeat, and then reads a newer 'now'.
SEAL = [
    """
    CREATE FUNCTION ledger_day_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(5200190007);
        IF EXISTS (SELECT 1 FROM ledger_day WHERE ends_at > NEW.posted_at) THEN
            RAISE EXCEPTION 'the day of % is closed', NEW.posted_at
                USING ERRCODE = 'serialization_failure';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_day_is_open BEFORE INSERT ON ledger_transaction
        FOR EACH ROW EXECUTE FUNCTION ledger_day_is_open()
    """,
]

RIGHTS = [
    ("ledger_day", "SELECT, INSERT"),
    ("ledger_closing", "SELECT, INSERT"),
    ("ledger_closing_day", "SELECT, INSERT"),
]


def upgrade() -> None:
    for statement in [*TABLES, *schema.grants_sql(SERVICE, RIGHTS), *SEAL]:
        op.execute(statement)


def downgrade() -> None:
    """Closings can be made anew from the ledger, which stays."""
    op.execute("DROP TRIGGER ledger_day_is_open ON ledger_transaction")
    op.execute("DROP FUNCTION ledger_day_is_open()")
    for table in ("ledger_closing_day", "ledger_closing", "ledger_day"):
        op.execute(f"DROP TABLE {table}")

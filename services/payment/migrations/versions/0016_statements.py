"""Entries of the ledger know when they were posted, of what kind and for which payment, so that an account's
entries of a month are one range of one index."""

from alembic import op
from sqlalchemy import text

from shared.database import repeating

revision = "0016"
down_revision = "0015"

BATCH = 5000

POSTED_BEFORE = text("""
    UPDATE ledger_entry SET posted_at = found.posted_at, kind = found.kind, payment_id = found.payment_id
    FROM (
        SELECT e.id, t.posted_at, t.kind, t.payment_id FROM ledger_entry e
        JOIN ledger_transaction t ON t.id = e.transaction_id
        WHERE e.posted_at IS NULL LIMIT :batch
    ) AS found WHERE ledger_entry.id = found.id
""")

ADD = """
    ALTER TABLE ledger_entry ADD COLUMN posted_at timestamptz, ADD COLUMN kind varchar,
        ADD COLUMN payment_id uuid
"""
# The version before this one writes none of the three: they are filled in while that one still serves.
FILL = [
    """
    CREATE FUNCTION ledger_entry_like_its_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        SELECT posted_at, kind, payment_id INTO NEW.posted_at, NEW.kind, NEW.payment_id
        FROM ledger_transaction WHERE id = NEW.transaction_id;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_entry_like_its_transaction BEFORE INSERT ON ledger_entry
        FOR EACH ROW WHEN (NEW.posted_at IS NULL OR NEW.kind IS NULL OR NEW.payment_id IS NULL)
        EXECUTE FUNCTION ledger_entry_like_its_transaction()
    """,
]
# One look, where there were three, that also holds the copies equal to what they are copied from.
REFUSE_UNLIKE = """
    CREATE OR REPLACE FUNCTION ledger_refuse_unbalanced(changed uuid) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM ledger_transaction t LEFT JOIN ledger_entry e ON e.transaction_id = t.id
            WHERE t.id = changed GROUP BY e.currency
            HAVING coalesce(sum(e.amount), 1) <> 0 OR NOT bool_and(
                (e.posted_at, e.kind, e.payment_id) IS NOT DISTINCT FROM (t.posted_at, t.kind, t.payment_id))
        ) THEN
            RAISE EXCEPTION 'ledger transaction % does not sum to zero, or has an entry unlike it', changed
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transaction_balanced';
        END IF;
    END $$
"""
REFUSE_UNBALANCED = """
    CREATE OR REPLACE FUNCTION ledger_refuse_unbalanced(changed uuid) RETURNS void LANGUAGE plpgsql AS $$
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
"""
INDEX = "ix_ledger_entry_account_posted_at"
COLUMNS = "account, posted_at, transaction_id"
COVERED = "amount, currency, kind, payment_id"


def upgrade() -> None:
    if not repeating.is_there("ledger_entry", "posted_at"):
        for statement in [ADD, *FILL]:
            op.execute(statement)
    with op.get_context().autocommit_block():
        while op.get_bind().execute(POSTED_BEFORE, {"batch": BATCH}).rowcount:
            """The next batch; each is a transaction of its own."""
        op.execute(REFUSE_UNLIKE)
        repeating.make_index(INDEX, f"ledger_entry ({COLUMNS}) INCLUDE ({COVERED})")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_ledger_entry_account")


def downgrade() -> None:
    op.execute("CREATE INDEX ix_ledger_entry_account ON ledger_entry (account)")
    op.execute(REFUSE_UNBALANCED)
    op.execute("DROP TRIGGER ledger_entry_like_its_transaction ON ledger_entry")
    op.execute("DROP FUNCTION ledger_entry_like_its_transaction()")
    op.execute("ALTER TABLE ledger_entry DROP COLUMN posted_at, DROP COLUMN kind, DROP COLUMN payment_id")

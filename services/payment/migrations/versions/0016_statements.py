"""Entries of the ledger know when they were posted, so that an account's entries of a month are one range."""

from alembic import op
from sqlalchemy import text

revision = "0016"
down_revision = "0015"

BATCH = 5000

POSTED_BEFORE = text("""
    UPDATE ledger_entry SET posted_at = found.posted_at
    FROM (
        SELECT e.id, t.posted_at FROM ledger_entry e
        JOIN ledger_transaction t ON t.id = e.transaction_id
        WHERE e.posted_at IS NULL LIMIT :batch
    ) AS found WHERE ledger_entry.id = found.id
""")

# The version before this one writes no instant: it is filled in for as long as that one still serves.
FILL = [
    """
    CREATE FUNCTION ledger_entry_posted_at() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.posted_at := (SELECT posted_at FROM ledger_transaction WHERE id = NEW.transaction_id);
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_entry_posted_at BEFORE INSERT ON ledger_entry
        FOR EACH ROW WHEN (NEW.posted_at IS NULL) EXECUTE FUNCTION ledger_entry_posted_at()
    """,
]
INDEX = "ix_ledger_entry_account_posted_at"
COLUMNS = "account, posted_at, transaction_id"


def upgrade() -> None:
    op.execute("ALTER TABLE ledger_entry ADD COLUMN posted_at timestamptz")
    for statement in FILL:
        op.execute(statement)
    with op.get_context().autocommit_block():
        while op.get_bind().execute(POSTED_BEFORE, {"batch": BATCH}).rowcount:
            """The next batch; each is a transaction of its own."""
        # What an attempt that was cut off has left is not valid.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY {INDEX} ON ledger_entry ({COLUMNS}) INCLUDE (amount, currency)"
        )
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_ledger_entry_account")


def downgrade() -> None:
    op.execute("CREATE INDEX ix_ledger_entry_account ON ledger_entry (account)")
    op.execute("DROP TRIGGER ledger_entry_posted_at ON ledger_entry")
    op.execute("DROP FUNCTION ledger_entry_posted_at()")
    op.execute("ALTER TABLE ledger_entry DROP COLUMN posted_at")

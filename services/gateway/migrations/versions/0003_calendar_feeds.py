"""Private addresses of calendars, one for each account, by the hash of their token."""

from alembic import op

from shared.database import schema

revision = "0003"
down_revision = "0002"

TABLE = """
CREATE TABLE calendar_feed (
    account_id uuid NOT NULL CONSTRAINT pk_calendar_feed PRIMARY KEY,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    expires_at timestamptz NOT NULL,
    CONSTRAINT uq_calendar_feed_token_hash UNIQUE (token_hash),
    CONSTRAINT ck_calendar_feed_token_hash CHECK (octet_length(token_hash) = 32),
    CONSTRAINT fk_calendar_feed_account_id_account
        FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
)
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute("CREATE INDEX ix_calendar_feed_expires_at ON calendar_feed (expires_at)")
    for statement in schema.grants_sql("gateway", [("calendar_feed", "SELECT, INSERT, UPDATE, DELETE")]):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE calendar_feed")

"""Accounts, memberships, sign-in sessions and the tables behind the messages."""

from alembic import op

from shared.database import schema
from shared.messages.tables import message_tables_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "gateway"

TABLES = (
    """
    CREATE TABLE account (
        id uuid NOT NULL CONSTRAINT pk_account PRIMARY KEY,
        email text NOT NULL,
        name text NOT NULL,
        password_hash text,
        locale text NOT NULL,
        time_zone text NOT NULL,
        roles text[] NOT NULL,
        active boolean NOT NULL,
        token_version integer NOT NULL,
        version integer NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT uq_account_email UNIQUE (email),
        CONSTRAINT ck_account_email CHECK (email = btrim(email) AND email <> ''),
        CONSTRAINT ck_account_roles CHECK (roles <@ ARRAY['customer', 'provider', 'admin'])
    )
    """,
    """
    CREATE TABLE membership (
        account_id uuid NOT NULL,
        provider_id uuid NOT NULL,
        role text NOT NULL,
        staff_id uuid,
        CONSTRAINT pk_membership PRIMARY KEY (account_id, provider_id),
        CONSTRAINT fk_membership_account_id_account
            FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
        CONSTRAINT ck_membership_role CHECK (role IN ('owner', 'staff'))
    )
    """,
    "CREATE INDEX ix_membership_provider_id ON membership (provider_id)",
    """
    CREATE TABLE session (
        id uuid NOT NULL CONSTRAINT pk_session PRIMARY KEY,
        account_id uuid NOT NULL,
        started_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        ended_at timestamptz,
        end_reason text,
        CONSTRAINT fk_session_account_id_account
            FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
        CONSTRAINT ck_session_end CHECK ((ended_at IS NULL) = (end_reason IS NULL))
    )
    """,
    "CREATE INDEX ix_session_account_id ON session (account_id)",
    "CREATE INDEX ix_session_expires_at ON session (expires_at)",
    """
    CREATE TABLE refresh_token (
        hash bytea NOT NULL CONSTRAINT pk_refresh_token PRIMARY KEY,
        session_id uuid NOT NULL,
        issued_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        CONSTRAINT fk_refresh_token_session_id_session
            FOREIGN KEY (session_id) REFERENCES session (id) ON DELETE CASCADE,
        CONSTRAINT ck_refresh_token_hash CHECK (octet_length(hash) = 32)
    )
    """,
    "CREATE INDEX ix_refresh_token_session_id ON refresh_token (session_id)",
)
RIGHTS = (
    ("account", "SELECT, INSERT, UPDATE"),
    ("membership", "SELECT, INSERT, UPDATE, DELETE"),
    ("session", "SELECT, INSERT, UPDATE, DELETE"),
    ("refresh_token", "SELECT, INSERT, UPDATE, DELETE"),
)


def upgrade() -> None:
    statements = (
        schema.APP_NOW_SQL,
        *message_tables_sql(SERVICE),
        *TABLES,
        *schema.grants_sql(SERVICE, RIGHTS),
    )
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    for table in ("refresh_token", "session", "membership", "account", "relay_lease", "inbox", "outbox"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION app_now()")

"""Each person's inbox, and the copy of accounts that says who is a provider's member."""

from alembic import op

from shared.database import schema
from shared.messages.tables import message_tables_sql

revision = "0001"
down_revision = None

SERVICE = "notify"

TABLES = [
    """
    CREATE TABLE account (
        id uuid NOT NULL CONSTRAINT pk_account PRIMARY KEY,
        version bigint NOT NULL,
        active boolean NOT NULL
    )
    """,
    """
    CREATE TABLE membership (
        account_id uuid NOT NULL
            CONSTRAINT fk_membership_account_id_account REFERENCES account (id),
        provider_id uuid NOT NULL,
        CONSTRAINT pk_membership PRIMARY KEY (account_id, provider_id)
    )
    """,
    # Each event asks for the members of a provider.
    "CREATE INDEX ix_membership_provider_id ON membership (provider_id)",
    """
    CREATE TABLE notification (
        id uuid NOT NULL CONSTRAINT pk_notification PRIMARY KEY,
        event_id uuid NOT NULL,
        person_id uuid NOT NULL,
        kind varchar NOT NULL
            CONSTRAINT ck_notification_kind
            CHECK (kind IN ('booking_held', 'booking_confirmed', 'booking_cancelled', 'booking_expired')),
        booking_id uuid NOT NULL,
        provider_id uuid NOT NULL,
        text_en text NOT NULL,
        text_ar text NOT NULL,
        starts_at timestamptz NOT NULL,
        read_at timestamptz,
        created_at timestamptz NOT NULL,
        CONSTRAINT uq_notification_event_id_person_id UNIQUE (event_id, person_id)
    )
    """,
    # An inbox is read newest first, from a place on.
    "CREATE INDEX ix_notification_newest ON notification (person_id, created_at, id)",
    # Every answer carries the number of unread entries.
    "CREATE INDEX ix_notification_unread ON notification (person_id) WHERE read_at IS NULL",
]

RIGHTS = [
    ("account", "SELECT, INSERT, UPDATE"),
    ("membership", "SELECT, INSERT, DELETE"),
    ("notification", "SELECT, INSERT, UPDATE"),
]


def upgrade() -> None:
    for statement in (schema.APP_NOW_SQL, *TABLES, *message_tables_sql(SERVICE)):
        op.execute(statement)
    for statement in schema.grants_sql(SERVICE, RIGHTS):
        op.execute(statement)


def downgrade() -> None:
    for table in ("notification", "membership", "account", "outbox", "inbox", "relay_lease"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION app_now()")

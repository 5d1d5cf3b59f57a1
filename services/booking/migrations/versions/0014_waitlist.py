"""Waiting lists, and where time got free."""

from alembic import op

from shared.database import schema

revision = "0014"
down_revision = "0013"

SERVICE = "booking"

WAITLIST = [
    """
    CREATE TABLE waitlist_entry (
        id uuid NOT NULL CONSTRAINT pk_waitlist_entry PRIMARY KEY,
        customer_id uuid NOT NULL,
        provider_id uuid NOT NULL,
        service_id uuid NOT NULL,
        staff_id uuid,
        asks jsonb NOT NULL,
        day date NOT NULL,
        from_time time,
        to_time time,
        state varchar NOT NULL,
        booking_id uuid CONSTRAINT fk_waitlist_entry_booking_id_booking REFERENCES booking (id),
        created_at timestamptz NOT NULL,
        CONSTRAINT ck_waitlist_entry_state CHECK (state IN ('waiting', 'offered', 'left', 'over')),
        CONSTRAINT ck_waitlist_entry_booking CHECK ((state = 'offered') = (booking_id IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_waitlist_entry_line ON waitlist_entry (provider_id, created_at, id) "
    "WHERE state = 'waiting'",
    "CREATE INDEX ix_waitlist_entry_day ON waitlist_entry (day) WHERE state = 'waiting'",
    "CREATE INDEX ix_waitlist_entry_customer_id ON waitlist_entry (customer_id, created_at, id)",
    "CREATE UNIQUE INDEX ix_waitlist_entry_once "
    "ON waitlist_entry (customer_id, provider_id, service_id, day) WHERE state = 'waiting'",
    """
    CREATE TABLE waitlist_call (
        id uuid NOT NULL CONSTRAINT pk_waitlist_call PRIMARY KEY,
        provider_id uuid NOT NULL,
        first_day date,
        last_day date,
        at timestamptz NOT NULL
    )
    """,
    "ALTER TABLE booking ADD COLUMN waitlist_id uuid",
]

RIGHTS = [
    ("waitlist_entry", "SELECT, INSERT, UPDATE (state, booking_id)"),
    # Whoever locks a row of it says so by a right to change it.
    ("waitlist_call", "SELECT, INSERT, UPDATE (at), DELETE"),
]


def upgrade() -> None:
    for statement in (*WAITLIST, *schema.grants_sql(SERVICE, RIGHTS)):
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE booking DROP COLUMN waitlist_id")
    op.execute("DROP TABLE waitlist_call")
    op.execute("DROP TABLE waitlist_entry")

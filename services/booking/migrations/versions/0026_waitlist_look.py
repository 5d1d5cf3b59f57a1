"""When lines were last looked at for days that have come into the booking window."""

from alembic import op

from shared.database import schema

revision = "0026"
down_revision = "0025"

SERVICE = "booking"

# The first look calls every line of a day that is in the window: some may have been forgotten before.
LOOK = [
    """
    CREATE TABLE waitlist_look (
        id smallint NOT NULL CONSTRAINT pk_waitlist_look PRIMARY KEY,
        looked_at timestamptz NOT NULL,
        CONSTRAINT ck_waitlist_look_one CHECK (id = 1)
    )
    """,
    "INSERT INTO waitlist_look (id, looked_at) VALUES (1, '2000-01-01T00:00:00Z')",
]

RIGHTS = [("waitlist_look", "SELECT, UPDATE (looked_at)")]


def upgrade() -> None:
    for statement in (*LOOK, *schema.grants_sql(SERVICE, RIGHTS)):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE waitlist_look")

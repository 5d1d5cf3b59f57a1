"""Who has changed a provider's supply, and why."""

from alembic import op

from shared.database import schema

revision = "0008"
down_revision = "0007"

SERVICE = "booking"

HISTORY = [
    """
    CREATE TABLE supply_history (
        id uuid NOT NULL CONSTRAINT pk_supply_history PRIMARY KEY,
        provider_id uuid NOT NULL,
        command varchar NOT NULL,
        changed_id uuid,
        stranded integer NOT NULL,
        actor varchar NOT NULL CONSTRAINT ck_supply_history_actor CHECK (actor IN ('provider', 'admin')),
        actor_id uuid NOT NULL,
        reason varchar,
        at timestamptz NOT NULL,
        CONSTRAINT ck_supply_history_reason CHECK (actor <> 'admin' OR reason IS NOT NULL)
    )
    """,
    "CREATE INDEX ix_supply_history_provider_id ON supply_history (provider_id, at)",
]

RIGHTS = [("supply_history", "SELECT, INSERT")]


def upgrade() -> None:
    for statement in (*HISTORY, *schema.grants_sql(SERVICE, RIGHTS)):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE supply_history")

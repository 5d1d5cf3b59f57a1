"""How fast a provider's people get from one home visit to the next, and how much of their time that takes."""

from alembic import op

from shared.database import repeating

revision = "0018"
down_revision = "0017"

# The check is added before the longer ranges come and replaces the one that refuses them; both only read.
UP = [
    """
    ALTER TABLE calendar ADD COLUMN travel_speed_kmh smallint
        CONSTRAINT ck_calendar_travel_speed_kmh CHECK (travel_speed_kmh BETWEEN 1 AND 300)
    """,
    """
    ALTER TABLE allocation
        ADD COLUMN travel_before integer NOT NULL DEFAULT 0,
        ADD COLUMN travel_after integer NOT NULL DEFAULT 0,
        DROP CONSTRAINT ck_allocation_length,
        ADD CONSTRAINT ck_allocation_length
            CHECK (upper(blocked) - lower(blocked) <= interval '56 hours') NOT VALID
    """,
]
VALIDATE = "ALTER TABLE allocation VALIDATE CONSTRAINT ck_allocation_length"


def upgrade() -> None:
    if not repeating.is_there("allocation", "travel_before"):
        for statement in UP:
            op.execute(statement)
    with op.get_context().autocommit_block():
        op.execute(VALIDATE)


def downgrade() -> None:
    op.execute("ALTER TABLE allocation DROP COLUMN travel_before, DROP COLUMN travel_after")
    op.execute("ALTER TABLE calendar DROP COLUMN travel_speed_kmh")

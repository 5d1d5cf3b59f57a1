"""Late money may take a seat of another session, in other rooms: what a booking took before is let go."""

from alembic import op

from shared.database import schema

revision = "0007"
down_revision = "0006"

SERVICE = "booking"

RIGHTS = [("further_resource", "DELETE")]


def upgrade() -> None:
    for statement in schema.grants_sql(SERVICE, RIGHTS):
        op.execute(statement)


def downgrade() -> None:
    op.execute(f"REVOKE DELETE ON further_resource FROM {schema.app_role(SERVICE)}")

"""What somebody in line asked for about people is forgotten when their waiting ends."""

from alembic import op

from shared.database import schema

revision = "0020"
down_revision = "0019"

SERVICE = "booking"
TABLE, RIGHT = "waitlist_entry", "UPDATE (asks)"


def upgrade() -> None:
    for statement in schema.grants_sql(SERVICE, [(TABLE, RIGHT)]):
        op.execute(statement)


def downgrade() -> None:
    op.execute(f"REVOKE {RIGHT} ON {TABLE} FROM {schema.app_role(SERVICE)}")

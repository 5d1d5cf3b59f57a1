"""What a series asked for about people is forgotten when its last instance is decided; each visit has it."""

from alembic import op

from shared.database import schema

revision = "0022"
down_revision = "0021"

SERVICE = "booking"
TABLE, RIGHT = "series", "UPDATE (asks)"

FORGET_DECIDED = """
    UPDATE series SET held_from = NULL, asks = asks - ARRAY['notes', 'recipient', 'address']
    WHERE (held_from IS NOT NULL OR jsonb_exists_any(asks, ARRAY['notes', 'recipient', 'address']))
        AND NOT EXISTS (
            SELECT FROM series_instance WHERE series_id = series.id AND outcome = 'open'
        )
"""


def upgrade() -> None:
    for statement in (*schema.grants_sql(SERVICE, [(TABLE, RIGHT)]), FORGET_DECIDED):
        op.execute(statement)


def downgrade() -> None:
    op.execute(f"REVOKE {RIGHT} ON {TABLE} FROM {schema.app_role(SERVICE)}")

"""By when a visit counts as done, in booking's words, instead of its end: no grace is known here any more.

No release has known the column that goes.
"""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("ALTER TABLE payment ADD COLUMN visit_done_by timestamptz")
    op.execute(
        "UPDATE payment SET visit_done_by = visit_ends_at + interval '24 hours' "
        "WHERE capture_method = 'manual'"
    )
    op.execute("ALTER TABLE payment DROP COLUMN visit_ends_at")


def downgrade() -> None:
    op.execute("ALTER TABLE payment ADD COLUMN visit_ends_at timestamptz")
    op.execute("ALTER TABLE payment DROP COLUMN visit_done_by")

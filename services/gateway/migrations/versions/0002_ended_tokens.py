"""Refresh tokens that have ended are found by an index."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_refresh_token_expires_at ON refresh_token (expires_at)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_refresh_token_expires_at")

"""Which visits took place: what was held is charged then, and what is the provider's may be paid out."""

from alembic import op

from shared.database import schema

revision = "0008"
down_revision = "0007"

SERVICE = "payment"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE booking_completion (
            booking_id uuid NOT NULL CONSTRAINT pk_booking_completion PRIMARY KEY,
            version bigint NOT NULL,
            completed_at timestamptz NOT NULL
        )
        """
    )
    for statement in schema.grants_sql(SERVICE, [("booking_completion", "SELECT, INSERT")]):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE booking_completion")

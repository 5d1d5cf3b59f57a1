"""What booking said of visits that were moved: by when they count as done, and what is due back."""

from alembic import op

from shared.database import schema

revision = "0023"
down_revision = "0022"

SERVICE = "payment"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE booking_move (
            booking_id uuid NOT NULL,
            version bigint NOT NULL,
            currency varchar(3) NOT NULL,
            service_refund bigint NOT NULL
                CONSTRAINT ck_booking_move_amount_not_negative CHECK (service_refund >= 0),
            done_by timestamptz NOT NULL,
            CONSTRAINT pk_booking_move PRIMARY KEY (booking_id, version)
        )
        """
    )
    for statement in schema.grants_sql(SERVICE, [("booking_move", "SELECT, INSERT")]):
        op.execute(statement)
    op.execute(f"GRANT UPDATE (visit_done_by) ON payment TO {schema.app_role(SERVICE)}")


def downgrade() -> None:
    op.execute(f"REVOKE UPDATE (visit_done_by) ON payment FROM {schema.app_role(SERVICE)}")
    op.execute("DROP TABLE booking_move")

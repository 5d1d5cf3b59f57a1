"""Who receives the care, where a home visit is, and what the provider notes; customers change their note."""

from alembic import op

from shared.database import schema

revision = "0016"
down_revision = "0015"

SERVICE = "booking"

CARE = """
    CREATE TABLE care (
        booking_id uuid NOT NULL CONSTRAINT pk_care PRIMARY KEY
            CONSTRAINT fk_care_booking_id_booking REFERENCES booking (id),
        recipient jsonb,
        address jsonb,
        latitude double precision,
        longitude double precision,
        provider_notes text,
        CONSTRAINT ck_care_address CHECK (num_nulls(address, latitude, longitude) IN (0, 3)),
        CONSTRAINT ck_care_point CHECK (
            latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180
        )
    )
"""

RIGHTS = [("care", "SELECT, INSERT, UPDATE (provider_notes)")]


def upgrade() -> None:
    for statement in (CARE, *schema.grants_sql(SERVICE, RIGHTS)):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE care")

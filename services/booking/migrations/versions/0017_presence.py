"""When the carer of a visit came and went, and where they were then."""

from alembic import op

from shared.database import schema

revision = "0017"
down_revision = "0016"

SERVICE = "booking"

PRESENCE = """
    CREATE TABLE presence (
        booking_id uuid NOT NULL CONSTRAINT fk_presence_booking_id_booking REFERENCES booking (id),
        moment varchar NOT NULL
            CONSTRAINT ck_presence_moment CHECK (moment IN ('check_in', 'check_out')),
        at timestamptz NOT NULL,
        actor_id uuid NOT NULL,
        latitude double precision,
        longitude double precision,
        accuracy_metres double precision,
        distance_metres integer,
        CONSTRAINT pk_presence PRIMARY KEY (booking_id, moment),
        CONSTRAINT ck_presence_point CHECK (
            latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180
        ),
        CONSTRAINT ck_presence_position CHECK (num_nulls(latitude, longitude) IN (0, 2))
    )
"""

RIGHTS = [("presence", "SELECT, INSERT")]


def upgrade() -> None:
    for statement in (PRESENCE, *schema.grants_sql(SERVICE, RIGHTS)):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE presence")

"""A booking may occupy several people, rooms and things; a session has a row for each seat (C9, C10)."""

from alembic import op

from shared.database import schema

revision = "0005"
down_revision = "0004"

SERVICE = "booking"

# In the order in which a hold comes to them: whoever has one of these tables gets the others, and ends.
# Without it, who has read bookings waits for allocations while this waits for bookings.
ALONE = "LOCK TABLE staff, booking, allocation IN ACCESS EXCLUSIVE MODE"

# Whatever an allocation can occupy. Triggers keep it, so that the version before needs to know nothing of it.
RESOURCES = [
    "CREATE TABLE resource (id uuid NOT NULL CONSTRAINT pk_resource PRIMARY KEY)",
    """
    CREATE FUNCTION note_resource() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO resource (id) VALUES (NEW.id) ON CONFLICT ON CONSTRAINT pk_resource DO NOTHING;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER note_resource BEFORE INSERT ON staff
        FOR EACH ROW EXECUTE FUNCTION note_resource()
    """,
    """
    CREATE TRIGGER note_resource BEFORE INSERT ON resource_unit
        FOR EACH ROW EXECUTE FUNCTION note_resource()
    """,
    "INSERT INTO resource (id) SELECT id FROM staff UNION SELECT id FROM resource_unit",
]

# The constraint keeps its name: the version before writes under it too, rows without a session.
ALLOCATIONS = [
    """
    ALTER TABLE allocation
        ADD COLUMN session_id uuid,
        ADD COLUMN seat smallint,
        ADD COLUMN seats smallint,
        DROP CONSTRAINT fk_allocation_resource_id_staff,
        ADD CONSTRAINT fk_allocation_resource_id_resource
            FOREIGN KEY (resource_id) REFERENCES resource (id),
        ADD CONSTRAINT ck_allocation_seat
            CHECK (num_nulls(session_id, seat, seats) IN (0, 3) AND seat BETWEEN 1 AND seats),
        DROP CONSTRAINT allocation_no_overlap,
        ADD CONSTRAINT allocation_no_overlap EXCLUDE USING gist (
            resource_id WITH =, blocked WITH &&, coalesce(session_id, id) WITH <>
        )
    """,
    "CREATE UNIQUE INDEX ix_allocation_seat ON allocation (session_id, resource_id, seat)",
]

BOOKINGS = [
    """
    ALTER TABLE booking
        ADD COLUMN place varchar NOT NULL DEFAULT 'provider'
            CONSTRAINT ck_booking_place CHECK (place IN ('provider', 'customer', 'online')),
        ADD COLUMN session_id uuid,
        ADD COLUMN seats smallint,
        ADD CONSTRAINT ck_booking_session CHECK (num_nulls(session_id, seats) IN (0, 2))
    """,
    """
    CREATE TABLE further_resource (
        booking_id uuid NOT NULL
            CONSTRAINT fk_further_resource_booking_id_booking REFERENCES booking (id),
        resource_id uuid NOT NULL
            CONSTRAINT fk_further_resource_resource_id_resource REFERENCES resource (id),
        starts_at timestamptz NOT NULL,
        CONSTRAINT pk_further_resource PRIMARY KEY (booking_id, resource_id)
    )
    """,
    "CREATE INDEX ix_further_resource_resource_id ON further_resource (resource_id, starts_at)",
]

RIGHTS = [("resource", "SELECT, INSERT"), ("further_resource", "SELECT, INSERT")]


def upgrade() -> None:
    for statement in (ALONE, *RESOURCES, *ALLOCATIONS, *BOOKINGS, *schema.grants_sql(SERVICE, RIGHTS)):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE further_resource")
    op.execute("ALTER TABLE booking DROP COLUMN place, DROP COLUMN session_id, DROP COLUMN seats")
    op.execute(
        """
        ALTER TABLE allocation
            DROP CONSTRAINT allocation_no_overlap,
            DROP CONSTRAINT fk_allocation_resource_id_resource,
            ADD CONSTRAINT fk_allocation_resource_id_staff FOREIGN KEY (resource_id) REFERENCES staff (id),
            ADD CONSTRAINT allocation_no_overlap EXCLUDE USING gist (resource_id WITH =, blocked WITH &&),
            DROP COLUMN session_id, DROP COLUMN seat, DROP COLUMN seats
        """
    )
    op.execute("DROP TRIGGER note_resource ON staff")
    op.execute("DROP TRIGGER note_resource ON resource_unit")
    op.execute("DROP FUNCTION note_resource()")
    op.execute("DROP TABLE resource")

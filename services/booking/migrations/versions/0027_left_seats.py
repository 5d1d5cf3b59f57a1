"""What a session's entry in calendars counts of seats that were left for another session."""

from alembic import op

from shared.database import repeating, schema

revision = "0027"
down_revision = "0026"

SERVICE = "booking"

LEFT_SEAT = """
    CREATE TABLE left_seat (
        session_id uuid NOT NULL,
        booking_id uuid NOT NULL CONSTRAINT fk_left_seat_booking_id_booking REFERENCES booking (id),
        version integer NOT NULL,
        CONSTRAINT pk_left_seat PRIMARY KEY (session_id, booking_id, version)
    )
"""
FUNCTION = """
CREATE FUNCTION note_left_seat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO left_seat (session_id, booking_id, version) VALUES (OLD.session_id, NEW.id, NEW.version);
    RETURN NULL;
END $$
"""
# By the database, since a process of the release before moves seats too while this one is rolled out.
TRIGGER = """
CREATE TRIGGER note_left_seat AFTER UPDATE OF session_id ON booking FOR EACH ROW
    WHEN (OLD.session_id IS NOT NULL AND OLD.session_id IS DISTINCT FROM NEW.session_id)
    EXECUTE FUNCTION note_left_seat()
"""
RIGHTS = [("left_seat", "SELECT, INSERT")]

# Calendars that have seen more than is there by now ignore what changes until as much is there again.
# What was left before the history kept facts is not known.
LEFT_BEFORE = """
    INSERT INTO left_seat (session_id, booking_id, version)
    SELECT CAST(before.facts ->> 'session_id' AS uuid), booking.id, moved.version
    FROM booking
    JOIN booking_history AS moved ON moved.booking_id = booking.id
    JOIN booking_history AS before ON before.booking_id = booking.id AND before.version = moved.version - 1
    WHERE booking.moves > 0 AND moved.facts IS NOT NULL AND before.facts ->> 'session_id' IS NOT NULL
        AND before.facts ->> 'session_id' IS DISTINCT FROM moved.facts ->> 'session_id'
    ON CONFLICT ON CONSTRAINT pk_left_seat DO NOTHING
"""


def upgrade() -> None:
    if not repeating.is_there("left_seat"):
        for statement in (LEFT_SEAT, FUNCTION, TRIGGER, *schema.grants_sql(SERVICE, RIGHTS)):
            op.execute(statement)
    # Reads every booking: not while the trigger's lock keeps others from writing one.
    with op.get_context().autocommit_block():
        op.execute(LEFT_BEFORE)


def downgrade() -> None:
    op.execute("DROP TRIGGER note_left_seat ON booking")
    op.execute("DROP FUNCTION note_left_seat()")
    op.execute("DROP TABLE left_seat")

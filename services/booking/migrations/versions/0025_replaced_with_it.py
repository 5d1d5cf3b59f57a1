"""Nobody confirms what replaces a visit without giving that up in the same commit."""

from alembic import op

revision = "0025"
down_revision = "0024"

FUNCTION = """
CREATE FUNCTION refuse_unless_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM booking WHERE id = NEW.replaces_id AND state = 'cancelled' AND cancel_cause = 'replaced'
    ) THEN
        RAISE EXCEPTION 'booking % is confirmed and the one that it replaces stands', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_replaced_with_it';
    END IF;
    RETURN NULL;
END $$
"""
# At the commit: the one is written before the other.
TRIGGER = """
CREATE CONSTRAINT TRIGGER booking_replaced_with_it AFTER UPDATE ON booking
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.replaces_id IS NOT NULL AND NEW.state = 'confirmed' AND OLD.state IN ('pending', 'expired'))
    EXECUTE FUNCTION refuse_unless_replaced()
"""


def upgrade() -> None:
    op.execute(FUNCTION)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER booking_replaced_with_it ON booking")
    op.execute("DROP FUNCTION refuse_unless_replaced()")

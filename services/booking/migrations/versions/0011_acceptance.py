"""Services whose provider is asked first, and the bookings that wait for the answer."""

from alembic import op

revision = "0011"
down_revision = "0010"

# Checked apart: each reads its whole table and lets others write meanwhile.
CHECKS = [
    ("service_rules", "acceptance", "acceptance IN ('instant', 'provider')"),
    ("service_rules", "answer_hours", "answer_hours BETWEEN 1 AND 72"),
    ("booking", "answer_hours", "answer_hours BETWEEN 1 AND 72"),
    # What is paid never expires, whichever release sweeps: its money would be lost.
    ("booking", "unpaid", "state <> 'expired' OR payment_id IS NULL"),
]


def upgrade() -> None:
    op.execute(
        "ALTER TABLE service_rules ADD COLUMN acceptance varchar NOT NULL DEFAULT 'instant', "
        "ADD COLUMN answer_hours smallint NOT NULL DEFAULT 24"
    )
    op.execute("ALTER TABLE booking ADD COLUMN answer_hours smallint")
    for table, name, condition in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({condition}) NOT VALID")
    for table, name, _ in CHECKS:
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")


def downgrade() -> None:
    op.execute("ALTER TABLE booking DROP CONSTRAINT ck_booking_unpaid, DROP COLUMN answer_hours")
    op.execute("ALTER TABLE service_rules DROP COLUMN acceptance, DROP COLUMN answer_hours")

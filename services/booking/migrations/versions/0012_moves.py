"""Bookings that their customers move to another time."""

from alembic import op

from shared.database import schema

revision = "0012"
down_revision = "0011"

SERVICE = "booking"
RIGHTS = [("allocation", "UPDATE"), ("further_resource", "UPDATE")]

# Checked apart: each reads its whole table and lets others write meanwhile.
CHECKS = [
    ("booking", "moves", "moves >= 0 AND price_reduction >= 0"),
    ("refund_policy", "most_moves", "most_moves BETWEEN 0 AND 100"),
]


def upgrade() -> None:
    op.execute(
        "ALTER TABLE booking ADD COLUMN moves smallint NOT NULL DEFAULT 0, ADD COLUMN least_notice interval, "
        "ADD COLUMN price_reduction bigint NOT NULL DEFAULT 0"
    )
    op.execute("ALTER TABLE refund_policy ADD COLUMN most_moves smallint NOT NULL DEFAULT 3")
    for table, name, condition in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({condition}) NOT VALID")
    for statement in schema.grants_sql(SERVICE, RIGHTS):
        op.execute(statement)
    for table, name, _ in CHECKS:
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")


def downgrade() -> None:
    op.execute("ALTER TABLE refund_policy DROP COLUMN most_moves")
    op.execute("ALTER TABLE booking DROP COLUMN moves, DROP COLUMN least_notice, DROP COLUMN price_reduction")

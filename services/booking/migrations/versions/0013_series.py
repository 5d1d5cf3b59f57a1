"""Series of visits, and which booking belongs to one."""

from alembic import op

from shared.database import repeating, schema

revision = "0013"
down_revision = "0012"

SERVICE = "booking"
INDEX = "ix_booking_series_id"

SERIES = [
    """
    CREATE TABLE series (
        id uuid NOT NULL CONSTRAINT pk_series PRIMARY KEY,
        customer_id uuid NOT NULL,
        provider_id uuid NOT NULL,
        service_id uuid NOT NULL,
        asks jsonb NOT NULL,
        rule varchar NOT NULL,
        first_day date NOT NULL,
        start_time time NOT NULL,
        held_from varchar,
        kept_at timestamptz,
        created_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_series_customer_id ON series (customer_id, created_at, id)",
    """
    CREATE TABLE series_instance (
        series_id uuid NOT NULL CONSTRAINT fk_series_instance_series_id_series REFERENCES series (id),
        position smallint NOT NULL,
        day date NOT NULL,
        wanted_day date NOT NULL,
        wanted_time time NOT NULL,
        utc_offset varchar,
        outcome varchar NOT NULL,
        code varchar,
        booking_id uuid CONSTRAINT fk_series_instance_booking_id_booking REFERENCES booking (id),
        CONSTRAINT pk_series_instance PRIMARY KEY (series_id, position),
        CONSTRAINT ck_series_instance_outcome CHECK (outcome IN ('open', 'booked', 'skipped', 'refused')),
        CONSTRAINT ck_series_instance_booking CHECK ((outcome = 'booked') = (booking_id IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_series_instance_open ON series_instance (series_id) WHERE outcome = 'open'",
    "ALTER TABLE booking ADD COLUMN series_id uuid",
]

RIGHTS = [
    ("series", "SELECT, INSERT, UPDATE (held_from, kept_at)"),
    ("series_instance", "SELECT, INSERT, UPDATE (outcome, code, booking_id)"),
]


def upgrade() -> None:
    if not repeating.is_there("series"):
        for statement in (*SERIES, *schema.grants_sql(SERVICE, RIGHTS)):
            op.execute(statement)
    with op.get_context().autocommit_block():
        # What an attempt that was cut off has left is not valid.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(f"CREATE INDEX CONCURRENTLY {INDEX} ON booking (series_id) WHERE series_id IS NOT NULL")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
    op.execute("ALTER TABLE booking DROP COLUMN series_id")
    op.execute("DROP TABLE series_instance")
    op.execute("DROP TABLE series")

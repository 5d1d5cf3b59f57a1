"""The catalogue's copy, calendars, bookings, and the allocation that refuses overlap."""

from alembic import op

from shared.database import idempotency, schema
from shared.messages.tables import message_tables_sql

revision = "0001"
down_revision = None

SERVICE = "booking"

CATALOGUE_COPY = [
    """
    CREATE TABLE provider (
        id uuid NOT NULL CONSTRAINT pk_provider PRIMARY KEY,
        version bigint NOT NULL,
        time_zone varchar NOT NULL,
        withdrawn boolean NOT NULL
    )
    """,
    """
    CREATE TABLE service (
        id uuid NOT NULL CONSTRAINT pk_service PRIMARY KEY,
        provider_id uuid NOT NULL,
        version bigint NOT NULL,
        name jsonb NOT NULL,
        duration_minutes integer NOT NULL
            CONSTRAINT ck_service_duration_minutes CHECK (duration_minutes BETWEEN 5 AND 1440),
        price_amount bigint NOT NULL,
        price_currency varchar NOT NULL,
        withdrawn boolean NOT NULL
    )
    """,
]

CALENDARS = [
    """
    CREATE TABLE calendar (
        provider_id uuid NOT NULL CONSTRAINT pk_calendar PRIMARY KEY,
        slot_step_minutes smallint NOT NULL
            CONSTRAINT ck_calendar_slot_step_minutes
            CHECK (slot_step_minutes > 0 AND 1440 % slot_step_minutes = 0),
        minimum_notice_minutes integer NOT NULL
            CONSTRAINT ck_calendar_minimum_notice_minutes CHECK (minimum_notice_minutes >= 0),
        window_days smallint NOT NULL
            CONSTRAINT ck_calendar_window_days CHECK (window_days BETWEEN 0 AND 730),
        buffer_before_minutes smallint NOT NULL,
        buffer_after_minutes smallint NOT NULL,
        import_digest varchar,
        CONSTRAINT ck_calendar_buffers
            CHECK (buffer_before_minutes BETWEEN 0 AND 720 AND buffer_after_minutes BETWEEN 0 AND 720)
    )
    """,
    """
    CREATE TABLE opening_hours (
        provider_id uuid NOT NULL,
        weekday smallint NOT NULL CONSTRAINT ck_opening_hours_weekday CHECK (weekday BETWEEN 1 AND 7),
        opens smallint NOT NULL,
        closes smallint NOT NULL,
        CONSTRAINT pk_opening_hours PRIMARY KEY (provider_id, weekday, opens),
        CONSTRAINT ck_opening_hours_window
            CHECK (opens BETWEEN 0 AND 1439 AND closes > opens AND closes <= 2880)
    )
    """,
    """
    CREATE TABLE staff (
        id uuid NOT NULL CONSTRAINT pk_staff PRIMARY KEY,
        provider_id uuid NOT NULL,
        name jsonb NOT NULL,
        active boolean NOT NULL,
        all_services boolean NOT NULL
    )
    """,
    "CREATE INDEX ix_staff_provider_id ON staff (provider_id)",
    """
    CREATE TABLE staff_service (
        staff_id uuid NOT NULL CONSTRAINT fk_staff_service_staff_id_staff REFERENCES staff (id),
        service_id uuid NOT NULL,
        CONSTRAINT pk_staff_service PRIMARY KEY (staff_id, service_id)
    )
    """,
    """
    CREATE TABLE time_off (
        id uuid NOT NULL CONSTRAINT pk_time_off PRIMARY KEY,
        provider_id uuid NOT NULL,
        staff_id uuid CONSTRAINT fk_time_off_staff_id_staff REFERENCES staff (id),
        period tstzrange NOT NULL
            CONSTRAINT ck_time_off_period
            CHECK (NOT isempty(period) AND NOT lower_inf(period) AND NOT upper_inf(period)),
        reason varchar NOT NULL
    )
    """,
    "CREATE INDEX ix_time_off_provider_id ON time_off (provider_id)",
]

BOOKINGS = [
    """
    CREATE TABLE refund_policy (
        id uuid NOT NULL CONSTRAINT pk_refund_policy PRIMARY KEY,
        valid_from timestamptz NOT NULL CONSTRAINT uq_refund_policy_valid_from UNIQUE,
        tiers jsonb NOT NULL
    )
    """,
    """
    INSERT INTO refund_policy (id, valid_from, tiers) VALUES (
        '01890000-0000-7000-8000-000000000001', '2020-01-01T00:00:00Z',
        '[{"notice_hours": 24, "percent": 100}, {"notice_hours": 2, "percent": 75},
          {"notice_hours": 0, "percent": 50}]'
    )
    """,
    """
    CREATE TABLE booking (
        id uuid NOT NULL CONSTRAINT pk_booking PRIMARY KEY,
        version integer NOT NULL,
        state varchar NOT NULL
            CONSTRAINT ck_booking_state CHECK (state IN ('pending', 'confirmed', 'in_progress',
                'completed', 'cancelled', 'no_show', 'expired')),
        pending_for varchar
            CONSTRAINT ck_booking_pending_for CHECK (pending_for IN ('payment', 'provider')),
        customer_id uuid NOT NULL,
        provider_id uuid NOT NULL,
        service_id uuid NOT NULL,
        staff_id uuid NOT NULL CONSTRAINT fk_booking_staff_id_staff REFERENCES staff (id),
        service_name jsonb NOT NULL,
        visit tstzrange NOT NULL,
        blocked tstzrange NOT NULL,
        time_zone varchar NOT NULL,
        local_start timestamp NOT NULL,
        utc_offset varchar NOT NULL,
        quote jsonb NOT NULL,
        notes text,
        hold_ends_at timestamptz,
        hold_prolonged boolean NOT NULL,
        processing_until timestamptz,
        held_from varchar,
        payment_id uuid,
        paid_service bigint,
        paid_tip bigint,
        cancel_cause varchar,
        refund jsonb,
        created_at timestamptz NOT NULL,
        CONSTRAINT ck_booking_hold CHECK ((state = 'pending') = (hold_ends_at IS NOT NULL)),
        CONSTRAINT ck_booking_visit CHECK (NOT isempty(visit) AND visit <@ blocked)
    )
    """,
    "CREATE INDEX ix_booking_customer_id ON booking (customer_id, created_at, id)",
    """
    CREATE INDEX ix_booking_hold_end ON booking (greatest(hold_ends_at, processing_until))
        WHERE state = 'pending'
    """,
    "CREATE INDEX ix_booking_live_customer ON booking (customer_id) WHERE state = 'pending'",
    "CREATE INDEX ix_booking_live_address ON booking (held_from) WHERE state = 'pending'",
    """
    CREATE TABLE allocation (
        id uuid NOT NULL CONSTRAINT pk_allocation PRIMARY KEY,
        booking_id uuid NOT NULL CONSTRAINT fk_allocation_booking_id_booking REFERENCES booking (id),
        resource_id uuid NOT NULL CONSTRAINT fk_allocation_resource_id_staff REFERENCES staff (id),
        blocked tstzrange NOT NULL,
        CONSTRAINT ck_allocation_not_empty CHECK (NOT isempty(blocked)),
        CONSTRAINT ck_allocation_finite CHECK (NOT lower_inf(blocked) AND NOT upper_inf(blocked)),
        CONSTRAINT ck_allocation_half_open CHECK (lower_inc(blocked) AND NOT upper_inc(blocked)),
        CONSTRAINT ck_allocation_length CHECK (upper(blocked) - lower(blocked) <= interval '48 hours'),
        CONSTRAINT allocation_no_overlap EXCLUDE USING gist (resource_id WITH =, blocked WITH &&)
    )
    """,
    "CREATE INDEX ix_allocation_booking_id ON allocation (booking_id)",
    """
    CREATE TABLE booking_history (
        booking_id uuid NOT NULL
            CONSTRAINT fk_booking_history_booking_id_booking REFERENCES booking (id),
        version integer NOT NULL,
        from_state varchar,
        to_state varchar NOT NULL,
        actor varchar NOT NULL,
        actor_id uuid,
        reason varchar NOT NULL,
        note text,
        at timestamptz NOT NULL,
        CONSTRAINT pk_booking_history PRIMARY KEY (booking_id, version)
    )
    """,
    """
    CREATE TABLE payment_copy (
        payment_id uuid NOT NULL CONSTRAINT pk_payment_copy PRIMARY KEY,
        booking_id uuid NOT NULL,
        version bigint NOT NULL,
        status varchar NOT NULL
    )
    """,
]

RIGHTS = [
    ("provider", "SELECT, INSERT, UPDATE"),
    ("service", "SELECT, INSERT, UPDATE"),
    ("calendar", "SELECT, INSERT, UPDATE"),
    ("opening_hours", "SELECT, INSERT, DELETE"),
    ("staff", "SELECT, INSERT, UPDATE"),
    ("staff_service", "SELECT, INSERT, DELETE"),
    ("time_off", "SELECT, INSERT, DELETE"),
    ("refund_policy", "SELECT"),
    ("booking", "SELECT, INSERT, UPDATE"),
    ("allocation", "SELECT, INSERT, DELETE"),
    ("booking_history", "SELECT, INSERT"),
    ("payment_copy", "SELECT, INSERT, UPDATE"),
]


def upgrade() -> None:
    statements = [
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        schema.APP_NOW_SQL,
        *message_tables_sql(SERVICE),
        *idempotency.table_sql(SERVICE),
        *CATALOGUE_COPY,
        *CALENDARS,
        *BOOKINGS,
        *schema.grants_sql(SERVICE, RIGHTS),
    ]
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    for table in [name for name, _ in reversed(RIGHTS)]:
        op.execute(f"DROP TABLE {table}")
    for table in ("idempotency", "relay_lease", "inbox", "outbox"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION app_now()")

"""What a provider has to give: hours by person and service, dates, holidays, rules, rooms, caps."""

from alembic import op

from shared.database import schema

revision = "0004"
down_revision = "0003"

SERVICE = "booking"
NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"

RULES = [
    """
    ALTER TABLE calendar
        ADD COLUMN holiday_country varchar,
        ADD COLUMN holiday_subdivision varchar,
        ADD CONSTRAINT ck_calendar_holidays
            CHECK (holiday_country IS NOT NULL OR holiday_subdivision IS NULL)
    """,
    """
    ALTER TABLE staff
        ADD COLUMN day_cap smallint,
        ADD COLUMN week_cap smallint,
        ADD CONSTRAINT ck_staff_caps CHECK (day_cap BETWEEN 1 AND 100 AND week_cap BETWEEN 1 AND 700)
    """,
    """
    CREATE TABLE service_rules (
        service_id uuid NOT NULL CONSTRAINT pk_service_rules PRIMARY KEY,
        provider_id uuid NOT NULL,
        slot_step_minutes smallint,
        minimum_notice_minutes integer,
        window_days smallint,
        buffer_before_minutes smallint,
        buffer_after_minutes smallint,
        capacity smallint NOT NULL,
        staff_count smallint NOT NULL,
        day_cap smallint,
        week_cap smallint,
        places varchar[] NOT NULL,
        CONSTRAINT ck_service_rules_slot_step_minutes
            CHECK (slot_step_minutes > 0 AND 1440 % slot_step_minutes = 0),
        CONSTRAINT ck_service_rules_minimum_notice_minutes CHECK (minimum_notice_minutes >= 0),
        CONSTRAINT ck_service_rules_window_days CHECK (window_days BETWEEN 0 AND 730),
        CONSTRAINT ck_service_rules_buffers
            CHECK (buffer_before_minutes BETWEEN 0 AND 720 AND buffer_after_minutes BETWEEN 0 AND 720),
        CONSTRAINT ck_service_rules_capacity CHECK (capacity BETWEEN 1 AND 100),
        CONSTRAINT ck_service_rules_staff_count CHECK (staff_count BETWEEN 1 AND 10),
        CONSTRAINT ck_service_rules_caps CHECK (day_cap BETWEEN 1 AND 1000 AND week_cap BETWEEN 1 AND 7000),
        CONSTRAINT ck_service_rules_places
            CHECK (cardinality(places) > 0 AND places <@ ARRAY['provider', 'customer', 'online']::varchar[])
    )
    """,
    "CREATE INDEX ix_service_rules_provider_id ON service_rules (provider_id)",
]

# Overlapping windows of a day are made one before the database refuses them.
HOURS = [
    """
    WITH merged AS (
        SELECT provider_id, weekday, unnest(range_agg(int4range(opens, closes))) AS minutes
        FROM opening_hours GROUP BY provider_id, weekday
    ), gone AS (
        DELETE FROM opening_hours
        WHERE NOT EXISTS (
            SELECT FROM merged WHERE merged.provider_id = opening_hours.provider_id
                AND merged.weekday = opening_hours.weekday
                AND merged.minutes = int4range(opening_hours.opens, opening_hours.closes)
        )
        RETURNING provider_id, weekday
    )
    INSERT INTO opening_hours (provider_id, weekday, opens, closes)
    SELECT DISTINCT provider_id, weekday, lower(minutes), upper(minutes)
    FROM merged JOIN gone USING (provider_id, weekday)
    ON CONFLICT ON CONSTRAINT pk_opening_hours DO UPDATE SET closes = excluded.closes
    """,
    """
    ALTER TABLE opening_hours ADD CONSTRAINT opening_hours_no_overlap
        EXCLUDE USING gist (provider_id WITH =, weekday WITH =, int4range(opens, closes) WITH &&)
    """,
    f"""
    CREATE TABLE working_hours (
        id uuid NOT NULL CONSTRAINT pk_working_hours PRIMARY KEY,
        provider_id uuid NOT NULL,
        staff_id uuid CONSTRAINT fk_working_hours_staff_id_staff REFERENCES staff (id),
        service_id uuid,
        weekday smallint,
        opens smallint,
        closes smallint,
        CONSTRAINT ck_working_hours_scope CHECK (staff_id IS NOT NULL OR service_id IS NOT NULL),
        CONSTRAINT ck_working_hours_weekday CHECK (weekday BETWEEN 1 AND 7),
        CONSTRAINT ck_working_hours_window
            CHECK (opens BETWEEN 0 AND 1439 AND closes > opens AND closes <= 2880),
        CONSTRAINT ck_working_hours_whole CHECK (num_nulls(weekday, opens, closes) IN (0, 3)),
        CONSTRAINT working_hours_no_overlap EXCLUDE USING gist (
            provider_id WITH =, coalesce(staff_id, {NOBODY}) WITH =, coalesce(service_id, {NOBODY}) WITH =,
            int4range(coalesce(weekday, 1), coalesce(weekday, 7), '[]') WITH &&,
            int4range(coalesce(opens, 0), coalesce(closes, 2880)) WITH &&
        )
    )
    """,
    "CREATE INDEX ix_working_hours_provider_id ON working_hours (provider_id)",
    f"""
    CREATE TABLE date_hours (
        id uuid NOT NULL CONSTRAINT pk_date_hours PRIMARY KEY,
        provider_id uuid NOT NULL,
        staff_id uuid CONSTRAINT fk_date_hours_staff_id_staff REFERENCES staff (id),
        service_id uuid,
        day date NOT NULL,
        opens smallint,
        closes smallint,
        CONSTRAINT ck_date_hours_window
            CHECK (opens BETWEEN 0 AND 1439 AND closes > opens AND closes <= 2880),
        CONSTRAINT ck_date_hours_whole CHECK (num_nulls(opens, closes) IN (0, 2)),
        CONSTRAINT date_hours_no_overlap EXCLUDE USING gist (
            provider_id WITH =, coalesce(staff_id, {NOBODY}) WITH =, coalesce(service_id, {NOBODY}) WITH =,
            day WITH =, int4range(coalesce(opens, 0), coalesce(closes, 2880)) WITH &&
        )
    )
    """,
    "CREATE INDEX ix_date_hours_provider_id ON date_hours (provider_id, day)",
    "CREATE INDEX ix_time_off_provider_period ON time_off USING gist (provider_id, period)",
]

RESOURCES = [
    """
    CREATE TABLE resource_pool (
        id uuid NOT NULL CONSTRAINT pk_resource_pool PRIMARY KEY,
        provider_id uuid NOT NULL,
        kind varchar NOT NULL CONSTRAINT ck_resource_pool_kind CHECK (kind IN ('room', 'equipment')),
        name jsonb NOT NULL,
        active boolean NOT NULL
    )
    """,
    "CREATE INDEX ix_resource_pool_provider_id ON resource_pool (provider_id)",
    """
    CREATE TABLE resource_unit (
        id uuid NOT NULL CONSTRAINT pk_resource_unit PRIMARY KEY,
        pool_id uuid NOT NULL
            CONSTRAINT fk_resource_unit_pool_id_resource_pool REFERENCES resource_pool (id),
        name jsonb NOT NULL,
        active boolean NOT NULL
    )
    """,
    "CREATE INDEX ix_resource_unit_pool_id ON resource_unit (pool_id)",
    """
    CREATE TABLE service_need (
        service_id uuid NOT NULL
            CONSTRAINT fk_service_need_service_id_service_rules REFERENCES service_rules (service_id),
        pool_id uuid NOT NULL
            CONSTRAINT fk_service_need_pool_id_resource_pool REFERENCES resource_pool (id),
        count smallint NOT NULL CONSTRAINT ck_service_need_count CHECK (count BETWEEN 1 AND 20),
        CONSTRAINT pk_service_need PRIMARY KEY (service_id, pool_id)
    )
    """,
]

RIGHTS = [
    ("service_rules", "SELECT, INSERT, UPDATE, DELETE"),
    ("working_hours", "SELECT, INSERT, DELETE"),
    ("date_hours", "SELECT, INSERT, DELETE"),
    ("resource_pool", "SELECT, INSERT, UPDATE"),
    ("resource_unit", "SELECT, INSERT, UPDATE"),
    ("service_need", "SELECT, INSERT, DELETE"),
]


def upgrade() -> None:
    for statement in (*RULES, *HOURS, *RESOURCES, *schema.grants_sql(SERVICE, RIGHTS)):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX ix_time_off_provider_period")
    for table in ("service_need", "resource_unit", "resource_pool", "date_hours", "working_hours"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP TABLE service_rules")
    op.execute("ALTER TABLE opening_hours DROP CONSTRAINT opening_hours_no_overlap")
    op.execute("ALTER TABLE staff DROP COLUMN day_cap, DROP COLUMN week_cap")
    op.execute("ALTER TABLE calendar DROP COLUMN holiday_country, DROP COLUMN holiday_subdivision")

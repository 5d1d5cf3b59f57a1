"""The catalogue: categories, providers, services, reviews, and what they are found by."""

from alembic import op

from shared.database.schema import APP_NOW_SQL, grants_sql
from shared.messages.tables import message_tables_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT_SEARCH = [
    # Latin words are stemmed as English, all others as Arabic; accents and the Arabic article are
    # gone before (services/search/domain/words.py), so that a word's script says its language.
    "CREATE TEXT SEARCH CONFIGURATION care_texts (COPY = english)",
    "ALTER TEXT SEARCH CONFIGURATION care_texts ALTER MAPPING FOR word, hword, hword_part WITH arabic_stem",
    # joins the words of a provider's services; positions go on, so that no phrase spans two of them
    """
    CREATE AGGREGATE tsvector_join(tsvector)
        (sfunc = tsvector_concat, stype = tsvector, initcond = '', parallel = safe)
    """,
]

CATEGORY = [
    """
    CREATE TABLE category (
        id uuid NOT NULL CONSTRAINT pk_category PRIMARY KEY,
        slug varchar NOT NULL CONSTRAINT uq_category_slug UNIQUE,
        name_en text NOT NULL,
        name_ar text,
        position integer NOT NULL,
        version integer NOT NULL DEFAULT 1,
        plain_name text NOT NULL,
        words tsvector NOT NULL GENERATED ALWAYS AS (
            setweight(to_tsvector('care_texts'::regconfig, plain_name), 'B')
        ) STORED
    )
    """,
]

PROVIDER = [
    """
    CREATE TABLE provider (
        id uuid NOT NULL CONSTRAINT pk_provider PRIMARY KEY,
        name_en text NOT NULL,
        name_ar text,
        about_en text NOT NULL,
        about_ar text,
        city text NOT NULL,
        country varchar(2) NOT NULL,
        time_zone varchar NOT NULL,
        currency varchar(3) NOT NULL,
        latitude double precision NOT NULL,
        longitude double precision NOT NULL,
        payable boolean NOT NULL,
        withdrawn boolean NOT NULL DEFAULT false,
        version integer NOT NULL DEFAULT 1,
        rating_sum integer NOT NULL DEFAULT 0,
        rating_count integer NOT NULL DEFAULT 0,
        rating_hundredths integer NOT NULL GENERATED ALWAYS AS (
            CASE WHEN rating_count = 0 THEN 0 ELSE round(rating_sum * 100.0 / rating_count)::integer END
        ) STORED,
        weighted_thousandths integer NOT NULL GENERATED ALWAYS AS (
            round((rating_sum + 5 * 4) * 1000.0 / (rating_count + 5))::integer
        ) STORED,
        plain_name text NOT NULL,
        plain_city text NOT NULL,
        plain_about text NOT NULL,
        words tsvector NOT NULL GENERATED ALWAYS AS (
            setweight(to_tsvector('care_texts'::regconfig, plain_name), 'A')
            || setweight(to_tsvector('care_texts'::regconfig, plain_city), 'C')
            || setweight(to_tsvector('care_texts'::regconfig, plain_about), 'D')
        ) STORED,
        place cube NOT NULL GENERATED ALWAYS AS (
            cube(ARRAY[
                6371.0088::double precision * cos(radians(latitude)) * cos(radians(longitude)),
                6371.0088::double precision * cos(radians(latitude)) * sin(radians(longitude)),
                6371.0088::double precision * sin(radians(latitude))
            ])
        ) STORED,
        document tsvector NOT NULL DEFAULT ''::tsvector,
        category_ids uuid[] NOT NULL DEFAULT '{}'::uuid[],
        from_price bigint,
        findable boolean NOT NULL DEFAULT false,
        CONSTRAINT ck_provider_location
            CHECK (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180),
        CONSTRAINT ck_provider_findable
            CHECK (NOT findable OR (from_price IS NOT NULL AND NOT withdrawn))
    )
    """,
    "CREATE INDEX ix_provider_document ON provider USING gin (document) WHERE findable",
    "CREATE INDEX ix_provider_category_ids ON provider USING gin (category_ids) WHERE findable",
    "CREATE INDEX ix_provider_place ON provider USING gist (place) WHERE findable",
    """
    CREATE INDEX ix_provider_weighted
        ON provider (weighted_thousandths, rating_count, id) WHERE findable
    """,
    "CREATE INDEX ix_provider_rating ON provider (rating_hundredths, rating_count, id) WHERE findable",
    "CREATE INDEX ix_provider_price ON provider (currency, from_price, id) WHERE findable",
]

SERVICE = [
    """
    CREATE TABLE service (
        id uuid NOT NULL CONSTRAINT pk_service PRIMARY KEY,
        provider_id uuid NOT NULL CONSTRAINT fk_service_provider_id_provider REFERENCES provider (id),
        category_id uuid NOT NULL CONSTRAINT fk_service_category_id_category REFERENCES category (id),
        name_en text NOT NULL,
        name_ar text,
        description_en text NOT NULL,
        description_ar text,
        duration_minutes integer NOT NULL,
        price_amount bigint NOT NULL CONSTRAINT ck_service_price_amount CHECK (price_amount >= 0),
        price_currency varchar(3) NOT NULL,
        withdrawn boolean NOT NULL DEFAULT false,
        version integer NOT NULL DEFAULT 1,
        plain_name text NOT NULL,
        plain_description text NOT NULL,
        words tsvector NOT NULL GENERATED ALWAYS AS (
            setweight(to_tsvector('care_texts'::regconfig, plain_name), 'A')
            || setweight(to_tsvector('care_texts'::regconfig, plain_description), 'D')
        ) STORED
    )
    """,
    "CREATE INDEX ix_service_provider_id ON service (provider_id, category_id)",
]

REVIEW = [
    """
    CREATE TABLE review (
        id uuid NOT NULL CONSTRAINT pk_review PRIMARY KEY,
        provider_id uuid NOT NULL CONSTRAINT fk_review_provider_id_provider REFERENCES provider (id),
        service_id uuid NOT NULL,
        booking_id uuid NOT NULL CONSTRAINT uq_review_booking_id UNIQUE,
        customer_id uuid NOT NULL,
        author text NOT NULL,
        rating smallint NOT NULL CONSTRAINT ck_review_rating CHECK (rating BETWEEN 1 AND 5),
        text text NOT NULL,
        language varchar NOT NULL,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1
    )
    """,
    "CREATE INDEX ix_review_newest ON review (provider_id, created_at, id)",
]

RIGHTS = [
    ("category", "SELECT, INSERT, UPDATE"),
    ("provider", "SELECT, INSERT, UPDATE"),
    ("service", "SELECT, INSERT, UPDATE"),
    ("review", "SELECT, INSERT, UPDATE"),
]


def upgrade() -> None:
    statements = [
        "CREATE EXTENSION IF NOT EXISTS cube",
        APP_NOW_SQL,
        *TEXT_SEARCH,
        *CATEGORY,
        *PROVIDER,
        *SERVICE,
        *REVIEW,
        *grants_sql("search", RIGHTS),
        *message_tables_sql("search"),
    ]
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE review, service, provider, category, outbox, inbox, relay_lease")
    op.execute("DROP AGGREGATE tsvector_join(tsvector)")
    op.execute("DROP TEXT SEARCH CONFIGURATION care_texts")
    op.execute("DROP FUNCTION app_now()")

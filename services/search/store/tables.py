"""The tables of search. What PostgreSQL computes is written once, in the migration."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    FetchedValue,
    Float,
    ForeignKey,
    Index,
    Integer,
    Row,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

from shared.database import schema
from shared.messages.tables import inbox_table, outbox_table, relay_lease_table

TEXT_SEARCH = "care_texts"
"""Our text search configuration: English stems for Latin words, Arabic stems for the others."""

metadata = schema.metadata()


class Cube(UserDefinedType[str]):
    """A point or box of the extension cube, as its text: `(x, y, z)` or `(x, y, z),(x, y, z)`."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        return "cube"


ischema_names["cube"] = Cube  # so that comparing tables with the database knows the type


AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns are read by name."""


def _id(name: str, *constraints: ForeignKey, primary_key: bool = False) -> Column[str]:
    return Column(name, Uuid(as_uuid=False), *constraints, nullable=False, primary_key=primary_key)


outbox = outbox_table(metadata)
inbox = inbox_table(metadata)
relay_lease = relay_lease_table(metadata)

category = Table(
    "category",
    metadata,
    _id("id", primary_key=True),
    Column("slug", String, nullable=False, unique=True),
    Column("name_en", Text, nullable=False),
    Column("name_ar", Text),
    Column("position", Integer, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("plain_name", Text, nullable=False),
    Column("words", TSVECTOR, FetchedValue(), nullable=False),
)

provider = Table(
    "provider",
    metadata,
    _id("id", primary_key=True),
    Column("name_en", Text, nullable=False),
    Column("name_ar", Text),
    Column("about_en", Text, nullable=False),
    Column("about_ar", Text),
    Column("city", Text, nullable=False),
    Column("country", String(2), nullable=False),
    Column("time_zone", String, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("latitude", Float(53), nullable=False),
    Column("longitude", Float(53), nullable=False),
    Column("payable", Boolean, nullable=False),
    Column("withdrawn", Boolean, nullable=False, server_default="false"),
    Column("version", Integer, nullable=False, server_default="1"),
    # kept exact with the reviews, in their transaction
    Column("rating_sum", Integer, nullable=False, server_default="0"),
    Column("rating_count", Integer, nullable=False, server_default="0"),
    Column("rating_hundredths", Integer, FetchedValue(), nullable=False),
    Column("weighted_thousandths", Integer, FetchedValue(), nullable=False),
    # what it is found by, made from provider, services and categories by store/findability.py
    Column("plain_name", Text, nullable=False),
    Column("plain_city", Text, nullable=False),
    Column("plain_about", Text, nullable=False),
    Column("words", TSVECTOR, FetchedValue(), nullable=False),
    Column("place", Cube, FetchedValue(), nullable=False),
    Column("document", TSVECTOR, nullable=False, server_default=""),
    Column("category_ids", ARRAY(Uuid(as_uuid=False)), nullable=False, server_default="{}"),
    Column("from_price", BigInteger),
    Column("findable", Boolean, nullable=False, server_default="false"),
    CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="location"),
    CheckConstraint("NOT findable OR (from_price IS NOT NULL AND NOT withdrawn)", name="findable"),
    Index("ix_provider_document", "document", postgresql_using="gin", postgresql_where="findable"),
    Index("ix_provider_category_ids", "category_ids", postgresql_using="gin", postgresql_where="findable"),
    Index("ix_provider_place", "place", postgresql_using="gist", postgresql_where="findable"),
    Index("ix_provider_weighted", "weighted_thousandths", "rating_count", "id", postgresql_where="findable"),
    Index("ix_provider_rating", "rating_hundredths", "rating_count", "id", postgresql_where="findable"),
    Index("ix_provider_price", "currency", "from_price", "id", postgresql_where="findable"),
)

service = Table(
    "service",
    metadata,
    _id("id", primary_key=True),
    _id("provider_id", ForeignKey("provider.id")),
    _id("category_id", ForeignKey("category.id")),
    Column("name_en", Text, nullable=False),
    Column("name_ar", Text),
    Column("description_en", Text, nullable=False),
    Column("description_ar", Text),
    Column("duration_minutes", Integer, nullable=False),
    Column("price_amount", BigInteger, nullable=False),
    Column("price_currency", String(3), nullable=False),
    Column("withdrawn", Boolean, nullable=False, server_default="false"),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("plain_name", Text, nullable=False),
    Column("plain_description", Text, nullable=False),
    Column("words", TSVECTOR, FetchedValue(), nullable=False),
    CheckConstraint("price_amount >= 0", name="price_amount"),
    Index("ix_service_provider_id", "provider_id", "category_id"),
)

review = Table(
    "review",
    metadata,
    _id("id", primary_key=True),
    _id("provider_id", ForeignKey("provider.id")),
    _id("service_id"),
    Column("booking_id", Uuid(as_uuid=False), nullable=False, unique=True),
    _id("customer_id"),
    Column("author", Text, nullable=False),
    Column("rating", SmallInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("language", String, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
    Index("ix_review_newest", "provider_id", "created_at", "id"),
)

"""Payment's copy of what search publishes of providers and services."""

from datetime import datetime

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects.postgresql import insert

from services.payment.store.tables import catalogue_provider, catalogue_service


def remember_provider(
    connection: Connection, provider_id: str, city: str, version: int, now: datetime
) -> None:
    """Keep where a provider works; an older version changes nothing."""
    values = {"city": city, "version": version, "updated_at": now}
    _remember(connection, catalogue_provider, {"provider_id": provider_id}, values)


def remember_service(
    connection: Connection, service_id: str, provider_id: str, category: str, version: int, now: datetime
) -> None:
    """Keep what kind of care a service is; an older version changes nothing."""
    values = {"provider_id": provider_id, "category": category, "version": version, "updated_at": now}
    _remember(connection, catalogue_service, {"service_id": service_id}, values)


def category_and_city(
    connection: Connection, service_id: str, provider_id: str
) -> tuple[str | None, str | None]:
    """Of a service and of its provider; None where search never told."""
    category = select(catalogue_service.c.category).where(catalogue_service.c.service_id == service_id)
    city = select(catalogue_provider.c.city).where(catalogue_provider.c.provider_id == provider_id)
    row = connection.execute(select(category.scalar_subquery(), city.scalar_subquery())).one()
    return row[0], row[1]


def _remember(connection: Connection, table: Table, key: dict[str, str], values: dict[str, object]) -> None:
    statement = insert(table).values(**key, **values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(key), set_=values, where=table.c.version < values["version"]
        )
    )

"""Payment's copy of what search publishes of providers and services."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Table, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from services.payment.store import accounts
from services.payment.store.rows import ProviderAccount
from services.payment.store.tables import catalogue_provider, catalogue_service, provider_account

_CATEGORY = select(catalogue_service.c.category).where(catalogue_service.c.service_id == bindparam("service"))
_CITY = select(catalogue_provider.c.city).where(catalogue_provider.c.provider_id == bindparam("provider"))
_KNOWN = select(
    func.app_now().label("now"),
    _CATEGORY.scalar_subquery().label("category"),
    _CITY.scalar_subquery().label("city"),
    *accounts.COLUMNS,
).select_from(
    select(literal(1))
    .subquery("one")
    .outerjoin(provider_account, provider_account.c.provider_id == bindparam("provider"))
)


@dataclass(frozen=True)
class Known:
    """Of a service and its provider, at an instant; None where search never told."""

    now: datetime
    category: str | None
    city: str | None
    account: ProviderAccount | None


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


def known_of(connection: Connection, service_id: str, provider_id: str) -> Known:
    """What is known at this instant."""
    row = connection.execute(_KNOWN, {"service": service_id, "provider": provider_id}).one()
    now, category, city, *account = row
    has_account = row.provider_id is not None
    return Known(now.astimezone(UTC), category, city, ProviderAccount(*account) if has_account else None)


def _remember(connection: Connection, table: Table, key: dict[str, str], values: dict[str, object]) -> None:
    statement = insert(table).values(**key, **values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(key), set_=values, where=table.c.version < values["version"]
        )
    )

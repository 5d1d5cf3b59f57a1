"""The copy of search's catalogue: a higher version replaces, whatever the order of arrival."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Table, or_, select
from sqlalchemy.dialects.postgresql import insert

from services.booking.store.tables import provider, service

IMPORTED = 0
"""The version of what a bulk import wrote: the first event replaces it."""


@dataclass(frozen=True, slots=True)
class ProviderCopy:
    """What booking needs to know of a provider."""

    id: str
    version: int
    time_zone: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class ServiceCopy:
    """What booking needs to know of a service; the list price is what its quotes start from."""

    id: str
    provider_id: str
    version: int
    name: dict[str, Any]
    duration_minutes: int
    price_amount: int
    price_currency: str
    withdrawn: bool = False


def put_provider(connection: Connection, copy: ProviderCopy) -> bool:
    """Write the copy; False: nothing changed, since this version or a newer one is here."""
    return _put(connection, provider, asdict(copy))


def put_service(connection: Connection, copy: ServiceCopy) -> bool:
    """Write the copy; False: nothing changed, since this version or a newer one is here."""
    return _put(connection, service, asdict(copy))


def withdraw_provider(connection: Connection, provider_id: str, version: int) -> bool:
    """Take a provider off; one that was never heard of is noted, so that an older event changes nothing."""
    return _withdraw(connection, provider, asdict(ProviderCopy(provider_id, version, "UTC", True)))


def withdraw_service(connection: Connection, service_id: str, provider_id: str, version: int) -> bool:
    """Take a service off; like `withdraw_provider`."""
    unknown = ServiceCopy(service_id, provider_id, version, {"en": ""}, 5, 0, "USD", True)
    return _withdraw(connection, service, asdict(unknown))


def zone_of(connection: Connection, provider_id: str) -> str | None:
    """The provider's zone, also of one that was withdrawn; None: it was never heard of."""
    found: str | None = connection.execute(
        select(provider.c.time_zone).where(provider.c.id == provider_id)
    ).scalar_one_or_none()
    return found


def _put(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    statement = insert(table).values(values)
    new = statement.excluded
    replaced = table.c.version < new.version
    if values["version"] == IMPORTED:
        others = [name for name in values if name not in ("id", "version")]
        differs = or_(*(table.c[name] != new[name] for name in others))
        replaced = (table.c.version == IMPORTED) & differs
    statement = statement.on_conflict_do_update(
        constraint=f"pk_{table.name}",
        set_={name: new[name] for name in values if name != "id"},
        where=replaced,
    )
    return connection.execute(statement.returning(table.c.id)).one_or_none() is not None


def _withdraw(connection: Connection, table: Table, unknown: dict[str, Any]) -> bool:
    statement = insert(table).values(unknown)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        constraint=f"pk_{table.name}",
        set_={"version": new.version, "withdrawn": True},
        where=table.c.version < new.version,
    )
    return connection.execute(statement.returning(table.c.id)).one_or_none() is not None

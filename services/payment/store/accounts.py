"""Reading and writing what is known of the providers and their accounts."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from services.payment.store.rows import ProviderAccount
from services.payment.store.tables import provider_account

COLUMNS = tuple(provider_account.c[field.name] for field in dataclasses.fields(ProviderAccount))


@dataclasses.dataclass(frozen=True)
class PublishedProvider:
    """The catalogue's word on a provider, of one version."""

    provider_id: str
    accepts_payments: bool
    version: int
    country: str | None
    time_zone: str | None


def remember(connection: Connection, provider: PublishedProvider, now: datetime) -> None:
    """Keep the catalogue's word on a provider; an older version changes nothing."""
    values = dataclasses.asdict(provider) | {"updated_at": now}
    connection.execute(
        insert(provider_account)
        .values(**values)
        .on_conflict_do_update(
            index_elements=["provider_id"],
            set_=values,
            where=provider_account.c.version < provider.version,
        )
    )


def of_provider(connection: Connection, provider_id: str) -> ProviderAccount | None:
    return _one(connection, provider_account.c.provider_id == provider_id)


def of_account(connection: Connection, account_id: str) -> ProviderAccount | None:
    """The provider whose account this is."""
    return _one(connection, provider_account.c.account_id == account_id)


def change(connection: Connection, provider_id: str, values: Mapping[str, Any], now: datetime) -> None:
    """Write what Stripe says of a locked provider's account."""
    connection.execute(
        update(provider_account)
        .where(provider_account.c.provider_id == provider_id)
        .values(**values, updated_at=now)
    )


def _one(connection: Connection, condition: ColumnElement[bool]) -> ProviderAccount | None:
    row = connection.execute(select(*COLUMNS).where(condition)).one_or_none()
    return None if row is None else ProviderAccount(**row._mapping)


def with_account(connection: Connection, limit: int) -> list[str]:
    """The accounts at Stripe of all providers that have one."""
    query = select(provider_account.c.account_id).where(provider_account.c.account_id.is_not(None))
    return list(connection.execute(query.order_by(provider_account.c.provider_id).limit(limit)).scalars())

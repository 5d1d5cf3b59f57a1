"""Reading and writing what is known of the providers' accounts."""

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from services.payment.store.rows import ProviderAccount
from services.payment.store.tables import provider_account


def remember(
    connection: Connection, provider_id: str, accepts_payments: bool, version: int, now: datetime
) -> None:
    """Keep the catalogue's word on a provider; an older version changes nothing."""
    statement = insert(provider_account).values(
        provider_id=provider_id, accepts_payments=accepts_payments, version=version, updated_at=now
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["provider_id"],
            set_={"accepts_payments": accepts_payments, "version": version, "updated_at": now},
            where=provider_account.c.version < version,
        )
    )


def of_provider(connection: Connection, provider_id: str) -> ProviderAccount | None:
    columns = provider_account.c
    query = select(
        columns.provider_id, columns.accepts_payments, columns.account_id, columns.transfers_active
    ).where(columns.provider_id == provider_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else ProviderAccount(**row._mapping)

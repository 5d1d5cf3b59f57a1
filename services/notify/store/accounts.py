"""The copy of gateway's accounts: a higher version replaces, whatever the order of arrival."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert

from services.notify.store.tables import account, membership
from shared.database.kept_plans import kept

_MEMBERS = kept(
    text("""
SELECT account.id::text FROM membership JOIN account ON account.id = membership.account_id
WHERE membership.provider_id = CAST(:provider_id AS uuid) AND account.active
""")
)


def put_account(
    connection: Connection, account_id: str, version: int, active: bool, provider_ids: Iterable[str]
) -> bool:
    """Write the copy; False: nothing changed, since this version or a newer one is here.

    The account's row is locked from its change on, so that two events of one account don't mix
    their memberships.
    """
    statement = upsert(account).values(id=account_id, version=version, active=active)
    changed = connection.execute(
        statement.on_conflict_do_update(
            index_elements=[account.c.id],
            set_={"version": statement.excluded.version, "active": statement.excluded.active},
            where=account.c.version < statement.excluded.version,
        ).returning(account.c.id)
    ).one_or_none()
    if changed is None:
        return False
    connection.execute(delete(membership).where(membership.c.account_id == account_id))
    rows = [{"account_id": account_id, "provider_id": provider_id} for provider_id in set(provider_ids)]
    if rows:
        connection.execute(insert(membership), rows)
    return True


def members_of(connection: Connection, provider_id: str) -> list[str]:
    """Ids of the active accounts that act for this provider."""
    return list(connection.execute(_MEMBERS, {"provider_id": provider_id}).scalars())

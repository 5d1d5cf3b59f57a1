"""Accounts and their memberships in the database."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.gateway.accounts.store.tables import account, membership
from shared.contracts.declaration import Post, PostRole


@dataclass(frozen=True, kw_only=True)
class Membership:
    """The account acts for this provider; `staff_id` when it is one of the staff."""

    provider_id: str
    role: str
    staff_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Account:
    """A person who can sign in. `email` is normalised."""

    id: str
    email: str
    name: str
    password_hash: str | None
    locale: str
    time_zone: str
    roles: tuple[str, ...]
    active: bool
    token_version: int
    version: int
    created_at: datetime
    memberships: tuple[Membership, ...] = ()

    @property
    def posts(self) -> tuple[Post, ...]:
        """As what the account acts for its providers, as services are told."""
        return tuple(
            Post(member.provider_id, member.role, member.staff_id or "") for member in self.memberships
        )

    @property
    def workplaces(self) -> tuple[Membership, ...]:
        """Where the account sees who comes: as an owner, or as one of the staff of whom it is known who."""
        return tuple(
            member
            for member in self.memberships
            if member.role == PostRole.OWNER or member.staff_id is not None
        )


def find_by_email(connection: Connection, email: str) -> Account | None:
    """The account of a normalised e-mail address."""
    return _find(connection, account.c.email == email)


def find_by_id(connection: Connection, account_id: str) -> Account | None:
    return _find(connection, account.c.id == account_id)


def insert_account(connection: Connection, new: Account) -> bool:
    """Add an account with its memberships. False: the e-mail address is taken."""
    values = {**_columns(new), "created_at": new.created_at, "updated_at": new.created_at}
    statement = upsert(account).values(values).on_conflict_do_nothing(index_elements=[account.c.email])
    if connection.execute(statement.returning(account.c.id)).one_or_none() is None:
        return False
    _insert_memberships(connection, new)
    return True


def replace_account(connection: Connection, changed: Account, now: datetime) -> None:
    """Write an account and its memberships as they are in `changed`, found by its id."""
    connection.execute(
        update(account).where(account.c.id == changed.id).values({**_columns(changed), "updated_at": now})
    )
    connection.execute(delete(membership).where(membership.c.account_id == changed.id))
    _insert_memberships(connection, changed)


def replace_password_hash(connection: Connection, account_id: str, old: str, new: str) -> None:
    """Store the same password hashed anew, unless it was changed meanwhile."""
    connection.execute(
        update(account)
        .where(account.c.id == account_id, account.c.password_hash == old)
        .values(password_hash=new)
    )


def _find(connection: Connection, condition: Any) -> Account | None:
    row = connection.execute(select(account).where(condition)).one_or_none()
    if row is None:
        return None
    members = connection.execute(
        select(membership).where(membership.c.account_id == row.id).order_by(membership.c.provider_id)
    )
    return replace(_account(row), memberships=tuple(_membership(member) for member in members))


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        email=row.email,
        name=row.name,
        password_hash=row.password_hash,
        locale=row.locale,
        time_zone=row.time_zone,
        roles=tuple(row.roles),
        active=row.active,
        token_version=row.token_version,
        version=row.version,
        created_at=row.created_at,
    )


def _membership(row: Row[Any]) -> Membership:
    return Membership(provider_id=row.provider_id, role=row.role, staff_id=row.staff_id)


def _columns(value: Account) -> dict[str, Any]:
    names = "id email name password_hash locale time_zone active token_version version".split()
    return {"roles": list(value.roles), **{name: getattr(value, name) for name in names}}


def _insert_memberships(connection: Connection, value: Account) -> None:
    if value.memberships:
        connection.execute(
            insert(membership),
            [
                {
                    "account_id": value.id,
                    "provider_id": member.provider_id,
                    "role": member.role,
                    "staff_id": member.staff_id,
                }
                for member in value.memberships
            ],
        )

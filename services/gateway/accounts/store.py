"""Queries of accounts, memberships and sign-in sessions; the only SQL of the gateway."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.gateway.accounts.tables import account, membership, refresh_token, session


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


@dataclass(frozen=True, kw_only=True)
class IssuedToken:
    """A refresh token as stored, with what its session says."""

    session_id: str
    account_id: str
    expires_at: datetime
    used_at: datetime | None
    session_expires_at: datetime
    session_ended_at: datetime | None


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


def insert_session(
    connection: Connection, session_id: str, account_id: str, now: datetime, expires_at: datetime
) -> None:
    connection.execute(
        insert(session).values(id=session_id, account_id=account_id, started_at=now, expires_at=expires_at)
    )


def insert_refresh_token(
    connection: Connection, token_hash: bytes, session_id: str, now: datetime, expires_at: datetime
) -> None:
    connection.execute(
        insert(refresh_token).values(
            hash=token_hash, session_id=session_id, issued_at=now, expires_at=expires_at
        )
    )


def lock_refresh_token(connection: Connection, token_hash: bytes) -> IssuedToken | None:
    """The token with its session, both locked: two refreshes with one token come one after the other."""
    row = connection.execute(
        select(
            session.c.id,
            session.c.account_id,
            refresh_token.c.expires_at,
            refresh_token.c.used_at,
            session.c.expires_at.label("session_expires_at"),
            session.c.ended_at,
        )
        .join(session, session.c.id == refresh_token.c.session_id)
        .where(refresh_token.c.hash == token_hash)
        .with_for_update()
    ).one_or_none()
    return row and IssuedToken(
        session_id=row.id,
        account_id=row.account_id,
        expires_at=row.expires_at,
        used_at=row.used_at,
        session_expires_at=row.session_expires_at,
        session_ended_at=row.ended_at,
    )


def mark_used(connection: Connection, token_hash: bytes, now: datetime) -> None:
    connection.execute(update(refresh_token).where(refresh_token.c.hash == token_hash).values(used_at=now))


def end_session(connection: Connection, session_id: str, reason: str, now: datetime) -> None:
    """End a session and with it all its refresh tokens; the first reason stays."""
    connection.execute(
        update(session)
        .where(session.c.id == session_id, session.c.ended_at.is_(None))
        .values(ended_at=now, end_reason=reason)
    )


def forget_expired_sessions(connection: Connection, account_id: str, now: datetime) -> None:
    """Delete an account's sessions that nobody can refresh any more."""
    connection.execute(delete(session).where(session.c.account_id == account_id, session.c.expires_at <= now))


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

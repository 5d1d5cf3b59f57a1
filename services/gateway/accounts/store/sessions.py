"""Sign-in sessions and their refresh tokens in the database."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from services.gateway.accounts.store.tables import refresh_token, session
from shared.database.batches import delete_some


@dataclass(frozen=True, kw_only=True)
class IssuedToken:
    """A refresh token as stored, with what its session says."""

    session_id: str
    account_id: str
    expires_at: datetime
    used_at: datetime | None
    session_expires_at: datetime
    session_ended_at: datetime | None


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


def forget_some_sessions(connection: Connection, now: datetime) -> int:
    """Delete some sessions that nobody can refresh any more, with their tokens; returns how many."""
    return delete_some(connection, session, session.c.expires_at <= now)


def forget_some_tokens(connection: Connection, now: datetime) -> int:
    """Delete some refresh tokens that have ended; whoever shows one is told the same without it."""
    return delete_some(connection, refresh_token, refresh_token.c.expires_at <= now)

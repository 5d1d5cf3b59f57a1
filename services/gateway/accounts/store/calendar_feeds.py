"""Private addresses of calendars in the database."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from services.gateway.accounts.store.tables import calendar_feed
from shared.database.batches import delete_some


@dataclass(frozen=True, kw_only=True)
class Feed:
    """The address of an account's calendar, without its token. `read_at`: within a day of the last time."""

    account_id: str
    created_at: datetime
    read_at: datetime | None
    expires_at: datetime


_COLUMNS = (
    calendar_feed.c.account_id,
    calendar_feed.c.created_at,
    calendar_feed.c.read_at,
    calendar_feed.c.expires_at,
)


def put_feed(connection: Connection, feed: Feed, token_hash: bytes) -> None:
    """Write the account's feed; the one that it had ends."""
    values = {
        "token_hash": token_hash,
        "created_at": feed.created_at,
        "read_at": feed.read_at,
        "expires_at": feed.expires_at,
    }
    statement = insert(calendar_feed).values(account_id=feed.account_id, **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[calendar_feed.c.account_id], set_=values)
    )


def find_feed(connection: Connection, account_id: str) -> Feed | None:
    return _find(connection, calendar_feed.c.account_id == account_id)


def find_by_token(connection: Connection, token_hash: bytes) -> Feed | None:
    return _find(connection, calendar_feed.c.token_hash == token_hash)


def note_reading(connection: Connection, feed: Feed, now: datetime, expires_at: datetime) -> None:
    """Prolong a feed that is used, unless it was replaced meanwhile."""
    connection.execute(
        update(calendar_feed)
        .where(calendar_feed.c.account_id == feed.account_id, calendar_feed.c.created_at == feed.created_at)
        .values(read_at=now, expires_at=expires_at)
    )


def delete_feed(connection: Connection, account_id: str) -> bool:
    """False: there was none."""
    gone = delete(calendar_feed).where(calendar_feed.c.account_id == account_id)
    return connection.execute(gone.returning(calendar_feed.c.account_id)).one_or_none() is not None


def forget_some_feeds(connection: Connection, now: datetime) -> int:
    """Delete some feeds that nobody has read for so long that they ended; returns how many."""
    return delete_some(connection, calendar_feed, calendar_feed.c.expires_at <= now)


def _find(connection: Connection, condition: object) -> Feed | None:
    row = connection.execute(select(*_COLUMNS).where(condition)).one_or_none()  # type: ignore[arg-type]
    return Feed(**row._mapping) if row else None

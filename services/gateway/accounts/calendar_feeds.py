"""The private address under which a calendar program reads a person's visits (promise C8, rule B10)."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.gateway.accounts.store import accounts
from services.gateway.accounts.store import calendar_feeds as store
from services.gateway.accounts.store.accounts import Account
from services.gateway.accounts.store.calendar_feeds import Feed
from shared.database.batches import delete_all
from shared.database.transaction import Transaction
from shared.errors import not_found

TOKEN_BYTES = 32
LIFETIME = timedelta(days=180)
"""After so long without a reader the address ends: nobody looks after one that is forgotten."""
NOTED_EVERY = timedelta(days=1)
"""Calendar programs come every few minutes; a write for each would be in vain."""


class CalendarFeeds:
    """Feeds of accounts, one for each. `now` is the process's clock."""

    def __init__(self, transaction: Transaction, now: Callable[[], datetime]) -> None:
        self._transaction = transaction
        self._now = now

    def open(self, account_id: str) -> tuple[Feed, str]:
        """A new address and its token, which is told this once; the old address ends.

        Raises `not_found` when the account is gone.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._now()
        feed = Feed(account_id=account_id, created_at=now, read_at=None, expires_at=now + LIFETIME)
        with self._transaction() as connection:
            if _reader(connection, account_id) is None:
                raise not_found()
            store.put_feed(connection, feed, _digest(token))
        return feed, token

    def find(self, account_id: str) -> Feed | None:
        """The account's feed, unless it has ended."""
        with self._transaction() as connection:
            feed = store.find_feed(connection, account_id)
        return feed if feed and feed.expires_at > self._now() else None

    def close(self, account_id: str) -> bool:
        """End the address; False: there was none."""
        with self._transaction() as connection:
            return store.delete_feed(connection, account_id)

    def reader(self, token: str) -> Account:
        """Whose address this is, as the account is now.

        Raises `not_found` for one that never was, was replaced, ended, or whose account is closed.
        """
        now = self._now()
        with self._transaction() as connection:
            feed = store.find_by_token(connection, _digest(token))
            account = _reader(connection, feed.account_id) if feed and feed.expires_at > now else None
            if feed is None or account is None:
                raise not_found()
            if feed.read_at is None or now - feed.read_at >= NOTED_EVERY:
                store.note_reading(connection, feed, now, now + LIFETIME)
        return account

    def forget_ended(self) -> None:
        """Delete the addresses that have ended by time."""
        now = self._now()
        delete_all(self._transaction, lambda connection: store.forget_some_feeds(connection, now))


def _reader(connection: Connection, account_id: str) -> Account | None:
    account = accounts.find_by_id(connection, account_id)
    return account if account and account.active else None


def _digest(token: str) -> bytes:
    """256 random bits: a plain hash is enough, and a stolen table is useless."""
    return hashlib.sha256(token.encode()).digest()

"""Signing in, staying signed in by rotating refresh tokens, signing out (promise H1)."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.registration import normalise_email, normalise_password
from services.gateway.accounts.store import accounts
from services.gateway.accounts.store import sessions as store
from services.gateway.accounts.store.accounts import Account
from services.gateway.accounts.tokens import LIFETIME, AccessTokens, Principal
from services.gateway.limits import Limits
from shared.database.batches import delete_all
from shared.database.transaction import Transaction
from shared.errors import Category, ErrorCode, ServiceError
from shared.ids import new_id

REFRESH_LIFETIME = timedelta(days=30)
SESSION_LIFETIME = timedelta(days=90)
"""However often it is refreshed, a session asks for the password again after this long."""

credentials_invalid = ErrorCode(
    "credentials_invalid", Category.UNAUTHENTICATED, "The e-mail address or the password is not right."
)
session_ended = ErrorCode("session_ended", Category.UNAUTHENTICATED, "This session has ended. Sign in again.")
ERRORS = (credentials_invalid, session_ended)


@dataclass(frozen=True)
class SignedIn:
    """What a client keeps: a short access token and a refresh token that works once."""

    account: Account
    access_token: str
    access_expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime


class Sessions:
    """Sessions of accounts. `now` is the process's clock; failures are told to `limits`."""

    def __init__(
        self,
        transaction: Transaction,
        passwords: Passwords,
        tokens: AccessTokens,
        limits: Limits,
        now: Callable[[], datetime],
    ) -> None:
        self._transaction = transaction
        self._passwords = passwords
        self._tokens = tokens
        self._limits = limits
        self._now = now

    def sign_in(self, email: str, password: str, client_address: str) -> SignedIn:
        """Begin a session.

        Raises `credentials_invalid`, the same for unknown accounts, and `rate_limited`.
        """
        email = normalise_email(email)
        password = normalise_password(password)
        self._limits.check_penalty(email, client_address)
        with self._transaction() as connection:
            account = accounts.find_by_email(connection, email)
        right = self._passwords.verify(account.password_hash if account else None, password)
        if account is None or not right or not account.active:
            self._limits.note_failure(email, client_address)
            raise credentials_invalid()
        self._limits.forgive(email, client_address)
        renewed = self._hash_anew(account, password)
        with self._transaction() as connection:
            if renewed:
                accounts.replace_password_hash(connection, account.id, account.password_hash or "", renewed)
            return self._begin(connection, account)

    def refresh(self, token: str) -> SignedIn:
        """Trade a refresh token for a new pair.

        Raises `session_ended` for one that is unknown or too old, and for one that was used before:
        then somebody else has it, and the whole family ends.
        """
        now = self._now()
        with self._transaction() as connection:
            outcome = self._rotate(connection, _digest(token), now)
        # Raised after the commit, since ending the family has to stay.
        if isinstance(outcome, ServiceError):
            raise outcome
        return outcome

    def sign_out(self, token: str) -> None:
        """End the session of a refresh token; an unknown one is as good as ended."""
        with self._transaction() as connection:
            issued = store.lock_refresh_token(connection, _digest(token))
            if issued is not None:
                store.end_session(connection, issued.session_id, "signed_out", self._now())

    def forget_ended(self) -> None:
        """Delete what nobody can sign in with any more: sessions and tokens that have ended by time."""
        now = self._now()
        delete_all(self._transaction, lambda connection: store.forget_some_sessions(connection, now))
        delete_all(self._transaction, lambda connection: store.forget_some_tokens(connection, now))

    def _rotate(self, connection: Connection, digest: bytes, now: datetime) -> SignedIn | ServiceError:
        issued = store.lock_refresh_token(connection, digest)
        if issued is None or issued.session_ended_at is not None:
            return session_ended()
        if issued.used_at is not None:
            store.end_session(connection, issued.session_id, "token_reused", now)
            return session_ended()
        account = accounts.find_by_id(connection, issued.account_id)
        if account is None or not account.active or min(issued.expires_at, issued.session_expires_at) <= now:
            return session_ended()
        store.mark_used(connection, digest, now)
        return self._issue(connection, account, issued.session_id, issued.session_expires_at)

    def _begin(self, connection: Connection, account: Account) -> SignedIn:
        now = self._now()
        session_id = new_id()
        store.forget_expired_sessions(connection, account.id, now)
        store.insert_session(connection, session_id, account.id, now, now + SESSION_LIFETIME)
        return self._issue(connection, account, session_id, now + SESSION_LIFETIME)

    def _issue(
        self, connection: Connection, account: Account, session_id: str, session_expires_at: datetime
    ) -> SignedIn:
        now = self._now()
        refresh_token = secrets.token_urlsafe(32)
        refresh_expires_at = min(now + REFRESH_LIFETIME, session_expires_at)
        store.insert_refresh_token(connection, _digest(refresh_token), session_id, now, refresh_expires_at)
        principal = Principal(
            user_id=account.id,
            session_id=session_id,
            roles=account.roles,
            memberships=tuple(member.provider_id for member in account.memberships),
            locale=account.locale,
            token_version=account.token_version,
            expires_at=now + LIFETIME,
            posts=account.posts,
        )
        return SignedIn(
            account, self._tokens.sign(principal), principal.expires_at, refresh_token, refresh_expires_at
        )

    def _hash_anew(self, account: Account, password: str) -> str | None:
        if account.password_hash and self._passwords.is_outdated(account.password_hash):
            return self._passwords.hash(password)
        return None


def _digest(token: str) -> bytes:
    """Refresh tokens have 256 random bits: a plain hash is enough, and a stolen table is useless."""
    return hashlib.sha256(token.encode()).digest()

"""Passwords: argon2id off the event loop, a bound on the work in hand, the same time for unknown accounts."""

import secrets
from collections.abc import Callable
from typing import Any, Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import unavailable

MIN_LENGTH = 10
MAX_LENGTH = 200
"""Longer ones are refused, so that nobody makes us hash megabytes."""
MEMORY_KIB = 46 * 1024
TIME_COST = 1
LANES = 1
"""One of the equivalent settings of the OWASP Password Storage Cheat Sheet (46 MiB, t=1, p=1)."""
MAX_IN_HAND = 64
"""Hashes that may wait for the pool; beyond that a sign-in is refused rather than kept waiting."""


class Pool(Protocol):
    """Runs a function in a real thread and gives way to others meanwhile (gevent's ThreadPool)."""

    def apply(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any: ...


class Passwords:
    """Hashes and verifies passwords. argon2 would stop all greenlets for a tenth of a second."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._in_hand = 0
        self._hasher = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._nobody = ""

    def hash(self, password: str) -> str:
        """The password as an argon2id text with its own salt. Raises `unavailable` under flood."""
        return str(self._run(self._hasher.hash, password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is right; takes the same time when there is no hash to compare with.

        Raises `unavailable` under flood.
        """
        if not self._nobody:
            self._nobody = self.hash(secrets.token_urlsafe(32))
        right = bool(self._run(self._matches, stored or self._nobody, password))
        return right and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def _run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        if self._in_hand >= MAX_IN_HAND:
            raise unavailable(retry_after=2)
        self._in_hand += 1
        try:
            return self._pool.apply(function, arguments)
        finally:
            self._in_hand -= 1

"""Limits a minute, by account and by address, counted in Redis, or in memory while it is away."""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter as Strategy

from services.gateway.blueprint import Budget
from services.gateway.problems import rate_limited
from services.gateway.redis_client import Client
from services.gateway.redis_link import RedisDownError, RedisLink
from shared import clock
from shared.errors import ServiceError
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

Result = TypeVar("Result")

KEY_PREFIX = "limits"
FREE_FAILURES = 5
"""Wrong passwords for one account from one address that cost nothing: people mistype."""
FAILURE_WINDOW_SECONDS = 15 * 60
FIRST_PENALTY_SECONDS = 5
"""The wait after the first failure too many; each further failure doubles it."""
MAX_PENALTY_SECONDS = 15 * 60
PENALTY = "sign_in_penalty"


class _Storage(RedisStorage):
    """Counts through our client; by itself the library makes another one on its pool."""

    def __init__(self, client: Client) -> None:
        self._client = client
        super().__init__("redis://", connection_pool=client.connection_pool, key_prefix=KEY_PREFIX)

    def get_connection(self, readonly: bool = False) -> Any:
        return self._client


@dataclass(frozen=True)
class Figures:
    """Requests a minute of one budget; `None`: not counted."""

    stranger: int | None
    account: int | None
    address: int | None
    """Of all accounts behind one address together: wide, since many people share one."""


def figures(search_rate_limit: int, booking_rate_limit: int) -> Mapping[Budget, Figures]:
    """The platform's figures. The two settings are those of strangers, as in the original system."""
    return {
        Budget.SEARCH: Figures(search_rate_limit, 120, 1200),
        Budget.BOOKING: Figures(booking_rate_limit, 20, 200),
        Budget.OTHER: Figures(10, 120, 1200),
        Budget.SIGN_IN: Figures(20, None, None),  # no token is read here, nor there
        Budget.SESSION: Figures(200, None, None),
        Budget.STATIC: Figures(1200, 1200, None),  # a first visit loads some fifty files
        Budget.HANDSHAKE: Figures(60, 60, 600),
        Budget.FEED: Figures(1200, 10, None),  # counted by address first, by account once it is known
        Budget.UNLIMITED: Figures(None, None, None),
    }


class Limits:
    """Refuses who asks too often. While Redis is away each process counts for itself."""

    def __init__(self, link: RedisLink, table: Mapping[Budget, Figures]) -> None:
        self._link = link
        self._table = table
        self._shared = Strategy(_Storage(link.client))
        self._own = Strategy(MemoryStorage())
        begin_at_zero(metrics.rate_limited, budget=(*table, PENALTY))

    def check(self, budget: Budget, user_id: str, address: str) -> None:
        """Count one request; `user_id` is empty for strangers. Raises `rate_limited`."""
        row = self._table[budget]
        if user_id:
            self._count(budget, "account", user_id, row.account)
            self._count(budget, "shared", address, row.address)
        else:
            self._count(budget, "address", address, row.stranger)

    def check_penalty(self, account: str, address: str) -> None:
        """Raise `rate_limited` while this account waits, at this address, for its failed sign-ins."""
        key = _pair_key("wait", account, address)
        seconds = self._ask(lambda strategy: strategy.storage.get(key))
        if seconds:
            raise _refusal(PENALTY, min(seconds, MAX_PENALTY_SECONDS))

    def note_failure(self, account: str, address: str) -> None:
        """Count a failed sign-in; after some, the pair has to wait, each time twice as long."""
        key = _pair_key("failures", account, address)
        failures = self._ask(lambda strategy: strategy.storage.incr(key, FAILURE_WINDOW_SECONDS))
        excess = failures - FREE_FAILURES
        if excess > 0:
            seconds = min(FIRST_PENALTY_SECONDS * 2 ** min(excess - 1, 10), MAX_PENALTY_SECONDS)
            self._ask(lambda strategy: _remember(strategy, _pair_key("wait", account, address), seconds))

    def forgive(self, account: str, address: str) -> None:
        """Forget the failures of a pair that has signed in."""
        key = _pair_key("failures", account, address)
        self._ask(lambda strategy: strategy.storage.clear(key))

    def _count(self, budget: Budget, kind: str, who: str, limit: int | None) -> None:
        if limit is None:
            return
        item = RateLimitItemPerMinute(limit)
        if not self._ask(lambda strategy: strategy.hit(item, budget, kind, who)):
            stats = self._ask(lambda strategy: strategy.get_window_stats(item, budget, kind, who))
            raise _refusal(budget, max(1, math.ceil(stats.reset_time - clock.now().timestamp())))

    def _ask(self, question: Callable[[Strategy], Result]) -> Result:
        try:
            with self._link.asking():
                return question(self._shared)
        except RedisDownError:
            return question(self._own)


def _remember(strategy: Strategy, key: str, seconds: int) -> None:
    """Keep the number of seconds for so many seconds."""
    strategy.storage.clear(key)
    strategy.storage.incr(key, seconds, seconds)


def _refusal(budget: str, seconds: int) -> ServiceError:
    metrics.rate_limited.labels(budget=budget).inc()
    return rate_limited(retry_after=seconds)


def _pair_key(what: str, account: str, address: str) -> str:
    """Redis holds no e-mail address."""
    digest = hashlib.sha256(f"{account}\n{address}".encode()).hexdigest()[:32]
    return f"sign_in_{what}:{digest}"

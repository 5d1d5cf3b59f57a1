"""Answers kept in Redis under generations: what an event made old can never be read again."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from services.gateway.cache_entries import CATEGORIES, EVERYTHING, SEARCH, Entry
from services.gateway.redis_link import RedisDownError, RedisLink
from shared.ids import new_id
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

DAY = ("EX", 24 * 3600)
"""How long a generation lives: longer than any entry. One that is forgotten comes back with a new name."""

begin_at_zero(
    metrics.cache_requests,
    subject=(SEARCH, "provider", "availability", CATEGORIES),
    outcome=("hit", "miss", "bypassed", "unavailable", "not_stored"),
)


@dataclass
class _Flight:
    done: threading.Event = field(default_factory=threading.Event)
    value: bytes | None = None
    error: BaseException | None = None


def _nobody() -> None: ...


class Cache:
    """Reads through Redis. Whatever fails here costs time, never correctness.

    A value is stored behind the generations that were valid before it was asked for, and read only
    under the same ones; raising a generation gives it a name that no stored value bears.
    `may_read` tells whether changes reach this process.
    """

    def __init__(self, link: RedisLink, may_read: Callable[[], bool]) -> None:
        self._link = link
        self._may_read = may_read
        self._flights: dict[str, _Flight] = {}
        self._lock = threading.Lock()
        self._missed_raises = False

    def get(self, entry: Entry, compute: Callable[[], bytes], count: Callable[[], None] = _nobody) -> bytes:
        """The cached answer, or what `compute` makes. Raises what `compute` raises.

        `count` is called before anything is read, and may be called again. What it raises is raised; what
        it asks Redis goes in one trip with the question for the entry.
        """
        if not self._may_read():
            count()
            metrics.cache_requests.labels(subject=entry.kind, outcome="bypassed").inc()
            return self._once(entry.key, compute)
        try:
            generations, value = self._read(entry, count)
        except RedisDownError:
            count()
            self._missed_raises = True
            metrics.cache_requests.labels(subject=entry.kind, outcome="unavailable").inc()
            return self._once(entry.key, compute)
        if value is not None:
            metrics.cache_requests.labels(subject=entry.kind, outcome="hit").inc()
            return value
        metrics.cache_requests.labels(subject=entry.kind, outcome="miss").inc()
        # Who joins a flight that began under older generations would get an answer from before
        # the change, so generations are part of what makes two requests the same.
        flight = entry.key + generations.decode()
        return self._once(flight, lambda: self._fill(entry, generations, compute))

    def kept(
        self, entry: Entry, count: Callable[[], None], is_known: Callable[[bytes], bool]
    ) -> bytes | None:
        """The cached answer, if one may be read and is known. `count` is as in `get`, but called for sure
        only with an answer."""
        if not self._may_read():
            return None
        try:
            _, value = self._read(entry, count)
        except RedisDownError:
            self._missed_raises = True
            return None
        if value is None or not is_known(value):
            return None
        metrics.cache_requests.labels(subject=entry.kind, outcome="hit").inc()
        return value

    def raise_generations(self, subjects: list[str]) -> None:
        """End everything that is stored about these subjects. Raises RedisDownError.

        What could not be raised is made good before this process reads from Redis again.
        """
        try:
            with self._link.asking() as client:
                client.ask(*(("SET", _generation_key(subject), new_id(), *DAY) for subject in subjects))
        except RedisDownError:
            self._missed_raises = True
            raise

    def _read(self, entry: Entry, count: Callable[[], None]) -> tuple[bytes, bytes | None]:
        if self._missed_raises:
            # While Redis was away a change may have been heard by a process that could not raise it.
            self.raise_generations([EVERYTHING])
            self._missed_raises = False
        keys = [_generation_key(subject) for subject in (EVERYTHING, *entry.subjects)]
        with self._link.along("MGET", *keys, entry.key) as answer:
            count()
        *names, stored = cast(list[bytes | None], answer())
        if None in names:
            names = self._begin_generations(keys, names)
        generations = b"".join(name for name in names if name is not None)
        if stored is not None and stored.startswith(generations):
            return generations, stored[len(generations) :]
        return generations, None

    def _begin_generations(self, keys: list[str], names: list[bytes | None]) -> list[bytes | None]:
        """All names: those that were missing are ours, or those that somebody else was quicker to give."""
        missing = [key for key, name in zip(keys, names, strict=True) if name is None]
        offered = [new_id().encode() for _ in missing]
        named = zip(missing, offered, strict=True)
        with self._link.asking() as client:
            before = client.ask(*(("SET", key, name, "NX", "GET", *DAY) for key, name in named))
        begun = iter([name if known is None else known for name, known in zip(offered, before, strict=True)])
        return [next(begun) if name is None else name for name in names]

    def _fill(self, entry: Entry, generations: bytes, compute: Callable[[], bytes]) -> bytes:
        value = compute()
        try:
            with self._link.asking() as client:
                client.ask(("SET", entry.key, generations + value, "EX", entry.seconds))
        except RedisDownError:
            metrics.cache_requests.labels(subject=entry.kind, outcome="not_stored").inc()
        return value

    def _once(self, key: str, compute: Callable[[], bytes]) -> bytes:
        """Many misses at once ask the service once; all get its answer or its refusal."""
        with self._lock:
            flight = self._flights.get(key)
            leads = flight is None
            if flight is None:
                flight = self._flights[key] = _Flight()
        if leads:
            self._lead(key, flight, compute)
        else:
            flight.done.wait()
        if flight.error is not None:
            raise flight.error
        return flight.value or b""

    def _lead(self, key: str, flight: _Flight, compute: Callable[[], bytes]) -> None:
        try:
            flight.value = compute()
        except BaseException as error:  # noqa: BLE001 - handed to all who wait, raised by each of them
            flight.error = error
        finally:
            with self._lock:
                del self._flights[key]
            flight.done.set()


def _generation_key(subject: str) -> str:
    return f"generation:{subject}"

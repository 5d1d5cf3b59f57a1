"""Answers kept in Redis under generations: what an event made old can never be read again."""

import base64
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from services.gateway.redis_link import RedisDownError, RedisLink
from shared.ids import new_id
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

GENERATION_SECONDS = 24 * 3600
"""Longer than any entry lives. A generation that is forgotten comes back with a new name."""
SEARCH_SECONDS = 300
PROVIDER_SECONDS = 600
AVAILABILITY_SECONDS = 60
CATEGORIES_SECONDS = 3600
GRID_DIGITS = 3
"""A thousandth of a degree of latitude is 111 m (rule B20)."""

EVERYTHING = "everything"
"""Every answer ends by it: raised by a process that may have missed a change of something else."""
SEARCH = "search"
CATEGORIES = "categories"


begin_at_zero(
    metrics.cache_requests,
    subject=(SEARCH, "provider", "availability", CATEGORIES),
    outcome=("hit", "miss", "bypassed", "unavailable", "not_stored"),
)


@dataclass(frozen=True)
class Entry:
    """One cached answer: its key, how long it may live, and the subjects whose change ends it."""

    kind: str
    key: str
    seconds: int
    subjects: tuple[str, ...]


def search_entry(parameters: Mapping[str, Any]) -> Entry:
    """The same search has the same key, in whatever order its parameters come; None is left out."""
    given = {name: value for name, value in parameters.items() if value is not None}
    text = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
    return Entry("search", f"search:{base64.urlsafe_b64encode(text).decode()}", SEARCH_SECONDS, (SEARCH,))


def provider_entry(provider_id: str, latitude: float | None, longitude: float | None) -> Entry:
    point = "" if latitude is None else f":{latitude},{longitude}"
    return Entry(
        "provider", f"provider:{provider_id}{point}", PROVIDER_SECONDS, (provider_subject(provider_id),)
    )


@dataclass(frozen=True)
class Days:
    """A local day, or the days from `first` to `last`."""

    first: str
    last: str

    @property
    def text(self) -> str:
        return self.first if self.first == self.last else f"{self.first}..{self.last}"


def availability_entry(provider_id: str, service_id: str, staff_id: str | None, days: Days) -> Entry:
    """A day ends by its own generation; days together by one that every change of any day raises."""
    is_one_day = days.first == days.last
    own = day_subject(provider_id, days.first) if is_one_day else any_day_subject(provider_id)
    return Entry(
        "availability",
        f"availability:{provider_id}:{service_id}:{staff_id or 'any'}:{days.text}",
        AVAILABILITY_SECONDS,
        (calendar_subject(provider_id), own),
    )


def categories_entry() -> Entry:
    return Entry("categories", "categories:all", CATEGORIES_SECONDS, (CATEGORIES,))


def provider_subject(provider_id: str) -> str:
    """The provider's profile."""
    return f"provider:{provider_id}"


def calendar_subject(provider_id: str) -> str:
    """All free times of a provider."""
    return f"availability:{provider_id}"


def day_subject(provider_id: str, date: str) -> str:
    """Free times of a provider on one local day."""
    return f"availability:{provider_id}:{date}"


def any_day_subject(provider_id: str) -> str:
    """Free times of a provider on whichever day."""
    return day_subject(provider_id, "any")


def snap(degrees: float | None) -> float | None:
    """A coordinate on a grid of about 100 m, so that keys have a bound (rule B20)."""
    return None if degrees is None else round(degrees, GRID_DIGITS) + 0.0


@dataclass
class _Flight:
    done: threading.Event = field(default_factory=threading.Event)
    value: bytes | None = None
    error: BaseException | None = None


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

    def get(self, entry: Entry, compute: Callable[[], bytes]) -> bytes:
        """The cached answer, or what `compute` makes. Raises what `compute` raises."""
        if not self._may_read():
            metrics.cache_requests.labels(subject=entry.kind, outcome="bypassed").inc()
            return self._once(entry.key, compute)
        try:
            generations, value = self._read(entry)
        except RedisDownError:
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

    def raise_generations(self, subjects: list[str]) -> None:
        """End everything that is stored about these subjects. Raises RedisDownError.

        What could not be raised is made good before this process reads from Redis again.
        """
        try:
            with self._link.asking() as client:
                pipeline = client.pipeline(transaction=False)
                for subject in subjects:
                    pipeline.set(_generation_key(subject), new_id(), ex=GENERATION_SECONDS)
                pipeline.execute()
        except RedisDownError:
            self._missed_raises = True
            raise

    def _read(self, entry: Entry) -> tuple[bytes, bytes | None]:
        if self._missed_raises:
            # While Redis was away a change may have been heard by a process that could not raise it.
            self.raise_generations([EVERYTHING])
            self._missed_raises = False
        keys = [_generation_key(subject) for subject in (EVERYTHING, *entry.subjects)]
        with self._link.asking() as client:
            found = cast(list[bytes | None], client.mget([*keys, entry.key]))
            known = dict(zip(keys, found[:-1], strict=True))
            unknown = [key for key, name in known.items() if name is None]
            known |= self._begin_generations(client, unknown) if unknown else {}
        generations = b"".join(name for name in known.values() if name is not None)
        stored = found[-1]
        if stored is not None and stored.startswith(generations):
            return generations, stored[len(generations) :]
        return generations, None

    def _begin_generations(self, client: Any, keys: list[str]) -> dict[str, bytes]:
        """The names that these subjects have now, theirs or those that somebody else was quicker to give."""
        offered = [new_id().encode() for _ in keys]
        pipeline = client.pipeline(transaction=False)
        for key, name in zip(keys, offered, strict=True):
            pipeline.set(key, name, nx=True, get=True, ex=GENERATION_SECONDS)
        before = pipeline.execute()
        return {
            key: name if known is None else known
            for key, name, known in zip(keys, offered, before, strict=True)
        }

    def _fill(self, entry: Entry, generations: bytes, compute: Callable[[], bytes]) -> bytes:
        value = compute()
        try:
            with self._link.asking() as client:
                client.set(entry.key, generations + value, ex=entry.seconds)
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

"""Requests at a constant rate, whether earlier ones are answered or not, each with its deadline."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.rolling.people import AccountHolder, Person, UnexpectedError

LANES = 64
"""Requests under way at once; at 50 a second each may take over a second before one has to wait."""
STRANGERS_SHARE, OWN_SHARE, BOOKING_SHARE = 0.5, 0.12, 0.16


@dataclass(frozen=True)
class Outcome:
    """One request of the schedule. `milliseconds` count from the instant at which it was due."""

    due: float
    milliseconds: float
    failure: str
    retried: bool


class Traffic:
    """An open loop: a request is due every 1/rate seconds from the start to the stop."""

    def __init__(
        self,
        rate: float,
        strangers: Sequence[Person],
        holders: Sequence[AccountHolder],
        random_: random.Random,
    ) -> None:
        self._rate = rate
        self._strangers = strangers
        self._holders = holders
        self._random = random_
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedule")
        self._pool = ThreadPoolExecutor(LANES, "request")
        self.outcomes: list[Outcome] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Send nothing more; return when everything is answered or has failed."""
        self._stopping.set()
        self._thread.join()
        self._pool.shutdown()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            self._pool.submit(self._send, due, self._choose())
            due += 1 / self._rate

    def _choose(self) -> Callable[[], bool]:
        """Who asks what; answers whether it took a retry."""
        kind = self._random.random()
        if kind < STRANGERS_SHARE:
            stranger = self._random.choice(self._strangers)
            return lambda: stranger.send(stranger.look_around())
        holder = self._random.choice(self._holders)
        if kind < STRANGERS_SHARE + BOOKING_SHARE:
            return lambda: _next_step(holder)
        if kind < STRANGERS_SHARE + BOOKING_SHARE + OWN_SHARE:
            return lambda: holder.send(holder.look_at_own())
        return lambda: holder.send(holder.look_around())

    def _send(self, due: float, request: Callable[[], bool]) -> None:
        failure, retried = "", False
        try:
            retried = request()
        except UnexpectedError as error:
            failure = str(error)
        except Exception as error:  # noqa: BLE001 - a bug here must not look like a success
            failure = repr(error)
        self.outcomes.append(Outcome(due, (time.monotonic() - due) * 1000, failure, retried))


def _next_step(holder: AccountHolder) -> bool:
    """The holder's next step with its booking, or a look around while the one before is under way."""
    if not holder.busy.acquire(blocking=False):
        return holder.send(holder.look_around())
    try:
        return holder.send(holder.go_on())
    except UnexpectedError:
        holder.give_up()
        raise
    finally:
        holder.busy.release()

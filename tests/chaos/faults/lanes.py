"""Faults in turn and at random, in several lanes at once: processes, servers, network, Stripe."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import requests

from deploy.local.failure import LaunchError
from tests.chaos.faults.field import Field
from tests.chaos.faults.network import strike_network
from tests.chaos.faults.processes import strike_process
from tests.chaos.faults.record import FaultLog
from tests.chaos.faults.servers import strike_server
from tests.chaos.faults.stripe import strike_requests, strike_webhooks
from tests.chaos.history import History
from tests.chaos.instance import ChaosStack
from tests.chaos.options import Options

Strike = Callable[[Field, str], None]


@dataclass(frozen=True)
class Lane:
    """Kinds of faults that come one after the other, with so many seconds of peace between."""

    name: str
    kinds: tuple[str, ...]
    strike: Strike
    peace_seconds: tuple[float, float]


LANES = (
    Lane("processes", ("kill", "freeze", "terminate"), strike_process, (2.0, 6.0)),
    Lane("servers", ("rabbitmq", "redis", "postgresql"), strike_server, (1.5, 4.5)),
    Lane("network", ("cut", "delay", "halve"), strike_network, (2.0, 5.5)),
    Lane("stripe requests", ("stripe_error", "stripe_timeout"), strike_requests, (1.0, 4.0)),
    Lane(
        "webhooks",
        ("webhook_duplicate", "webhook_shuffle", "webhook_late", "webhook_lost"),
        strike_webhooks,
        (0.1, 0.5),
    ),
)


def _chosen(kinds: tuple[str, ...]) -> list[Lane]:
    """The lanes with those of their kinds that are wanted; a lane without one is left out."""
    lanes = [replace(lane, kinds=tuple(kind for kind in lane.kinds if kind in kinds)) for lane in LANES]
    return [lane for lane in lanes if lane.kinds]


class Faults:
    """The lanes, each in a thread of its own, until they are told to end."""

    def __init__(self, chaos: ChaosStack, history: History, log: FaultLog, options: Options) -> None:
        self._ending = threading.Event()
        self._errors: list[str] = []
        self._log = log
        self._options = options
        self._threads = [
            threading.Thread(target=self._run, args=(lane, self._field(chaos, history, lane)))
            for lane in _chosen(options.kinds)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> list[str]:
        """Return when every fault is over; errors of the lanes themselves."""
        self._ending.set()
        for thread in self._threads:
            thread.join()
        return self._errors

    def _field(self, chaos: ChaosStack, history: History, lane: Lane) -> Field:
        options = self._options
        chance = random.Random(f"{options.seed}/{lane.name}")  # noqa: S311 (repeatable on purpose)
        return Field(
            chaos,
            history,
            self._log,
            chance,
            self._ending,
            options.spared,
            options.peace_factor,
            options.lasting_factor,
            options.targets,
        )

    def _run(self, lane: Lane, field: Field) -> None:
        while not self._ending.is_set():
            kind = self._next_kind(lane, field)
            try:
                lane.strike(field, kind)
            except (LaunchError, OSError, requests.RequestException) as error:
                self._errors.append(f"{time.time():.0f} {kind}: {error!r}")
            field.pause(field.chance.uniform(*lane.peace_seconds) * field.peace_factor)

    def _next_kind(self, lane: Lane, field: Field) -> str:
        """The kind that has counted least so far; chance decides between equals."""
        counted = self._log.counted()
        least = min(counted[kind] for kind in lane.kinds)
        return field.chance.choice([kind for kind in lane.kinds if counted[kind] == least])

"""Every queue as the code declares it; `python -m tests.architecture.queues` writes queues.json.

Answers and sockets have queues of one connection each: exclusive, without a name or arguments of ours.
"""

import importlib
import inspect
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from services.gateway import invalidation
from shared.contracts.declaration import EventType
from shared.messages import topology
from shared.worker.events import EventHandler
from shared.worker.rpc import request_queue
from tests.architecture.source import WORKERS

SNAPSHOT = Path(__file__).with_name("queues.json")

Document = dict[str, Any]


def queues() -> Document:
    """By name: arguments and bindings (exchange, routing key), with the default waits between tries."""
    found: Document = {}
    for service in WORKERS:
        queue: Any = request_queue(service)
        bindings = [[queue.exchange.name, queue.routing_key]]
        found[queue.name] = {"arguments": queue.queue_arguments, "bindings": bindings}
        found |= _described(topology.describe(service, events_heard_by(service)).queues)
    found |= _described(invalidation.declared().queues)
    return dict(sorted(found.items()))


def text() -> str:
    return json.dumps(queues(), indent=2) + "\n"


def _described(declared: Iterable[topology.Queue]) -> Document:
    return {
        queue.name: {"arguments": queue.arguments, "bindings": [list(binding) for binding in queue.bindings]}
        for queue in declared
    }


def events_heard_by(service: str) -> Iterator[EventType]:
    door = importlib.import_module(f"services.{service}.service").SERVICE
    for _, method in inspect.getmembers(door, inspect.isfunction):
        for entrypoint in getattr(method, "nameko_entrypoints", ()):
            if isinstance(entrypoint, EventHandler):
                yield entrypoint.event_type


if __name__ == "__main__":
    SNAPSHOT.write_text(text(), encoding="utf-8")

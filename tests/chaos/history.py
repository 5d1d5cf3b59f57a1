"""What customers asked and were answered, one line each, kept on disk so that checks can be repeated."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

NO_ANSWER = 0
"""The status of a request that got none: a broken connection or a time-out."""


@dataclass
class Exchange:
    """One request and its answer. Wall times are seconds since 1970 on this machine's clock, which the
    databases share; `status` 0: no answer came. `key` is empty where nothing is commanded."""

    number: int
    customer: str
    action: str
    path: str
    key: str
    body: Any
    sent: float
    sent_monotonic: float
    answered: float = 0.0
    answered_monotonic: float = 0.0
    status: int = NO_ANSWER
    code: str = ""
    answer: Any = None
    needs: tuple[str, ...] = field(default=())

    @property
    def data(self) -> dict[str, Any]:
        """The answer's data; empty for a refusal."""
        found = self.answer.get("data") if isinstance(self.answer, dict) else None
        return found if isinstance(found, dict) else {}

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_outcome_known(self) -> bool:
        """False: the request may have been done or may still be; it is to be repeated with its key."""
        return (
            self.status not in (NO_ANSWER, 429) and self.status < 500 and self.code != "request_in_progress"
        )


class History:
    """Appends exchanges to a file; knows which requests are open now."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8")
        self._lock = threading.Lock()
        self._open: dict[int, Exchange] = {}
        self._next = 1

    @contextmanager
    def exchange(self, exchange: Exchange) -> Iterator[Exchange]:
        """Within the block the request is open; at its end it is written with what it got."""
        with self._lock:
            exchange.number, self._next = self._next, self._next + 1
            self._open[exchange.number] = exchange
        try:
            yield exchange
        finally:
            exchange.answered, exchange.answered_monotonic = time.time(), time.monotonic()
            with self._lock:
                del self._open[exchange.number]
                self._file.write(json.dumps(asdict(exchange)) + "\n")

    def open_for(self, need: str) -> int:
        """Requests that are under way now and need this part of the platform."""
        with self._lock:
            return sum(need in exchange.needs for exchange in self._open.values())

    def close(self) -> None:
        with self._lock:
            self._file.close()


def read_history(path: Path) -> list[Exchange]:
    """The exchanges of a run in the order in which they ended."""
    exchanges = []
    for line in path.read_text(encoding="utf-8").splitlines():
        known = json.loads(line)
        exchanges.append(Exchange(**{**known, "needs": tuple(known["needs"])}))
    return exchanges

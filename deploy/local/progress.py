"""What people see while long steps run: one line per step, and a sign of life every few seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SIGN_OF_LIFE_SECONDS = 10.0
_LONGEST_LINE = 100


class Progress:
    """Prints steps with their times; safe to use from several threads."""

    def __init__(self, *, is_silent: bool = False) -> None:
        self._is_silent = is_silent
        self._lock = threading.Lock()
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """Print one line with the seconds since the command began."""
        if self._is_silent:
            return
        with self._lock:
            sys.stdout.write(f"{time.monotonic() - self._began:7.1f} s  {text}\n")
            sys.stdout.flush()

    @contextmanager
    def step(
        self, name: str, log: Path | None = None, *, every_seconds: float = _SIGN_OF_LIFE_SECONDS
    ) -> Iterator[None]:
        """Print `name` with the time of the body; while it runs, that it does, with the log's last line."""
        began = time.monotonic()
        over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(name, log, over, every_seconds), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
        self.say(f"{name} ({time.monotonic() - began:.1f} s)")

    def _watch(self, name: str, log: Path | None, over: threading.Event, every_seconds: float) -> None:
        while not over.wait(every_seconds):
            self.say(f"{name} ... {_last_line(log)}".rstrip())


def _last_line(log: Path | None) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log else []
    except OSError:
        return ""
    return lines[-1].strip()[:_LONGEST_LINE] if lines else ""

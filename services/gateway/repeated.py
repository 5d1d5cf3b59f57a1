"""Work that a gateway process does again and again, apart from all requests."""

import logging
import threading
from collections.abc import Callable

from shared import logs

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
"""How long the process's end waits for it: what it does is cut into short transactions."""


class Repeated:
    """Does all `work` every `seconds`, first after so long; a failure is logged and then tried again."""

    def __init__(self, name: str, seconds: float, *work: Callable[[], None]) -> None:
        self._name, self._seconds, self._work = name, seconds, work
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """No call begins after this."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE_SECONDS)

    def _run(self) -> None:
        while not self._stopping.wait(self._seconds):
            try:
                for work in self._work:
                    work()
            except Exception as error:
                log.error("repeated_work_failed", exc_info=error, extra={"fields": {"work": self._name}})
            else:
                logs.event(log, logging.DEBUG, "repeated_work_done", work=self._name)

"""Whether work of an earlier visit is still on its way, asked many times a second."""

import threading
import time
from typing import Any

from deploy.local.instance import SERVICES
from tests.chaos.instance import ChaosStack, connect

QUIET_SECONDS = 30.0
POLL_SECONDS = 0.05

UNSENT = "SELECT count(*) FROM outbox"
JOBS_DUE = """
SELECT count(*) FROM job WHERE state IN ('waiting', 'running')
    AND kind NOT IN ('reconcile', 'look_again', 'take_in_time', 'payout_round', 'compare_books')
"""
"""Those that are begun by what a customer did."""
CALLS = "SELECT count(*) FROM waitlist_call"
"""Lines that are to be looked at."""
SOON = " AND kind <> 'resume_payment'"
"""A payment that is not settled is looked at again 5 s later, which matters only to who waits for that."""


class Quiet:
    """Sessions in the databases of a stack whose servers stay up."""

    def __init__(self, chaos: ChaosStack) -> None:
        self._sessions: dict[str, Any] = {name: connect(chaos.stack, name) for name in SERVICES}

    def close(self) -> None:
        for session in self._sessions.values():
            session.close()

    def wait(self, *, is_patient: bool = False) -> None:
        """Return when no event waits to be sent, no job to be done, no line to be looked at, or when the time
        is over."""
        jobs = JOBS_DUE if is_patient else JOBS_DUE + SOON
        end = time.monotonic() + QUIET_SECONDS
        while self._is_busy(jobs) and time.monotonic() < end:
            threading.Event().wait(POLL_SECONDS)

    def _is_busy(self, jobs: str) -> bool:
        is_sending = any(self._number(name, UNSENT) for name in SERVICES)
        return is_sending or self._number("payment", jobs) > 0 or self._number("booking", CALLS) > 0

    def _number(self, service: str, query: str) -> int:
        with self._sessions[service].cursor() as cursor:
            cursor.execute(query)
            return int(cursor.fetchone()[0])

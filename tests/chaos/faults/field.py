"""What every fault needs to know: the stack, what is in work where, the log, chance, and when to end."""

import random
import threading
from dataclasses import dataclass, field
from typing import Any

import psycopg2

from deploy.local.instance import SERVICES
from tests.chaos.faults.record import FaultLog
from tests.chaos.history import History
from tests.chaos.instance import ChaosStack, connect

IN_TRANSACTION = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = %s AND application_name LIKE %s AND application_name NOT LIKE '%%relay%%'
    AND (state LIKE 'idle in transaction%%' OR state = 'active')
"""


@dataclass
class Field:
    """The place of the faults of one lane; lanes share nothing but the log and the stack."""

    chaos: ChaosStack
    history: History
    log: FaultLog
    chance: random.Random
    ending: threading.Event
    spared: tuple[str, ...]
    """Services whose processes are not killed."""
    peace_factor: float
    """What the seconds of peace between two faults are multiplied by."""
    lasting_factor: float
    """What the seconds are multiplied by for which a fault lasts."""
    targets: tuple[str, ...]
    """What is struck; empty: everything."""
    _sessions: dict[str, Any] = field(default_factory=dict)

    def may_strike(self, target: str) -> bool:
        return not self.targets or target in self.targets

    def lasting(self, bounds: tuple[float, float]) -> float:
        """For how many seconds a fault lasts, by chance."""
        return self.chance.uniform(*bounds) * self.lasting_factor

    def pause(self, seconds: float) -> None:
        """Wait; not longer than the run lasts."""
        self.ending.wait(seconds)

    def met(self, part: str) -> str:
        """What is in work at a part of the platform now, in words; empty: nothing that we can see."""
        is_everywhere = part not in SERVICES
        requests = self.history.open_for(part)
        if requests:
            return f"{requests} requests under way"
        services = SERVICES if is_everywhere else (part,)
        for service in services:
            number = self.ask_number(service, IN_TRANSACTION, (f"care_{service}", f"{service}%"))
            if number:
                return f"{number} transactions open"
        return ""

    def ask_number(self, service: str, query: str, values: tuple[Any, ...] = ()) -> int:
        """The only number of a query; 0 while the database is away."""
        try:
            if service not in self._sessions:
                self._sessions[service] = connect(self.chaos.stack, service)
            with self._sessions[service].cursor() as cursor:
                cursor.execute(query, values)
                row = cursor.fetchone()
                return int(row[0]) if row else 0
        except psycopg2.Error:
            self._sessions.pop(service, None)
            return 0

"""What is written in booking's tables, read by their owner."""

import json
from typing import Any

from sqlalchemy import Engine, text

_WAITERS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


class Ledger:
    """Looks at one booking or one provider at a time, so that tests do not disturb each other."""

    def __init__(self, owner: Engine) -> None:
        self._owner = owner

    def history(self, booking_id: str) -> list[tuple[int, str | None, str, str, str]]:
        """(version, from, to, actor, reason) of each change, in order."""
        rows = self.rows(
            "SELECT version, from_state, to_state, actor, reason FROM booking_history "
            "WHERE booking_id = :id ORDER BY version",
            id=booking_id,
        )
        return [tuple(row) for row in rows]

    def state(self, booking_id: str) -> str:
        return str(self.one("SELECT state FROM booking WHERE id = :id", id=booking_id))

    def allocations(self, booking_id: str) -> int:
        return int(self.one("SELECT count(*) FROM allocation WHERE booking_id = :id", id=booking_id))

    def events(self, provider_id: str) -> list[tuple[str, dict[str, Any]]]:
        """(name, data) of what waits to be sent about a provider, in order."""
        rows = self.rows(
            "SELECT routing_key, body FROM outbox WHERE routing_key LIKE '%.' || :id || '.%' "
            "ORDER BY created_at",
            id=provider_id,
        )
        return [(row.routing_key.split(".")[0], json.loads(row.body)["data"]) for row in rows]

    def event_names(self, provider_id: str) -> list[str]:
        return [name for name, _ in self.events(provider_id)]

    def waiters(self) -> int:
        """Transactions of this database that wait for a lock."""
        return int(self.one(_WAITERS))

    def one(self, statement: str, **values: Any) -> Any:
        with self._owner.begin() as connection:
            return connection.execute(text(statement), values).scalar_one()

    def rows(self, statement: str, **values: Any) -> list[Any]:
        with self._owner.begin() as connection:
            return list(connection.execute(text(statement), values).all())

    def run(self, statement: str, **values: Any) -> None:
        with self._owner.begin() as connection:
            connection.execute(text(statement), values)

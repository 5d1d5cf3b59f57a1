"""Whether events are still on their way out of a service: rows in its outbox."""

from __future__ import annotations

from collections.abc import Iterable

from deploy.local.servers.postgresql import PostgreSQL

_COUNT = "SELECT 'SELECT count(*) FROM outbox' WHERE to_regclass('outbox') IS NOT NULL \\gexec"


def unsent_events(server: PostgreSQL, services: Iterable[str]) -> int:
    """Rows in the outboxes of the services whose databases are on this server."""
    script = "\n".join(f"\\connect care_{service}\n{_COUNT}" for service in services)
    return sum(int(line) for line in server.run_script("postgres", script + "\n").split())

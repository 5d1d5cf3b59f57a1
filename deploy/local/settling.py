"""Whether events are still on their way between the services: in an outbox, or in a queue."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable

from deploy.local.servers.postgresql import PostgreSQL
from deploy.local.servers.rabbitmq import RabbitMQ

_COUNT = "SELECT 'SELECT count(*) FROM outbox' WHERE to_regclass('outbox') IS NOT NULL \\gexec"
_PARKED = "parked."


def unsent_events(server: PostgreSQL, services: Iterable[str]) -> int:
    """Rows in the outboxes of the services whose databases are on this server."""
    script = "\n".join(f"\\connect care_{service}\n{_COUNT}" for service in services)
    return sum(int(line) for line in server.run_script("postgres", script + "\n").split())


def undelivered_messages(broker: RabbitMQ) -> int:
    """Messages that wait in a queue or are in work; those that were put aside for an operator don't count."""
    result = subprocess.run(
        [
            broker.script("rabbitmqctl"),
            "-q",
            "-n",
            broker.node,
            "list_queues",
            "--no-table-headers",
            "name",
            "messages",
        ],
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **broker.environment()},
        cwd=broker.instance.data.resolve(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        **(broker.account.options() if broker.account else {}),
    )
    rows = [line.split("\t") for line in result.stdout.splitlines() if "\t" in line]
    return sum(int(messages) for name, messages in rows if not name.startswith(_PARKED))

"""Orders to the broker of an instance by its own command line tool."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping

from deploy.local.failure import LaunchError
from deploy.local.servers.rabbitmq import USER, RabbitMQ

_PARKED = "parked."


def undelivered_messages(broker: RabbitMQ) -> int:
    """Messages that wait in a queue or are in work; those that were put aside for an operator don't count."""
    return sum(number for name, number in messages_by_queue(broker).items() if not name.startswith(_PARKED))


def messages_by_queue(broker: RabbitMQ) -> dict[str, int]:
    """How many messages wait or are in work, by the queue's name."""
    output = _rabbitmqctl(broker, "list_queues", "--no-table-headers", "name", "messages")
    rows = [line.split("\t") for line in output.splitlines() if "\t" in line]
    return {name: int(messages) for name, messages in rows}


def add_virtual_host(broker: RabbitMQ, name: str) -> None:
    """Make a virtual host that our account may use in full."""
    _rabbitmqctl(broker, "add_vhost", name)
    _rabbitmqctl(broker, "set_permissions", "-p", name, USER, ".*", ".*", ".*")


def add_accounts(broker: RabbitMQ, host: str, rights: Mapping[str, Mapping[str, str]]) -> None:
    """Make a virtual host and accounts in it: by name, which is the password too, each with its rights."""
    definitions = {
        "vhosts": [{"name": host}],
        "users": [{"name": name, "password": name, "tags": ""} for name in rights],
        "permissions": [{"user": name, "vhost": host, **patterns} for name, patterns in rights.items()],
    }
    _rabbitmqctl(broker, "import_definitions", text=json.dumps(definitions))


def _rabbitmqctl(broker: RabbitMQ, *arguments: str, text: str = "") -> str:
    result = subprocess.run(
        [broker.script("rabbitmqctl"), "-q", "-n", broker.node, *arguments],
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **broker.environment()},
        cwd=broker.instance.data.resolve(),
        input=text,
        capture_output=True,
        text=True,
        check=False,
        **(broker.account.options() if broker.account else {}),
    )
    if result.returncode != 0:
        raise LaunchError(
            f"rabbitmqctl {arguments[0]} failed: {result.stderr.strip() or result.stdout.strip()}"
        )
    return str(result.stdout)

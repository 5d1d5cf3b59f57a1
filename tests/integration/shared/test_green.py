"""The floor gives way to other greenlets, in the gateway (gevent) and in workers (eventlet)."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import amqp
import pytest
from sqlalchemy import Engine, text

from shared.contracts.declaration import EventType
from shared.messages.topology import Topology, handler_queue
from tests.integration.shared.peer import Peer

ROOT = Path(__file__).parents[3]


def slow_echo(method: str, request: dict[str, Any], headers: dict[str, Any]) -> dict[str, Any]:
    time.sleep(0.01)
    return {"result": request, "error": None}


@pytest.mark.parametrize("library", ["gevent", "eventlet"])
def test_ten_transactions_wait_side_by_side_and_messages_flow(
    library: str, database_url: str, amqp_uri: str, service: str, owner: Engine, channel: amqp.Channel,
    declared: Topology, happened: EventType,
) -> None:  # fmt: skip
    peer = Peer(amqp_uri, service, slow_echo)
    try:
        output = subprocess.run(
            [
                sys.executable, "-m", "tests.integration.shared.green_process",
                library, database_url, amqp_uri, service,
            ],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    finally:
        peer.stop()
    assert output.returncode == 0, output.stderr
    figures = json.loads(output.stdout)
    assert 0.3 <= figures["database"] < 1.5
    assert figures["rpc"] < 2
    assert figures["stopped"]
    assert channel.queue_declare(handler_queue(service, happened), passive=True).message_count == 10
    with owner.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM outbox")).scalar_one() == 0

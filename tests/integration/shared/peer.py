"""A service that answers RPC in nameko's protocol, without nameko: the client is tested alone."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import amqp
import orjson

from shared.messages import broker
from shared.messages.broker import LOST_ERRORS
from shared.messages.topology import RPC_EXCHANGE, rpc_queue

Answer = Callable[[str, dict[str, Any], dict[str, Any]], dict[str, Any] | None]
"""(method, request, headers) -> `{"result": ..., "error": ...}`, or None: never answer."""


class Peer:
    """Answers the requests to `service` in one thread until `stop`; keeps what it received."""

    def __init__(self, amqp_uri: str, service: str, answer: Answer) -> None:
        self.received: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self._answer = answer
        self._service = service
        self._connection = broker.connect(amqp_uri, f"test peer {service}")
        self._channel = self._connection.channel()
        self._channel.exchange_declare(RPC_EXCHANGE, type="topic", durable=True, auto_delete=False)
        queue = rpc_queue(service)
        self._channel.queue_declare(queue, durable=True, auto_delete=False, arguments={"x-expires": 10_000})
        self._channel.queue_bind(queue, RPC_EXCHANGE, f"{service}.*")
        self._channel.basic_consume(queue, callback=self._on_request)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Leave and take the queue along."""
        self._stopping = True
        self._thread.join(5)
        with suppress(*LOST_ERRORS):
            self._channel.queue_delete(rpc_queue(self._service))
        broker.close(self._connection)

    def _run(self) -> None:
        with suppress(*LOST_ERRORS):
            while not self._stopping:
                with suppress(TimeoutError):
                    self._connection.drain_events(timeout=0.2)
                self._connection.heartbeat_tick()

    def _on_request(self, message: Any) -> None:
        message.channel.basic_ack(message.delivery_tag)
        method = message.delivery_info["routing_key"]
        request = orjson.loads(message.body)["args"][0]
        self.received.append((method, request, dict(message.headers)))
        reply = self._answer(method, request, dict(message.headers))
        if reply is None:
            return
        self._channel.basic_publish(
            amqp.Message(
                orjson.dumps(reply),
                content_type="application/json",
                correlation_id=message.properties["correlation_id"],
            ),
            exchange=RPC_EXCHANGE,
            routing_key=message.properties["reply_to"],
        )

"""A client of nameko's RPC that is as simple as it can be: a connection that sends for all greenlets, one
that collects all answers.
"""

import itertools
import json
import threading
import uuid
from typing import Any

import amqp
from kombu.connection import Connection

EXCHANGE = "nameko-rpc"
TRANSIENT = 1
DEADLINE_SECONDS = 10.0


class _Waiting:
    """A question under way."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.body: str | bytes = b""


class RpcClient:
    """Asks from many greenlets at once; `method` as `echo.echo`."""

    def __init__(self, amqp_uri: str) -> None:
        self._numbers = itertools.count()
        self._waiting: dict[str, _Waiting] = {}
        self._lock = threading.Lock()
        self._reply_to = str(uuid.uuid4())
        self._sending = Connection(amqp_uri).channel()
        self._receiving = Connection(amqp_uri)
        channel, queue = self._receiving.channel(), f"rpc.reply-{self._reply_to}"
        channel.exchange_declare(EXCHANGE, type="topic", durable=True, auto_delete=False)
        channel.queue_declare(queue, exclusive=True, auto_delete=True)
        channel.queue_bind(queue, EXCHANGE, self._reply_to)
        channel.basic_consume(queue, no_ack=True, callback=self._on_answer)
        threading.Thread(target=self._receive, daemon=True).start()

    def ask(self, method: str, argument: Any) -> Any:
        """Raises TimeoutError without an answer, RuntimeError for a failure of the service."""
        number = f"{self._reply_to}-{next(self._numbers)}"
        waiting = self._waiting[number] = _Waiting()
        message = amqp.Message(
            json.dumps({"args": [argument], "kwargs": {}}),
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=TRANSIENT,
            reply_to=self._reply_to,
            correlation_id=number,
        )
        try:
            with self._lock:
                self._sending.basic_publish(message, exchange=EXCHANGE, routing_key=method)
            if not waiting.done.wait(DEADLINE_SECONDS):
                raise TimeoutError(method)
        finally:
            del self._waiting[number]
        answer = json.loads(waiting.body)
        if answer["error"]:
            raise RuntimeError(answer["error"]["value"])
        return answer["result"]

    def _receive(self) -> None:
        while True:
            self._receiving.drain_events()

    def _on_answer(self, message: Any) -> None:
        waiting = self._waiting.get(message.properties["correlation_id"])
        if waiting is not None:
            waiting.body = message.body
            waiting.done.set()

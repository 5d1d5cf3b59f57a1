"""A bare app in front of the bare booking, for gunicorn: `create_app()`. Reads AMQP_URI.

Each worker hears every event and reads it, as a fan-out to sockets has to.
"""

import json
import os
import threading
from typing import Any

from flask import Flask, Response, request
from kombu.connection import Connection

from tests.bench.floors.rpc_client import RpcClient

EVENTS = "bare.events"


def _hear(amqp_uri: str) -> None:
    connection = Connection(amqp_uri)
    channel = connection.channel()
    channel.exchange_declare(EVENTS, type="topic", durable=True, auto_delete=False)
    queue = channel.queue_declare("", exclusive=True, auto_delete=True).queue
    channel.queue_bind(queue, EVENTS, "#")
    channel.basic_consume(queue, no_ack=True, callback=_read)
    while True:
        connection.drain_events()


def _read(message: Any) -> None:
    json.loads(message.body)


def create_app() -> Flask:
    """The app of one gunicorn worker, made after the fork."""
    app = Flask(__name__)
    client = RpcClient(os.environ["AMQP_URI"])
    threading.Thread(target=_hear, args=(os.environ["AMQP_URI"],), daemon=True).start()

    @app.post("/bookings")
    def create() -> Response:
        answer = client.ask("bare_booking.create", request.get_json())
        return Response(json.dumps(answer), 201, content_type="application/json")

    return app

"""A bare broadcast to WebSockets, for gunicorn: what is published to one exchange goes to every socket.

Reads AMQP_URI.
"""

import os
import threading
from typing import Any

from flask import Flask
from flask_sock import Sock
from kombu.connection import Connection

BROADCAST = "bare.broadcast"


def create_app() -> Flask:
    """The app of one gunicorn worker, made after the fork."""
    app = Flask(__name__)
    sockets = set[Any]()

    def send(message: Any) -> None:
        for one in list(sockets):
            one.send(message.body)

    def hear() -> None:
        connection = Connection(os.environ["AMQP_URI"])
        channel = connection.channel()
        channel.exchange_declare(BROADCAST, type="fanout", durable=False, auto_delete=False)
        queue = channel.queue_declare("", exclusive=True, auto_delete=True).queue
        channel.queue_bind(queue, BROADCAST)
        channel.basic_consume(queue, no_ack=True, callback=send)
        while True:
            connection.drain_events()

    threading.Thread(target=hear, daemon=True).start()

    @Sock(app).route("/realtime")  # type: ignore[untyped-decorator]
    def realtime(one: Any) -> None:
        sockets.add(one)
        try:
            while True:
                one.receive()
        finally:
            sockets.discard(one)

    return app

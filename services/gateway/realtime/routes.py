"""Puts `/realtime` into the app, and takes the sockets away when a worker stops."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

import flask_sock
from flask import Flask, request

from services.gateway import request_span
from services.gateway.accounts.tokens import Principal
from services.gateway.blueprint import Access, Budget, declares
from services.gateway.realtime.conversation import Conversation, Surroundings
from services.gateway.realtime.hub import Hub
from services.gateway.realtime.protocol import MAX_FRAME_BYTES, PATH
from services.gateway.realtime.relay import Relay
from services.gateway.realtime.server import SafeServer
from shared import clock
from shared.messages.envelope import Event

PING_SECONDS = 25
"""A peer that is silent for two intervals is gone; proxies keep idle connections for 60 s."""


class Realtime:
    """The sockets of one gateway process."""

    def __init__(
        self,
        amqp_uri: str,
        verify: Callable[[str], Principal],
        connections: int,
        before_telling: Callable[[Sequence[Event]], None],
    ) -> None:
        self._hub = Hub(connections, before_telling)
        self._relay = Relay(amqp_uri, self._hub)
        self._hub.relay = self._relay
        self._around = Surroundings(self._hub, verify, clock.now, clock.monotonic)

    def start(self) -> None:
        """Begin to hear events. After the fork, since threads don't survive it."""
        self._relay.start()

    def close_sockets(self) -> None:
        """Close all sockets with 1001 and let no other in; returns at once.

        For gunicorn's worker, which would wait for open sockets until its graceful time-out.
        """
        self._hub.close_all()

    def stop(self) -> None:
        """Close the sockets and end the connection to the broker."""
        self.close_sockets()
        self._relay.stop()

    @property
    def open_sockets(self) -> int:
        return self._hub.open_sockets

    def hold(self, socket: SafeServer) -> None:
        # The handshake is what is traced of this request; each frame has a trace of its own.
        request_span.end_now(HTTPStatus.SWITCHING_PROTOCOLS)
        Conversation(socket, self._around).hold(request.headers.get("Authorization", ""))


def install(
    app: Flask,
    amqp_uri: str,
    verify: Callable[[str], Principal],
    connections: int,
    before_telling: Callable[[Sequence[Event]], None] = lambda events: None,
) -> Realtime:
    """Add the route `/realtime`. The caller starts and stops what is returned.

    `verify` reads an access token or raises ServiceError; for the others see Hub. The handshake
    counts against the limits like any route that declares its budget.
    """
    flask_sock.Server = SafeServer
    app.config["SOCK_SERVER_OPTIONS"] = {
        "ping_interval": PING_SECONDS,
        "max_message_size": MAX_FRAME_BYTES,
    }
    realtime = Realtime(amqp_uri, verify, connections, before_telling)

    @flask_sock.Sock(app).route(PATH)  # type: ignore[untyped-decorator]
    @declares(Access.ANYONE, Budget.HANDSHAKE)
    def hold_socket(socket: SafeServer) -> None:
        realtime.hold(socket)

    return realtime

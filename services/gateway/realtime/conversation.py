"""One socket from its opening to its end: who it is, what it watches, what it may."""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, get_current_span

from services.gateway.accounts.tokens import Principal
from services.gateway.problems import token_invalid, unauthenticated
from services.gateway.realtime import protocol
from services.gateway.realtime.hub import Hub, Scope, Topic
from services.gateway.realtime.outgoing import Channel, Outgoing
from services.gateway.realtime.protocol import (
    ClientEvent,
    CloseCode,
    Frame,
    FrameError,
    ServerEvent,
    SubscriptionKind,
)
from shared import logs
from shared.errors import ServiceError, unavailable
from shared.telemetry import metrics, tracing
from shared.telemetry.attributes import SOCKET_FRAME

log = logging.getLogger(__name__)

AUTHENTICATE_SECONDS = 5.0
IN_FORCE_SECONDS = 3.0
"""How long a subscription may take to come into force: the deadline of a question."""
MAX_SUBSCRIPTIONS = 50
"""Days that one socket watches at once: seven weeks of one provider, a week of seven."""


UNREADABLE = "unreadable"
"""What spans call a frame that is none of ours."""


class Socket(Channel, Protocol):
    """The open WebSocket. `receive` answers None when the time is up and raises ConnectionClosed."""

    def receive(self, timeout: float | None = None) -> str | bytes | None: ...


@dataclass(frozen=True)
class Surroundings:
    """What all conversations of a process share. `verify` raises ServiceError for a bad token."""

    hub: Hub
    verify: Callable[[str], Principal]
    now: Callable[[], datetime]
    monotonic: Callable[[], float]


class Conversation:
    """Reads a client's frames one after the other; answers go through its outgoing queue."""

    def __init__(self, socket: Socket, around: Surroundings) -> None:
        self._socket = socket
        self._around = around
        self._outgoing = Outgoing(socket)
        self._principal: Principal | None = None
        self._authenticate_until = around.monotonic() + AUTHENTICATE_SECONDS
        self._topics: set[Topic] = set()
        self._watches_bookings = False
        self._closing = False

    def hold(self, authorization: str) -> None:
        """Talk until the socket closes. `authorization` is the handshake's header, or empty.

        Raises simple_websocket's ConnectionClosed when the client ended it.
        """
        hub = self._around.hub
        writer = threading.Thread(target=self._outgoing.write, name="socket-writer", daemon=True)
        writer.start()
        try:
            if not hub.enter(self._outgoing):
                self._close(CloseCode.TRY_AGAIN_LATER, "full")
            elif authorization:
                self._authenticate(_bearer(authorization))
            while not self._closing:
                self._listen()
            while True:
                self._socket.receive()
        finally:
            self._outgoing.close(CloseCode.GOING_AWAY, "")
            hub.leave(self._outgoing, self._topics)

    def _listen(self) -> None:
        patience = self._patience()
        text = self._socket.receive(timeout=max(0.0, patience))
        if text is None or self._patience() <= 0:
            self._close(CloseCode.UNAUTHENTICATED, "token expired" if self._principal else "no token in time")
            return
        try:
            frame = protocol.read_frame(text)
        except FrameError as refused:
            with _span(UNREADABLE):
                self._refuse(refused)
            return
        if frame.event is ClientEvent.PING and self._principal is not None:
            # Nothing happens, and it comes from every socket every few seconds: not worth a trace.
            self._take(frame)
        else:
            with _span(frame.event.value):
                self._take(frame)

    def _take(self, frame: Frame) -> None:
        try:
            self._handle(frame)
        except FrameError as refused:
            self._refuse(refused)

    def _refuse(self, refused: FrameError) -> None:
        """Say it to the trace, the log and the client, to all three under the trace's id."""
        tracing.note_error(get_current_span(), refused.error)
        logs.event(log, logging.INFO, "frame_refused", code=refused.error.code)
        self._outgoing.offer(protocol.write_error(refused.error, refused.frame_id))

    def _patience(self) -> float:
        """Seconds until the token expires, or until one has to come."""
        if self._principal is None:
            return self._authenticate_until - self._around.monotonic()
        return (self._principal.expires_at - self._around.now()).total_seconds()

    def _handle(self, frame: Frame) -> None:
        try:
            if frame.event is ClientEvent.AUTHENTICATE:
                self._authenticate(frame.data["token"], frame.id)
            elif self._principal is None:
                raise unauthenticated()
            else:
                self._answer(frame, self._principal)
        except ServiceError as error:
            raise FrameError(error, frame.id) from None

    def _answer(self, frame: Frame, principal: Principal) -> None:
        match frame.event:
            case ClientEvent.SUBSCRIBE_AVAILABILITY:
                self._subscribe_availability(frame)
            case ClientEvent.SUBSCRIBE_BOOKINGS:
                self._subscribe_bookings(frame, principal)
            case ClientEvent.UNSUBSCRIBE:
                self._unsubscribe(frame)
            case ClientEvent.RESUME:
                self._outgoing.offer(protocol.write_frame(ServerEvent.RESYNC_REQUIRED, {}, frame.id))
            case _:
                self._outgoing.offer(protocol.write_frame(ServerEvent.PONG, {}, frame.id))

    def _authenticate(self, token: str, frame_id: str = "") -> None:
        """Take a token: the first one opens the conversation, a later one prolongs it.

        A bad first token closes; a bad later one is an error, and the old token goes on until it expires.
        """
        before = self._principal
        try:
            principal = self._around.verify(token)
            if before is not None and principal.user_id != before.user_id:
                raise token_invalid("This access token is another account's.")
        except ServiceError as error:
            self._outgoing.offer(protocol.write_error(error, frame_id))
            if before is None:
                self._close(CloseCode.UNAUTHENTICATED, error.code)
            return
        if before is None and not self._around.hub.belongs_to(self._outgoing, principal.user_id):
            self._outgoing.offer(protocol.write_error(protocol.too_many_sockets(), frame_id))
            self._close(CloseCode.TOO_MANY_SOCKETS, protocol.too_many_sockets.code)
            return
        self._principal = principal
        if self._watches_bookings and before is not None and before.memberships != principal.memberships:
            self._replace(_booking_topics(before), _booking_topics(principal))

    def _subscribe_availability(self, frame: Frame) -> None:
        topic = Topic(Scope.AVAILABILITY, frame.data["provider_id"], frame.data["date"])
        if topic not in self._topics and len(self._topics) >= MAX_SUBSCRIPTIONS:
            raise protocol.too_many_subscriptions()
        self._watch({topic})
        self._confirm(frame, SubscriptionKind.AVAILABILITY, providerId=topic.id, date=topic.day)

    def _subscribe_bookings(self, frame: Frame, principal: Principal) -> None:
        """Bookings of the user itself and of the providers whose member it is by its token (rule B11)."""
        self._watch(_booking_topics(principal))
        self._watches_bookings = True
        self._confirm(frame, SubscriptionKind.BOOKINGS)

    def _unsubscribe(self, frame: Frame) -> None:
        kind, provider_id, day = (frame.data[name] for name in ("subscription", "provider_id", "date"))
        gone = {
            topic
            for topic in self._topics
            if kind in (None, _kind(topic)) and provider_id in (None, topic.id) and day in (None, topic.day)
        }
        if any(_kind(topic) is SubscriptionKind.BOOKINGS for topic in gone):
            gone |= {topic for topic in self._topics if _kind(topic) is SubscriptionKind.BOOKINGS}
            self._watches_bookings = False
        self._replace(gone, set())
        self._outgoing.offer(protocol.write_frame(ServerEvent.UNSUBSCRIBED, {}, frame.id))

    def _watch(self, topics: set[Topic]) -> None:
        """Watch topics besides the others. Raises `unavailable` when the broker can't bind them in time."""
        new = topics - self._topics
        self._topics |= topics
        if not self._around.hub.watch(self._outgoing, topics).wait(IN_FORCE_SECONDS):
            self._replace(new, set())
            raise unavailable()

    def _replace(self, old: set[Topic], new: set[Topic]) -> None:
        if new - old:
            self._around.hub.watch(self._outgoing, new - old)
        self._around.hub.unwatch(self._outgoing, old - new)
        self._topics = (self._topics - old) | new

    def _confirm(self, frame: Frame, kind: SubscriptionKind, **more: Any) -> None:
        data = {"subscription": kind.value, **more}
        self._outgoing.offer(protocol.write_frame(ServerEvent.SUBSCRIBED, data, frame.id))

    def _close(self, code: CloseCode, reason: str) -> None:
        """Close after what waits to be sent; what the client says until then is ignored."""
        metrics.sockets_dropped.labels(reason=code.name.lower()).inc()
        self._outgoing.close(code, reason)
        self._closing = True


def _bearer(authorization: str) -> str:
    """The token of an Authorization header; another scheme gives an empty text, which is no token."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _kind(topic: Topic) -> SubscriptionKind:
    return SubscriptionKind.AVAILABILITY if topic.scope is Scope.AVAILABILITY else SubscriptionKind.BOOKINGS


def _booking_topics(principal: Principal) -> set[Topic]:
    providers = {Topic(Scope.PROVIDER, provider_id) for provider_id in principal.memberships}
    return {Topic(Scope.CUSTOMER, principal.user_id)} | providers


def _span(name: str) -> AbstractContextManager[Span]:
    return tracing.span(f"socket {name}", SpanKind.SERVER, {SOCKET_FRAME: name}, context=Context())

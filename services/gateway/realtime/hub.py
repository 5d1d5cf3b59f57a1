"""Which sockets of this process watch what, and the way of an event to them."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import orjson

from services.gateway.realtime.messages import EVENT_TYPES, MESSAGES, Audience, Message, messages_of
from services.gateway.realtime.protocol import RESYNC_REQUIRED, CloseCode, ServerEvent
from services.gateway.realtime.relay import Binding
from shared import logs
from shared.contracts import booking_events, payment
from shared.errors import ServiceError
from shared.messages import event_spans
from shared.messages.envelope import NOBODY, Event
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

log = logging.getLogger(__name__)

SHARE_OF_CONNECTIONS = 0.9
"""So many of a process's connections may be sockets; the rest is for requests, which would wait unseen."""
MAX_SOCKETS_PER_USER = 20
"""Of one user in one process: browsers and telephones of a household, not a crowd."""
QUEUE = "gateway.sockets"
"""What spans call the queue of this process, whose own name is the broker's and new each time."""
BOOKING_EVENTS = booking_events.BOOKING_HELD.exchange
PAYMENT_EVENTS = payment.PAYMENT_SUCCEEDED.exchange
begin_at_zero(
    metrics.socket_messages,
    event={ServerEvent.RESYNC_REQUIRED, *(kind.event for kinds in MESSAGES.values() for kind in kinds)},
)


class Scope(Enum):
    """What a topic's id is the id of."""

    AVAILABILITY = "free times of a provider"
    CUSTOMER = "bookings of a user"
    PROVIDER = "bookings at a provider"


@dataclass(frozen=True)
class Topic:
    """Something that sockets watch. `day` is the local date for free times, else empty."""

    scope: Scope
    id: str
    day: str = ""

    @property
    def subject(self) -> tuple[Scope, str]:
        return (self.scope, self.id)


class Watcher(Protocol):
    """A socket as the hub sees it; no call waits."""

    def offer(self, text: str) -> None: ...
    def close(self, code: int, reason: str) -> None: ...


class Bindings(Protocol):
    """The relay as the hub sees it."""

    def change(self, bind: Iterable[Binding] = (), unbind: Iterable[Binding] = ()) -> threading.Event: ...


_SCOPES = {
    Audience.AVAILABILITY: Scope.AVAILABILITY,
    Audience.CUSTOMER: Scope.CUSTOMER,
    Audience.PROVIDER: Scope.PROVIDER,
}


def bindings_of(subject: tuple[Scope, str]) -> list[Binding]:
    """What the queue is bound to while a subject is watched."""
    scope, id_ = subject
    if scope is Scope.AVAILABILITY:
        return [Binding(BOOKING_EVENTS, f"{booking_events.AVAILABILITY_CHANGED.name}.{id_}.*")]
    key = f"*.*.{id_}" if scope is Scope.CUSTOMER else f"*.{id_}.*"
    return [Binding(BOOKING_EVENTS, key), Binding(PAYMENT_EVENTS, key)]


class Hub:
    """Keeps watchers by subject. The first watcher of a subject binds it, the last unbinds it.

    `connections`: what the process may have at once. `before_telling` is called with the events that
    somebody here watches: whoever is told asks again at once, and must not get a cached answer from before.
    """

    def __init__(
        self, connections: int, before_telling: Callable[[Sequence[Event]], None] = lambda events: None
    ) -> None:
        self._before_telling = before_telling
        self._max_sockets = int(connections * SHARE_OF_CONNECTIONS)
        self._lock = threading.RLock()
        self._days: dict[tuple[Scope, str], dict[Watcher, set[str]]] = {}
        self._sockets: dict[Watcher, str] = {}
        self._per_user: dict[str, int] = defaultdict(int)
        self._stopping = False
        self.relay: Bindings

    @property
    def open_sockets(self) -> int:
        return len(self._sockets)

    def enter(self, watcher: Watcher) -> bool:
        """Count a new socket, of nobody yet; False when the process is full or stops."""
        with self._lock:
            if self._stopping or len(self._sockets) >= self._max_sockets:
                return False
            self._sockets[watcher] = ""
            metrics.sockets_open.set(len(self._sockets))
            return True

    def belongs_to(self, watcher: Watcher, user_id: str) -> bool:
        """The socket has shown its user's token; False when that user has too many."""
        with self._lock:
            if self._per_user[user_id] >= MAX_SOCKETS_PER_USER:
                return False
            self._sockets[watcher] = user_id
            self._per_user[user_id] += 1
            return True

    def leave(self, watcher: Watcher, topics: Iterable[Topic]) -> None:
        """The socket is closed: forget it and what it watched."""
        self.unwatch(watcher, topics)
        with self._lock:
            user_id = self._sockets.pop(watcher, "")
            if user_id:
                self._per_user[user_id] -= 1
                if not self._per_user[user_id]:
                    del self._per_user[user_id]
            metrics.sockets_open.set(len(self._sockets))

    def watch(self, watcher: Watcher, topics: Iterable[Topic]) -> threading.Event:
        """Send the topics' messages to the socket; the event is set once none of them can be missed."""
        with self._lock:
            new: list[Binding] = []
            for topic in topics:
                if topic.subject not in self._days:
                    self._days[topic.subject] = {}
                    new.extend(bindings_of(topic.subject))
                self._days[topic.subject].setdefault(watcher, set()).add(topic.day)
            return self.relay.change(bind=new)

    def unwatch(self, watcher: Watcher, topics: Iterable[Topic]) -> None:
        with self._lock:
            old: list[Binding] = []
            for topic in topics:
                watchers = self._days.get(topic.subject, {})
                days = watchers.get(watcher, set())
                days.discard(topic.day)
                if not days:
                    watchers.pop(watcher, None)
                if not watchers and self._days.pop(topic.subject, None) is not None:
                    old.extend(bindings_of(topic.subject))
            # Of a process that stops, the broker takes queue and bindings away in one go, when it hangs up.
            if old and not self._stopping:
                self.relay.change(unbind=old)

    def on_messages(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Events have come: tell those whom they concern. What can't be read is logged and dropped.

        `before_telling` asks another server, so it gets all of them at once.
        """
        events = [event for key, body in messages if (event := _read(key, body)) is not None]
        for number, event in enumerate(events):
            with event_spans.processing(event.type, QUEUE, event.id, event.trace):
                if number == 0:
                    self._before_telling(events)
                self._tell(event)

    def on_restored(self) -> None:
        """Events may have passed unheard: everyone who watches something has to fetch afresh."""
        with self._lock:
            watchers = {watcher for watching in self._days.values() for watcher in watching}
        for watcher in watchers:
            watcher.offer(RESYNC_REQUIRED)
        metrics.socket_messages.labels(event=ServerEvent.RESYNC_REQUIRED).inc(len(watchers))

    def close_all(self, code: int = CloseCode.GOING_AWAY, reason: str = "going away") -> None:
        """Close every socket after what waits for it, and let no other in."""
        with self._lock:
            self._stopping = True
            watchers = list(self._sockets)
        for watcher in watchers:
            watcher.close(code, reason)

    def _tell(self, event: Event) -> None:
        for message in messages_of(event):
            told = set(self._concerned(event, message))
            for watcher in told:
                watcher.offer(message.text)
            metrics.socket_messages.labels(event=message.type.event).inc(len(told))

    def _concerned(self, event: Event, message: Message) -> Iterator[Watcher]:
        for audience in message.type.audiences:
            scope = _SCOPES[audience]
            id_ = event.user_id if scope is Scope.CUSTOMER else event.provider_id
            with self._lock:
                watching = [
                    (watcher, set(days))
                    for watcher, days in self._days.get((scope, id_ or NOBODY), {}).items()
                ]
            wanted = set(event.data["local_days"]) if scope is Scope.AVAILABILITY else set()
            for watcher, days in watching:
                if not wanted or wanted & days:
                    yield watcher


def _read(routing_key: str, body: bytes) -> Event | None:
    """None: of a later release, or not readable."""
    event_type = EVENT_TYPES.get(routing_key.split(".")[0])
    if event_type is None:
        return None
    try:
        return Event.from_wire(event_type, orjson.loads(body))
    except (ServiceError, ValueError, LookupError) as error:
        fields = {"type": event_type.name, "reason": type(error).__name__}
        logs.event(log, logging.ERROR, "realtime_event_unreadable", **fields)
        return None

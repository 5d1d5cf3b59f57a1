"""The sockets: each watches bookings and a day, comes back when it was closed, and reads the state anew."""

import json
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import websocket

from shared import clock
from shared.ids import new_id
from tests.fixtures.realtime_client import Heard, RealtimeClient
from tests.rolling.people import AccountHolder, UnexpectedError

COME_BACK_SECONDS = 1.0
"""After its socket was closed a client waits a random time up to this, so that not all come at once."""
ANSWER_SECONDS = 10.0
LOOK_SECONDS = 0.5
"""How soon a watcher notices that the run is over, or that it is told to resync unasked."""
RESYNC = "resync-required"
ORDERLY = (1001, 1012, 1013)
"""Going away, restart, try again later: codes by which a server that stops may close."""

State = dict[str, tuple[int, str]]
"""By booking: its version and its state."""


class ClosedError(Exception):
    """The socket closed while the client waited for an answer."""


@dataclass
class Session:
    """One socket from the subscription to its end, by the clock that stamps events, too."""

    client: RealtimeClient
    since: datetime
    until: datetime | None = None
    resyncs: int = 0
    """How often the server has said `resync-required` and the state was read again."""

    def was_open_at(self, instant: datetime) -> bool:
        return self.since <= instant and (self.until is None or instant <= self.until)


@dataclass
class Sighting:
    """Something that happened to a watcher, by the monotonic clock."""

    what: str
    at: float
    detail: str = ""


@dataclass
class Watcher:
    """One client with a socket, from `start` to `stop`."""

    url: str
    owner: AccountHolder
    random: random.Random
    sightings: list[Sighting] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    state: State = field(default_factory=dict)
    """As last read and as told since then."""
    read_at: datetime = field(default_factory=clock.now)
    """When the last reading began: what was true before is in it."""

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._first = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait_until_open(self) -> None:
        """Return when the first session is open. Raises AssertionError when it isn't in time."""
        assert self._first.wait(3 * ANSWER_SECONDS), [sighting.detail for sighting in self.sightings]

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def has_read_since(self, instant: datetime) -> bool:
        """Whether the client has asked the owners anew after this instant."""
        return self.read_at > instant

    def told_state(self) -> State:
        """What the client knows: what it read at last and everything that it was told."""
        known = dict(self.state)
        for session in self.sessions:
            for heard in list(session.client.heard):
                _apply(known, heard)
        return known

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                session = self._open()
            except ClosedError:
                self._note("closed")
            except (OSError, websocket.WebSocketException, AssertionError, UnexpectedError) as error:
                self._note("failed", f"socket: {error!r}")
            else:
                self._hold(session)
            self._stopping.wait(self.random.uniform(0, COME_BACK_SECONDS))

    def _open(self) -> Session:
        """Connect, sign in, subscribe; who comes back is told to resync. Then read the state."""
        client = RealtimeClient(self.url, {"X-Forwarded-For": self.owner.address})
        try:
            client.sign_in(self.owner.token)
            client.send("subscribe-booking-updates")
            offer = self.owner.offer
            client.send(
                "subscribe-provider-availability", {"providerId": offer.provider_id, "date": offer.day}
            )
            _wait_for(client, "subscribed", 2)
            session = Session(client, clock.now())
            if self.sessions:
                client.send("resume", {"after": self._last_heard() or new_id()})
                _wait_for(client, RESYNC, 1)
                self._note("resynced")
                session.resyncs = 1
            self._read_state()
        except BaseException:
            client.close()
            raise
        self.sessions.append(session)
        self._note("opened")
        self._first.set()
        return session

    def _hold(self, session: Session) -> None:
        while not session.client.wait_until_closed(LOOK_SECONDS):
            if self._stopping.is_set():
                session.client.close()
                return
            self._resync(session)
        session.until = session.client.ended_at
        code = session.client.close_code
        if code in ORDERLY:
            self._note("closed", str(code))
        else:
            self._note("failed", f"socket: cut, close code {code}")

    def _resync(self, session: Session) -> None:
        """Read the state again when the server says unasked that something may have passed unheard."""
        told = session.client.of(RESYNC)
        if len(told) > session.resyncs:
            session.resyncs = len(told)
            session.since = told[-1].at
            self._note("resynced")
            try:
                self._read_state()
            except UnexpectedError as error:
                self._note("failed", f"socket: {error!r}")

    def _read_state(self) -> None:
        """Ask the owners for all that is watched. Raises UnexpectedError."""
        began = clock.now()
        self.state = _state_of(self.owner.read_bookings())
        self.owner.read_times()
        self.read_at = began

    def _last_heard(self) -> str:
        ids = [heard.id for session in self.sessions for heard in list(session.client.heard) if heard.id]
        return ids[-1] if ids else ""

    def _note(self, what: str, detail: str = "") -> None:
        self.sightings.append(Sighting(what, time.monotonic(), detail))


def _wait_for(client: RealtimeClient, event: str, count: int) -> None:
    """Return when so many were heard. Raises ClosedError when the socket closed, AssertionError in time."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while len(client.of(event)) < count:
        if not client.is_open and client.close_code in ORDERLY:
            raise ClosedError
        assert client.is_open, f"cut while waiting for {event}"
        refused = [json.dumps(heard.data) for heard in client.of("error")]
        assert not refused, f"{event}: {refused}"
        assert time.monotonic() < deadline, f"no {event} within {ANSWER_SECONDS} s"
        time.sleep(0.01)


def _state_of(bookings: list[dict[str, Any]]) -> State:
    return {booking["bookingId"]: (booking["version"], booking["state"]) for booking in bookings}


def _apply(known: State, heard: Heard) -> None:
    """A message about a booking counts when its version is higher than what is known."""
    if heard.event not in ("booking-status-changed", "booking-cancelled"):
        return
    told = (int(heard.data["version"]), str(heard.data["state"]))
    booking_id = heard.data["bookingId"]
    if told > known.get(booking_id, (0, "")):
        known[booking_id] = told

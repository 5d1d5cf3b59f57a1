"""What must hold when everything has settled: events at their handlers, messages at sockets, states alike."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.gateway.realtime.messages import EVENT_TYPES, MESSAGES, Audience
from tests.rolling.committed import Committed, CommittedEvent, handlers
from tests.rolling.people import UnexpectedError
from tests.rolling.watchers import Session, Watcher

ON_ITS_WAY = timedelta(seconds=10)
"""What became true so shortly before a socket closed may not have reached it; it is why one resyncs."""


@dataclass
class Messages:
    """What was due to sockets and what came of it.

    `told`: of each that arrived, when the event's row was written, in seconds since 1970, and how many
    milliseconds later it did. `read`: those that were on their way to a socket when it was closed; its
    client read the state after they were true.
    """

    told: list[tuple[float, float]] = field(default_factory=list)
    read: int = 0
    missed: list[str] = field(default_factory=list)

    @property
    def due(self) -> int:
        return len(self.told) + self.read + len(self.missed)


def deliveries(committed: Committed, events: Sequence[CommittedEvent]) -> dict[tuple[str, str], bool]:
    """For each event and each service that handles it, whether its inbox has it."""
    wanted = handlers()
    found: dict[tuple[str, str], bool] = {}
    for service in sorted({service for services in wanted.values() for service in services}):
        due = [event.id for event in events if service in wanted.get(event.name, ())]
        applied = committed.applied_by(service, due)
        found |= {(event_id, service): event_id in applied for event_id in due}
    return found


def messages_to(watchers: Iterable[Watcher], events: Sequence[CommittedEvent]) -> Messages:
    """Each message that was due to a socket, looked for by its event's id where it was due."""
    found = Messages()
    for watcher in watchers:
        concerning = [event for event in events if _concerns(watcher, event)]
        for session in watcher.sessions:
            heard = {one.id: one.at for one in reversed(list(session.client.heard))}
            for event in (event for event in concerning if session.was_open_at(event.at)):
                _note(found, watcher, session, event, heard.get(event.id))
    return found


def _note(
    found: Messages, watcher: Watcher, session: Session, event: CommittedEvent, heard_at: datetime | None
) -> None:
    """A socket that was open `ON_ITS_WAY` later has lost what it did not hear, whatever was read since."""
    if heard_at is not None:
        found.told.append((event.at.timestamp(), (heard_at - event.at).total_seconds() * 1000))
        return
    what = f"{event.name} {event.id}, true since {event.at:%H:%M:%S.%f}"
    if session.was_open_at(event.at + ON_ITS_WAY):
        found.missed.append(f"a socket that was open was not told of {what}")
    elif watcher.has_read_since(event.at):
        found.read += 1
    else:
        found.missed.append(f"a socket was closed and its client neither told of nor read {what}")


def states_that_differ(watchers: Iterable[Watcher]) -> Iterator[str]:
    """Who was told another state of its bookings than a fresh look shows."""
    for watcher in watchers:
        told = watcher.told_state()
        try:
            fresh = {
                booking["bookingId"]: (booking["version"], booking["state"])
                for booking in watcher.owner.read_bookings()
            }
        except UnexpectedError as error:
            yield str(error)
            continue
        if told != fresh:
            different = {id_ for id_ in told.keys() | fresh.keys() if told.get(id_) != fresh.get(id_)}
            yield f"told and read differ about {[(id_, told.get(id_), fresh.get(id_)) for id_ in different]}"


def _concerns(watcher: Watcher, event: CommittedEvent) -> bool:
    event_type = EVENT_TYPES.get(event.name)
    if event_type is None:
        return False
    audiences = {audience for message in MESSAGES[event_type] for audience in message.audiences}
    if Audience.AVAILABILITY in audiences:
        offer, days = watcher.owner.offer, event.data["local_days"]
        return event.provider_id == offer.provider_id and (not days or offer.day in days)
    return event.user_id == watcher.owner.user_id

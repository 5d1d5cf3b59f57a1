"""What must hold when everything has settled: events at their handlers, messages at sockets, states alike."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from services.gateway.realtime.messages import EVENT_TYPES, MESSAGES, Audience
from tests.rolling.committed import Committed, CommittedEvent, handlers
from tests.rolling.people import UnexpectedError
from tests.rolling.watchers import Session, Watcher

ON_ITS_WAY = timedelta(seconds=2)
"""What became true so shortly before a socket closed may not have reached it; it is why one resyncs."""


def deliveries(committed: Committed, events: Sequence[CommittedEvent]) -> dict[tuple[str, str], bool]:
    """For each event and each service that handles it, whether its inbox has it."""
    wanted = handlers()
    found: dict[tuple[str, str], bool] = {}
    for service in sorted({service for services in wanted.values() for service in services}):
        due = [event.id for event in events if service in wanted.get(event.name, ())]
        applied = committed.applied_by(service, due)
        found |= {(event_id, service): event_id in applied for event_id in due}
    return found


def unheard_messages(watchers: Iterable[Watcher], events: Sequence[CommittedEvent]) -> tuple[int, list[str]]:
    """How many messages were due to sockets, and those that never came, looked for by the event's id."""
    due, missed = 0, []
    for watcher in watchers:
        concerning = [event for event in events if _concerns(watcher, event)]
        for session in watcher.sessions:
            heard = {one.id for one in list(session.client.heard)}
            for event in _due_to(session, concerning):
                due += 1
                if event.id not in heard:
                    missed.append(f"a socket that was open was not told of {event.name} {event.id}")
    return due, missed


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


def _due_to(session: Session, events: Iterable[CommittedEvent]) -> Iterator[CommittedEvent]:
    for event in events:
        if session.was_open_at(event.at) and (
            session.until is None or session.was_open_at(event.at + ON_ITS_WAY)
        ):
            yield event


def _concerns(watcher: Watcher, event: CommittedEvent) -> bool:
    event_type = EVENT_TYPES.get(event.name)
    if event_type is None:
        return False
    audiences = {audience for message in MESSAGES[event_type] for audience in message.audiences}
    if Audience.AVAILABILITY in audiences:
        offer, days = watcher.owner.offer, event.data["local_days"]
        return event.provider_id == offer.provider_id and (not days or offer.day in days)
    return event.user_id == watcher.owner.user_id

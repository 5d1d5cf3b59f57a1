"""Sockets hear what they watch, nobody else does, and only watched topics are bound."""

import json

import orjson
import pytest

from services.gateway.realtime import hub as hub_module
from services.gateway.realtime.hub import Hub, Scope, Topic
from services.gateway.realtime.protocol import RESYNC_REQUIRED
from services.gateway.realtime.relay import Binding
from shared import clock
from shared.contracts import booking_events
from shared.contracts.declaration import EventType
from shared.messages.envelope import Event
from tests.contract import values
from tests.unit.realtime.sockets import FakeRelay, FakeWatcher

DAY = "2027-01-15"
CONNECTIONS = 100
FREE_TIMES = Topic(Scope.AVAILABILITY, values.PROVIDER, DAY)


@pytest.fixture
def relay() -> FakeRelay:
    return FakeRelay()


@pytest.fixture
def hub(relay: FakeRelay) -> Hub:
    made = Hub(CONNECTIONS)
    made.relay = relay
    return made


def _publish(hub: Hub, event_type: EventType, data: values.Value) -> None:
    hub.on_messages([_message(event_type, data)])


def _message(event_type: EventType, data: values.Value) -> tuple[str, bytes]:
    event = Event(
        type=event_type,
        aggregate_id=values.BOOKING,
        aggregate_version=1,
        provider_id=values.PROVIDER,
        user_id=data.get("customer_id"),
        data=Event.from_wire(event_type, _wire(event_type, data)).data,
        occurred_at=clock.from_text(values.NOW),
    )
    return event.routing_key(), orjson.dumps(event.to_wire())


def _wire(event_type: EventType, data: values.Value) -> values.Value:
    return {
        "id": values.EVENT,
        "type": event_type.name,
        "aggregate_id": values.BOOKING,
        "aggregate_version": 1,
        "time": values.NOW,
        "data": data,
    }


def _events(watcher: FakeWatcher) -> list[str]:
    return [json.loads(text)["event"] for text in watcher.told]


def test_free_times_are_told_to_those_who_watch_that_provider_and_that_day(hub: Hub) -> None:
    """promise E2."""
    watcher, other_day, other_provider = FakeWatcher(), FakeWatcher(), FakeWatcher()
    hub.watch(watcher, [FREE_TIMES])
    hub.watch(other_day, [Topic(Scope.AVAILABILITY, values.PROVIDER, "2027-01-16")])
    hub.watch(other_provider, [Topic(Scope.AVAILABILITY, values.STAFF, DAY)])
    _publish(hub, booking_events.AVAILABILITY_CHANGED, values.availability_changed())
    assert _events(watcher) == ["availability-updated"]
    assert not other_day.told
    assert not other_provider.told


def test_without_days_all_days_may_have_changed(hub: Hub) -> None:
    watcher = FakeWatcher()
    hub.watch(watcher, [FREE_TIMES, Topic(Scope.AVAILABILITY, values.PROVIDER, "2027-01-16")])
    _publish(hub, booking_events.AVAILABILITY_CHANGED, values.availability_changed() | {"local_days": []})
    assert _events(watcher) == ["availability-updated"]


def test_a_booking_is_told_to_its_customer_and_its_provider_only(hub: Hub) -> None:
    """promise E2, rule B11."""
    customer, member, neighbour = FakeWatcher(), FakeWatcher(), FakeWatcher()
    hub.watch(customer, [Topic(Scope.CUSTOMER, values.USER)])
    hub.watch(member, [Topic(Scope.CUSTOMER, values.OTHER_USER), Topic(Scope.PROVIDER, values.PROVIDER)])
    hub.watch(neighbour, [Topic(Scope.PROVIDER, values.STAFF), Topic(Scope.CUSTOMER, values.PROVIDER)])
    _publish(hub, booking_events.BOOKING_CONFIRMED, values.confirmed_booking())
    assert _events(customer) == ["booking-status-changed"]
    assert _events(member) == ["booking-status-changed", "new-booking"]
    assert not neighbour.told


def test_a_member_who_books_at_home_hears_each_message_once(hub: Hub) -> None:
    watcher = FakeWatcher()
    hub.watch(watcher, [Topic(Scope.CUSTOMER, values.USER), Topic(Scope.PROVIDER, values.PROVIDER)])
    _publish(hub, booking_events.BOOKING_CONFIRMED, values.confirmed_booking())
    assert _events(watcher) == ["booking-status-changed", "new-booking"]


def test_only_what_somebody_watches_is_bound(hub: Hub, relay: FakeRelay) -> None:
    """Decoding every event cost half of a gateway's time."""
    one, two = FakeWatcher(), FakeWatcher()
    hub.watch(one, [FREE_TIMES])
    assert relay.bound == {Binding("booking.events", f"availability_changed.{values.PROVIDER}.*")}
    hub.watch(two, [FREE_TIMES])
    hub.unwatch(one, [FREE_TIMES])
    assert relay.bound
    hub.leave(two, [FREE_TIMES])
    assert not relay.bound


def test_a_watcher_of_two_days_keeps_the_other(hub: Hub, relay: FakeRelay) -> None:
    watcher = FakeWatcher()
    hub.watch(watcher, [FREE_TIMES, Topic(Scope.AVAILABILITY, values.PROVIDER, "2027-01-16")])
    hub.unwatch(watcher, [Topic(Scope.AVAILABILITY, values.PROVIDER, "2027-01-16")])
    _publish(hub, booking_events.AVAILABILITY_CHANGED, values.availability_changed())
    assert _events(watcher) == ["availability-updated"]
    assert relay.bound


def test_unwatching_what_is_not_watched_changes_nothing(hub: Hub, relay: FakeRelay) -> None:
    hub.watch(FakeWatcher(), [FREE_TIMES])
    hub.unwatch(FakeWatcher(), [FREE_TIMES])
    assert relay.bound


def test_a_user_s_topic_binds_bookings_and_payments(hub: Hub, relay: FakeRelay) -> None:
    hub.watch(FakeWatcher(), [Topic(Scope.CUSTOMER, values.USER)])
    key = f"*.*.{values.USER}"
    assert relay.bound == {Binding("booking.events", key), Binding("payment.events", key)}


def test_after_a_lost_queue_watchers_fetch_afresh(hub: Hub) -> None:
    """promise E3."""
    watcher, idle = FakeWatcher(), FakeWatcher()
    hub.enter(idle)
    hub.watch(watcher, [FREE_TIMES])
    hub.on_restored()
    assert watcher.told == [RESYNC_REQUIRED]
    assert not idle.told


def test_cached_answers_end_before_anybody_is_told_of_any_of_several_changes(relay: FakeRelay) -> None:
    """promise E1: who is told asks at once; promise B7: one question to Redis for all that came together."""
    watcher, told_before = FakeWatcher(), []
    hub = Hub(CONNECTIONS, lambda events: told_before.append((len(events), len(watcher.told))))
    hub.relay = relay
    hub.watch(watcher, [FREE_TIMES, Topic(Scope.CUSTOMER, values.USER)])
    hub.on_messages(
        [
            _message(booking_events.AVAILABILITY_CHANGED, values.availability_changed()),
            _message(booking_events.BOOKING_CONFIRMED, values.confirmed_booking()),
        ]
    )
    assert told_before == [(2, 0)]
    assert len(watcher.told) > 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"type": "booking_held", "data": {}}'])
def test_an_unreadable_event_harms_nobody(hub: Hub, body: bytes) -> None:
    watcher = FakeWatcher()
    hub.watch(watcher, [Topic(Scope.CUSTOMER, values.USER)])
    hub.on_messages([(f"booking_held.{values.PROVIDER}.{values.USER}", body)])
    assert not watcher.told


def test_an_event_of_a_later_release_is_ignored_undecoded(hub: Hub) -> None:
    hub.on_messages([(f"booking_started.{values.PROVIDER}.{values.USER}", b"\xff")])


def test_a_user_has_a_bounded_number_of_sockets(hub: Hub) -> None:
    """promise E3."""
    sockets = [FakeWatcher() for _ in range(hub_module.MAX_SOCKETS_PER_USER)]
    for socket in sockets:
        assert hub.enter(socket)
        assert hub.belongs_to(socket, values.USER)
    assert not hub.belongs_to(FakeWatcher(), values.USER)
    assert hub.belongs_to(FakeWatcher(), values.OTHER_USER)
    hub.leave(sockets[0], [])
    assert hub.belongs_to(FakeWatcher(), values.USER)


def test_sockets_leave_connections_for_requests(hub: Hub) -> None:
    """promise E3: who can't be accepted waits unseen; a socket that is refused comes back elsewhere."""
    entered = [hub.enter(FakeWatcher()) for _ in range(CONNECTIONS)]
    assert entered.count(True) == CONNECTIONS * 9 // 10


def test_a_process_that_stops_closes_its_sockets_and_lets_none_in(hub: Hub) -> None:
    watcher = FakeWatcher()
    hub.enter(watcher)
    hub.close_all()
    assert watcher.closed == (1001, "going away")
    assert not hub.enter(FakeWatcher())


def test_sockets_that_a_stop_closes_cost_the_broker_nothing(hub: Hub, relay: FakeRelay) -> None:
    """promise I3: the next process binds at the same time for those who come back, and should not wait."""
    watcher = FakeWatcher()
    hub.enter(watcher)
    hub.watch(watcher, [FREE_TIMES])
    bound = set(relay.bound)
    hub.close_all()
    hub.leave(watcher, [FREE_TIMES])
    assert bound
    assert relay.bound == bound

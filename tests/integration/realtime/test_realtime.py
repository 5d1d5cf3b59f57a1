"""Sockets of a real gateway process with a real broker, on good and on bad days."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.contracts import booking_events, payment
from shared.ids import new_id
from tests.contract import values
from tests.fixtures.realtime_client import RealtimeClient
from tests.fixtures.waiting import wait_until
from tests.integration.realtime.conftest import SocketGateway

DAY = "2027-01-15"
FLOOR_MS = 50.0


def _change_day(gateway: SocketGateway, provider: str, *days: str) -> str:
    data = values.availability_changed() | {"provider_id": provider, "local_days": list(days)}
    return gateway.publish(booking_events.AVAILABILITY_CHANGED, data, provider, None).id


def test_watchers_of_a_day_are_told_within_the_promised_time(gateway: SocketGateway) -> None:
    """promise E2: under 50 ms."""
    provider = new_id()
    with (
        gateway.connect(new_id()).watch_day(provider, DAY) as watcher,
        gateway.connect(new_id()).watch_day(provider, "2027-01-16") as other,
    ):
        delays = []
        for _ in range(5):
            event_id = _change_day(gateway, provider, DAY)
            delays.append(watcher.wait_for_id(event_id).delay_ms)
        assert min(delays) < FLOOR_MS
        assert watcher.heard[-1].data["providerId"] == provider
        assert not other.of("availability-updated")


def test_nothing_after_subscribed_is_missed(gateway: SocketGateway) -> None:
    """promise E3: the event is sent at the very moment of the answer, again and again."""
    with gateway.connect(new_id()) as client:
        for _ in range(30):
            provider = new_id()
            client.watch_day(provider, DAY)
            client.wait_for("subscribed", providerId=provider)
            _change_day(gateway, provider, DAY)
            client.wait_for("availability-updated", providerId=provider)
            client.send("unsubscribe")


def test_customer_and_member_hear_a_booking_and_its_payment(gateway: SocketGateway) -> None:
    """promise E2, rule B11."""
    user, provider = new_id(), new_id()
    ids = {"customer_id": user, "provider_id": provider}
    with (
        gateway.connect(user).watch_bookings() as customer,
        gateway.connect(new_id(), provider).watch_bookings() as member,
        gateway.connect(new_id(), new_id()).watch_bookings() as stranger,
    ):
        gateway.publish(booking_events.BOOKING_CONFIRMED, values.confirmed_booking() | ids, provider, user)
        paid = values.payment_event("succeeded", captured=True) | ids
        gateway.publish(payment.PAYMENT_SUCCEEDED, paid, provider, user)
        assert member.wait_for("new-booking").data["customerId"] == user
        for client in (customer, member):
            client.wait_for("booking-status-changed", state="confirmed")
            assert client.wait_for("payment-confirmed").data["amount"] == 105.0
        assert not customer.of("new-booking")
        assert not stranger.of("booking-status-changed")


def test_the_token_may_come_in_the_header(gateway: SocketGateway) -> None:
    """promise E1."""
    headers = {"Authorization": f"Bearer {gateway.token(new_id())}"}
    with RealtimeClient(gateway.url, headers) as client:
        client.send("ping", frame_id="1")
        assert client.wait_for("pong").id == "1"


def test_a_forged_token_is_closed_with_4401(gateway: SocketGateway) -> None:
    with RealtimeClient(gateway.url).sign_in("forged") as client:
        assert client.wait_closed() == 4401
        assert client.of("error", code="token_invalid")


def test_who_shows_no_token_is_closed_with_4401(gateway: SocketGateway) -> None:
    """promise E1: within 5 s."""
    started = time.monotonic()
    with RealtimeClient(gateway.url) as client:
        assert client.wait_closed() == 4401
    assert 4.5 < time.monotonic() - started < 7


def test_an_expired_token_is_closed_unless_renewed(gateway: SocketGateway) -> None:
    """rule B14."""
    user = new_id()
    with RealtimeClient(gateway.url) as renewing, RealtimeClient(gateway.url) as lazy:
        for client in (renewing, lazy):
            client.sign_in(gateway.token(user, valid_for=timedelta(seconds=2)))
        renewing.sign_in(gateway.token(user))
        assert lazy.wait_closed() == 4401
        renewing.send("ping")
        renewing.wait_for("pong")


def test_a_closed_socket_leaves_nothing_behind(gateway: SocketGateway) -> None:
    before = gateway.open_sockets()
    gateway.connect(new_id()).watch_day(new_id(), DAY).close()
    wait_until(lambda: gateway.open_sockets() <= before, "the hub to forget the socket")


@pytest.mark.parametrize("how", ["cut", "break_connections"])
def test_after_the_broker_was_lost_watchers_fetch_afresh_and_hear_again(
    gateway: SocketGateway, how: str
) -> None:
    """promise E3: `resync-required` comes when events are heard again: a fetch after it misses none."""
    provider = new_id()
    with gateway.connect(new_id()).watch_day(provider, DAY) as client:
        getattr(gateway.broker, how)()
        if how == "cut":
            assert not client.of("resync-required")
            gateway.broker.restore()
        client.wait_for("resync-required")
        _change_day(gateway, provider, DAY)
        client.wait_for("availability-updated", providerId=provider)


def test_while_the_broker_is_away_a_subscription_is_refused_in_time(gateway: SocketGateway) -> None:
    with gateway.connect(new_id()).watch_day(new_id(), DAY) as client:
        gateway.broker.freeze()
        try:
            client.send("subscribe-booking-updates")
            client.wait_for("error", code="unavailable")
        finally:
            gateway.broker.thaw()
        client.watch_bookings()


def test_a_stopping_worker_closes_its_sockets_with_1001(
    start_gateway: Callable[[], SocketGateway],
) -> None:
    """Open sockets must not hold a worker for its whole graceful time-out."""
    gateway = start_gateway()
    clients = [gateway.connect(new_id()).watch_bookings() for _ in range(20)]
    started = time.monotonic()
    gateway.process.terminate()
    assert {client.wait_closed() for client in clients} == {1001}
    gateway.process.wait(15)
    assert time.monotonic() - started < 5

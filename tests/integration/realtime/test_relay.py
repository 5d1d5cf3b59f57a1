"""The relay itself goes on, whatever happens to one message."""

from collections.abc import Sequence

from services.gateway.realtime.relay import Binding, Relay
from shared.contracts import booking_events
from shared.ids import new_id
from tests.contract import values
from tests.fixtures.waiting import wait_until
from tests.integration.realtime.conftest import SocketGateway


class _FailingOnce:
    """A listener that has a bug which the first message meets."""

    def __init__(self) -> None:
        self.calls = 0
        self.restored = 0

    def on_messages(self, messages: Sequence[tuple[str, bytes]]) -> None:
        self.calls += 1
        if self.calls == 1:
            raise RuntimeError("a bug")

    def on_restored(self) -> None:
        self.restored += 1


def test_a_message_that_meets_a_bug_does_not_end_the_relay(gateway: SocketGateway) -> None:
    """promise E3: the queue is made anew, and those who watch are told that something was missed."""
    listener = _FailingOnce()
    relay = Relay(gateway.amqp_uri, listener)
    provider = new_id()
    data = values.availability_changed() | {"provider_id": provider}
    relay.start()
    try:
        binding = Binding("booking.events", f"availability_changed.{provider}.*")
        assert relay.change(bind=[binding]).wait(5)
        gateway.publish(booking_events.AVAILABILITY_CHANGED, data, provider, None)
        wait_until(lambda: listener.restored == 1, "the queue to be whole again")
        gateway.publish(booking_events.AVAILABILITY_CHANGED, data, provider, None)
        wait_until(lambda: listener.calls == 2, "the next message")
    finally:
        relay.stop()

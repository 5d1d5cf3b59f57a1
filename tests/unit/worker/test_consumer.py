"""Settling messages on a connection that may be gone, without a broker."""

from types import SimpleNamespace
from typing import Any

import pytest

from shared.worker.consumer import DrainingConsumer, NotSentError, Subscription


class Channel:
    """What a message needs of its channel; notes the order of what is sent."""

    def __init__(self, connected: bool = True, broken: bool = False) -> None:
        self.sent: list[str] = []
        self.closed = False
        self._broken = broken
        shutdown = SimpleNamespace(shutdown=lambda how: setattr(self, "closed", True))
        self.connection = SimpleNamespace(connected=True, sock=shutdown) if connected else None

    def send_method(self, method: object, signature: str, arguments: tuple[Any, ...], content: Any) -> None:
        if self._broken:
            raise OSError("half a frame is out")
        self.sent.append(f"answer to {arguments[2]}")


class Message:
    def __init__(self, channel: Channel, body: bytes = b"{}", **properties: str) -> None:
        self.channel = channel
        self.body = body
        self.properties = properties

    def ack(self) -> None:
        self.channel.sent.append("ack")

    def requeue(self) -> None:
        self.channel.sent.append("requeue")

    def reject(self) -> None:
        self.channel.sent.append("reject")


@pytest.fixture
def consumer() -> DrainingConsumer:
    return DrainingConsumer("pyamqp://", [], heartbeat=10, drain_seconds=1)


def _message(channel: Channel, body: bytes = b"{}", **properties: str) -> Any:
    return Message(channel, body, **properties)


def test_the_answer_is_sent_before_the_acknowledgement(consumer: DrainingConsumer) -> None:
    channel = Channel()
    consumer.answer(_message(channel, reply_to="caller", correlation_id="1"), b"{}")
    assert channel.sent == ["answer to caller", "ack"]


def test_who_waits_for_no_answer_gets_none(consumer: DrainingConsumer) -> None:
    channel = Channel()
    consumer.answer(_message(channel), b"{}")
    assert channel.sent == ["ack"]


def test_an_answer_without_a_connection_leaves_the_message(consumer: DrainingConsumer) -> None:
    channel = Channel(connected=False)
    with pytest.raises(NotSentError):
        consumer.answer(_message(channel, reply_to="caller"), b"{}")
    assert channel.sent == []


def test_after_half_a_frame_nothing_follows(consumer: DrainingConsumer) -> None:
    channel = Channel(broken=True)
    with pytest.raises(NotSentError):
        consumer.answer(_message(channel, reply_to="caller"), b"{}")
    assert channel.sent == []
    assert channel.closed


def test_what_arrives_after_the_stop_goes_back(consumer: DrainingConsumer) -> None:
    seen: list[Any] = []
    receive = consumer._receiver(_subscription(seen))
    consumer.stop()
    channel = Channel()
    receive(_message(channel))
    assert (channel.sent, seen) == (["requeue"], [])


def test_what_is_no_json_is_rejected(consumer: DrainingConsumer) -> None:
    seen: list[Any] = []
    channel = Channel()
    consumer._receiver(_subscription(seen))(_message(channel, b"\xff"))
    assert (channel.sent, seen) == (["reject"], [])


def _subscription(seen: list[Any]) -> Subscription:
    queue: Any = SimpleNamespace(name="probe")
    return Subscription(queue, lambda body, message: seen.append(body), 1)

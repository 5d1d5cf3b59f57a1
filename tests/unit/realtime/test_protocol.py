"""Frames are read strictly and answered with stable codes."""

import json

import pytest

from services.gateway.realtime import protocol
from services.gateway.realtime.messages import MESSAGES, messages_of
from services.gateway.realtime.protocol import ClientEvent, FrameError, ServerEvent
from shared.contracts import booking, booking_events, payment
from shared.contracts.declaration import EventType
from shared.messages.envelope import Event
from tests.contract import values


def _event(event_type: EventType, data: values.Value) -> Event:
    wire = {
        "id": values.EVENT,
        "type": event_type.name,
        "version": 1,
        "aggregate_id": values.BOOKING,
        "aggregate_version": 2,
        "provider_id": values.PROVIDER,
        "user_id": values.USER,
        "time": values.NOW,
        "trace": {},
        "data": data,
    }
    return Event.from_wire(event_type, wire)


def _told(event_type: EventType, data: values.Value) -> dict[str, values.Value]:
    return {message.type.event: json.loads(message.text) for message in messages_of(_event(event_type, data))}


def test_a_subscription_is_read() -> None:
    text = json.dumps(
        {
            "event": "subscribe-provider-availability",
            "data": {"providerId": values.PROVIDER, "date": "2027-01-15"},
            "id": "7",
        }
    )
    frame = protocol.read_frame(text)
    assert frame.event is ClientEvent.SUBSCRIBE_AVAILABILITY
    assert frame.data == {"provider_id": values.PROVIDER, "date": "2027-01-15"}
    assert frame.id == "7"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "malformed_json"),
        ("nonsense", "malformed_json"),
        ('{"event":"ping","event":"ping"}', "malformed_json"),
        ("[1]", "validation_failed"),
        ("{}", "validation_failed"),
        ('{"event": 1}', "validation_failed"),
        ('{"event": "ping", "more": 1}', "validation_failed"),
        ('{"event": "ping", "data": {"more": 1}}', "validation_failed"),
        ('{"event": "ping", "data": []}', "validation_failed"),
        ('{"event": "shout"}', "unknown_event"),
        ('{"event": "subscribe-provider-availability", "data": {}}', "validation_failed"),
        (
            '{"event": "subscribe-provider-availability",'
            f' "data": {{"providerId": "{values.PROVIDER}", "date": "2027-02-30"}}}}',
            "validation_failed",
        ),
        (b"\xff\xfe", "malformed_json"),
        ("\ud800", "validation_failed"),
    ],
)
def test_what_is_no_frame_of_ours_is_refused_with_a_code(text: str | bytes, code: str) -> None:
    """promise E1."""
    with pytest.raises(FrameError) as refused:
        protocol.read_frame(text)
    assert refused.value.error.code == code


def test_a_refusal_names_the_frame_and_the_field() -> None:
    with pytest.raises(FrameError) as refused:
        protocol.read_frame('{"event": "authenticate", "data": {}, "id": "x"}')
    answer = json.loads(protocol.write_error(refused.value.error, refused.value.frame_id))
    assert answer["id"] == "x"
    assert "token" in answer["data"]["errors"]


def test_amounts_are_decimals_and_names_are_camel_case() -> None:
    """Sockets show what HTTP shows (promise E2)."""
    text = next(messages_of(_event(booking_events.BOOKING_HELD, values.booking()))).text
    assert '"total":{"amount":100.00,"currency":"USD"}' in text
    data = json.loads(text)["data"]
    assert data["holdExpiresAt"] == "2027-01-11T09:45:00.000000Z"
    assert data["occurredAt"] == values.NOW


def test_each_event_leads_to_the_messages_that_were_promised() -> None:
    """promise E2."""
    held = _told(booking_events.BOOKING_HELD, values.booking())
    confirmed = _told(booking_events.BOOKING_CONFIRMED, values.confirmed_booking())
    cancelled = _told(booking_events.BOOKING_CANCELLED, values.cancelled_booking())
    expired = _told(booking_events.BOOKING_EXPIRED, values.expired_booking())
    paid = _told(payment.PAYMENT_SUCCEEDED, values.payment_event("succeeded", captured=True))
    changed = _told(booking_events.AVAILABILITY_CHANGED, values.availability_changed())
    started = _told(booking_events.BOOKING_STARTED, values.started_booking())
    completed = _told(booking_events.BOOKING_COMPLETED, values.completed_booking())
    assert set(held) == set(expired) == {ServerEvent.BOOKING_STATUS_CHANGED}
    assert set(started) == set(completed) == {ServerEvent.BOOKING_STATUS_CHANGED}
    assert set(confirmed) == {ServerEvent.BOOKING_STATUS_CHANGED, ServerEvent.NEW_BOOKING}
    assert set(cancelled) == {ServerEvent.BOOKING_STATUS_CHANGED, ServerEvent.BOOKING_CANCELLED}
    assert set(paid) == {ServerEvent.PAYMENT_CONFIRMED}
    assert set(changed) == {ServerEvent.AVAILABILITY_UPDATED}
    assert {message["id"] for told in (held, confirmed, paid) for message in told.values()} == {values.EVENT}


def test_a_tip_is_told_as_a_tip() -> None:
    """promise E2: whoever hears of it knows that no booking was paid; an older peer tells no kind."""
    paid = values.payment_event("succeeded", captured=True)
    older = {name: value for name, value in paid.items() if name != "kind"}
    for data, kind in ((paid | {"kind": "tip"}, "tip"), (paid, "booking"), (older, "booking")):
        [told] = _told(payment.PAYMENT_SUCCEEDED, data).values()
        assert told["data"]["kind"] == kind


def test_every_event_of_a_booking_s_life_is_told() -> None:
    """A new booking event has to be given its message (promise E2)."""
    assert set(booking.EVENTS) <= set(MESSAGES)

"""What sockets are told of an event, and who of its watchers is told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from marshmallow import Schema, fields

from services.gateway.presentation import Amount, amount, presenter, public_schema
from services.gateway.realtime.protocol import ServerEvent, write_frame
from services.gateway.routes.payment_answers import AMOUNTS
from shared import clock
from shared.contracts import booking_events, booking_no_show, booking_series, payment
from shared.contracts.declaration import EventType
from shared.contracts.fields import Id, Instant, currency
from shared.contracts.payment_forms import payment_kind
from shared.messages.envelope import Event


class Audience(Enum):
    """Which watchers of an event hear a message."""

    AVAILABILITY = "those who watch the provider's day"
    CUSTOMER = "the customer"
    PROVIDER = "the provider's members"


BOTH = frozenset({Audience.CUSTOMER, Audience.PROVIDER})


@dataclass(frozen=True)
class MessageType:
    """One message that an event leads to."""

    event: ServerEvent
    audiences: frozenset[Audience]


class PaidSchema(Schema):
    """A payment that is secured: flat amounts in major units beside one currency, as in HTTP.

    `captured` is false while the money is held on the card, to be taken after the visit. `kind` is `tip` for
    one that is given after the visit, which pays for no booking.
    """

    payment_id = Id(required=True)
    booking_id = Id(required=True)
    kind = payment_kind()
    customer_id = Id(required=True)
    provider_id = Id(required=True)
    status = fields.String(required=True)
    captured = fields.Boolean(required=True)
    amount = Amount(required=True)
    service_amount = Amount(required=True)
    tip_amount = Amount(required=True)
    platform_commission = Amount(required=True)
    provider_amount = Amount(required=True)
    currency = currency(required=True)
    simulated = fields.Boolean(required=True)


@dataclass(frozen=True)
class Message:
    """A message ready to be sent: its frame is written once, however many sockets get it."""

    type: MessageType
    text: str


_STATUS = MessageType(ServerEvent.BOOKING_STATUS_CHANGED, BOTH)

MESSAGES: Mapping[EventType, tuple[MessageType, ...]] = {
    booking_events.AVAILABILITY_CHANGED: (
        MessageType(ServerEvent.AVAILABILITY_UPDATED, frozenset({Audience.AVAILABILITY})),
    ),
    booking_events.BOOKING_HELD: (_STATUS,),
    booking_events.BOOKING_CONFIRMED: (
        _STATUS,
        MessageType(ServerEvent.NEW_BOOKING, frozenset({Audience.PROVIDER})),
    ),
    booking_events.BOOKING_ANSWER_DUE: (_STATUS,),
    booking_series.BOOKING_PAYMENT_DUE: (_STATUS,),
    booking_events.BOOKING_RESCHEDULED: (_STATUS,),
    booking_events.BOOKING_CANCELLED: (_STATUS, MessageType(ServerEvent.BOOKING_CANCELLED, BOTH)),
    booking_events.BOOKING_EXPIRED: (_STATUS,),
    booking_events.BOOKING_STARTED: (_STATUS,),
    booking_events.BOOKING_COMPLETED: (_STATUS,),
    **dict.fromkeys(booking_no_show.NO_SHOW_EVENTS, (_STATUS,)),
    payment.PAYMENT_SUCCEEDED: (MessageType(ServerEvent.PAYMENT_CONFIRMED, BOTH),),
}
"""Events that nobody here needs are dropped before they are decoded."""

EVENT_TYPES: Mapping[str, EventType] = {event.name: event for event in MESSAGES}


def messages_of(event: Event) -> Iterator[Message]:
    """The messages of an event: the public state of its aggregate, and when it became true.

    Delivered at least once and in no certain order: `id` is the event's, `version` the aggregate's.
    """
    data = presenter(_public_contract(event.type))(_public(event))
    data["occurredAt"] = clock.to_text(event.occurred_at)
    for kind in MESSAGES[event.type]:
        yield Message(kind, write_frame(kind.event, data, event.id))


def _public_contract(event: EventType) -> type[Schema]:
    return PaidSchema if event.service == payment.SERVICE else event.data


def _public(event: Event) -> Mapping[str, Any]:
    if event.type.service != payment.SERVICE:
        return event.data
    amounts = {name: amount(event.data[name]) for name in AMOUNTS}
    return {"kind": "booking", **event.data, **amounts, "currency": event.data["amount"]["currency"]}


@cache
def message_schema(event: EventType) -> type[Schema]:
    """The `data` of an event's messages as a schema, for the description of the socket."""
    public: Any = public_schema(_public_contract(event))
    return type(
        f"{public.__name__}Message",
        (public,),
        {"__doc__": public.__doc__, "occurredAt": Instant(required=True)},
    )

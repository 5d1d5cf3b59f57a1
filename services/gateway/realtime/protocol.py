"""The frames of `/realtime`: what a client may send, and how answers and refusals are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import Any

import orjson
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from services.gateway.accounts.tokens import MAX_TOKEN_LENGTH
from services.gateway.bodies import parse_json_object
from shared.contracts.fields import Id
from shared.errors import Category, ErrorCode, ServiceError, validation_failed
from shared.telemetry import tracing

PATH = "/realtime"
MAX_FRAME_BYTES = 16 * 1024
"""The longest frame of a client is `authenticate` with its token."""
MAX_FRAME_ID = 64


class ClientEvent(StrEnum):
    """What a client may send."""

    AUTHENTICATE = "authenticate"
    SUBSCRIBE_AVAILABILITY = "subscribe-provider-availability"
    SUBSCRIBE_BOOKINGS = "subscribe-booking-updates"
    UNSUBSCRIBE = "unsubscribe"
    RESUME = "resume"
    PING = "ping"


class ServerEvent(StrEnum):
    """What the server sends. Those above `SUBSCRIBED` carry the id of the fact that they tell."""

    AVAILABILITY_UPDATED = "availability-updated"
    BOOKING_STATUS_CHANGED = "booking-status-changed"
    PAYMENT_CONFIRMED = "payment-confirmed"
    NEW_BOOKING = "new-booking"
    BOOKING_CANCELLED = "booking-cancelled"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    PONG = "pong"
    RESYNC_REQUIRED = "resync-required"
    ERROR = "error"


class SubscriptionKind(StrEnum):
    """What can be watched."""

    AVAILABILITY = "provider-availability"
    BOOKINGS = "booking-updates"


class CloseCode(IntEnum):
    """Why the server closes (RFC 6455, section 7.4; 4000 and above are ours)."""

    GOING_AWAY = 1001
    POLICY = 1008
    TRY_AGAIN_LATER = 1013
    UNAUTHENTICATED = 4401
    TOO_MANY_SOCKETS = 4429


unknown_event = ErrorCode("unknown_event", Category.INVALID, "There is no such event.")
too_many_subscriptions = ErrorCode(
    "too_many_subscriptions", Category.LIMITED, "Unsubscribe from something before watching more."
)
too_many_sockets = ErrorCode(
    "too_many_sockets", Category.LIMITED, "Close one of this account's sockets before opening another."
)
ERRORS = (unknown_event, too_many_subscriptions, too_many_sockets)


def _check_date(value: str) -> None:
    try:
        valid = date.fromisoformat(value).isoformat() == value
    except ValueError:
        valid = False
    if not valid:
        raise ValidationError("Not a date.")


class FrameSchema(Schema):
    """Every frame of a client. `id` comes back in the answer to the frame."""

    event = fields.String(required=True, validate=validate.Length(1, 64))
    data = fields.Dict(load_default=dict)
    id = fields.String(load_default="", validate=validate.Length(max=MAX_FRAME_ID))


class AuthenticateSchema(Schema):
    """The access token; sent again with a new one before the old one expires."""

    token = fields.String(required=True, validate=validate.Length(1, MAX_TOKEN_LENGTH))


class SubscribeAvailabilitySchema(Schema):
    """Watch a provider's free times on one local day of the provider's zone."""

    provider_id = Id(required=True, data_key="providerId")
    date = fields.String(required=True, validate=_check_date)


class UnsubscribeSchema(Schema):
    """What to watch no longer; without members: everything."""

    subscription = fields.Enum(SubscriptionKind, by_value=True, load_default=None)
    provider_id = Id(load_default=None, data_key="providerId")
    date = fields.String(load_default=None, validate=_check_date)


class ResumeSchema(Schema):
    """Catch up after a pause. Answered with `resync-required`: fetch afresh what you show."""

    after = Id(required=True)


class NothingSchema(Schema):
    """No members."""


CLIENT_DATA: Mapping[ClientEvent, type[Schema]] = {
    ClientEvent.AUTHENTICATE: AuthenticateSchema,
    ClientEvent.SUBSCRIBE_AVAILABILITY: SubscribeAvailabilitySchema,
    ClientEvent.SUBSCRIBE_BOOKINGS: NothingSchema,
    ClientEvent.UNSUBSCRIBE: UnsubscribeSchema,
    ClientEvent.RESUME: ResumeSchema,
    ClientEvent.PING: NothingSchema,
}


class SubscribedSchema(Schema):
    """The subscription is in force: nothing that happens after this message is missed."""

    subscription = fields.Enum(SubscriptionKind, by_value=True, required=True)
    provider_id = Id(data_key="providerId")
    date = fields.String()


class ErrorSchema(Schema):
    """A frame that was refused. `code` is stable; `errors` holds texts by field; by `traceId` we find it."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    errors = fields.Dict()
    trace_id = fields.String(data_key="traceId")


@dataclass(frozen=True)
class Frame:
    """A client's frame whose data was checked by its schema."""

    event: ClientEvent
    data: dict[str, Any]
    id: str


class FrameError(Exception):
    """A frame that can't be accepted; `frame_id` is what the client named it, if that was readable."""

    def __init__(self, error: ServiceError, frame_id: str = "") -> None:
        self.error = error
        self.frame_id = frame_id
        super().__init__(str(error))


def read_frame(text: str | bytes) -> Frame:
    """Read a text frame strictly. Raises FrameError: malformed_json, validation_failed, unknown_event."""
    frame_id = ""
    try:
        frame = _load(FrameSchema, parse_json_object(text.encode() if isinstance(text, str) else text))
        frame_id = frame["id"]
        try:
            event = ClientEvent(frame["event"])
        except ValueError:
            raise unknown_event() from None
        return Frame(event, _load(CLIENT_DATA[event], frame["data"]), frame_id)
    except ServiceError as error:
        raise FrameError(error, frame_id) from None
    except UnicodeEncodeError:
        raise FrameError(validation_failed("The frame is not text.")) from None


def _load(schema: type[Schema], value: Mapping[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema().load(value, unknown=RAISE)
    except ValidationError as error:
        raise validation_failed(errors=error.messages) from None
    return loaded


def write_frame(event: ServerEvent, data: Mapping[str, Any], frame_id: str = "") -> str:
    """A frame as the server sends it."""
    frame: dict[str, Any] = {"event": event.value, "data": data}
    if frame_id:
        frame["id"] = frame_id
    return orjson.dumps(frame).decode()


def write_error(error: ServiceError, frame_id: str = "") -> str:
    """The frame of a refusal: code, message, errors by field and the trace's id; nothing else is told."""
    data: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.details.get("errors"):
        data["errors"] = error.details["errors"]
    trace_id = tracing.current_trace_id()
    if trace_id:
        data["traceId"] = trace_id
    return write_frame(ServerEvent.ERROR, data, frame_id)


RESYNC_REQUIRED = write_frame(ServerEvent.RESYNC_REQUIRED, {})

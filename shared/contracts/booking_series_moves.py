"""The part of booking's public face that is for moving visits of a series (rule T17)."""

from enum import StrEnum

from marshmallow import Schema, fields, validate

from shared.contracts.booking_forms import BookingSchema
from shared.contracts.booking_moves import RescheduleQuoteSchema
from shared.contracts.booking_series_forms import (
    MOST_INSTANCES,
    Choice,
    Prospect,
    SeriesScopeSchema,
    StartProspectSchema,
    one_of,
)
from shared.contracts.booking_supply import SERVICE
from shared.contracts.booking_times_forms import SlotSchema
from shared.contracts.declaration import MethodKind, RpcMethod
from shared.contracts.fields import Id, Instant, idempotency_key, local_date, local_time, utc_offset
from shared.errors import Category, ErrorCode

nothing_to_move = ErrorCode("nothing_to_move", Category.CONFLICT, "None of these visits is still to come.")

FARTHEST_SHIFT = 31


class Obstacle(StrEnum):
    """Why a visit can't be moved, whatever is free: it has begun, was moved as often as it may be, waits for
    an answer or for the first payment of its series, or is there already."""

    TOO_LATE = "too_late"
    MOVES_USED_UP = "moves_used_up"
    NOT_AGREED = "not_agreed"
    UNCHANGED = "unchanged"


class MoveOutcome(StrEnum):
    """What became of a visit that was to be moved; `open`: its turn has not come yet."""

    OPEN = "open"
    MOVED = "moved"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    REFUSED = "refused"


class NewTimesSchema(SeriesScopeSchema):
    """Where these visits shall be: at another local time, so many days later (or earlier), with another of
    the staff. Each is counted from where it is; what is not said stays. With `allow_overlap` also when their
    customer has another visit then."""

    start_time = local_time(load_default=None, allow_none=True)
    shift_days = fields.Integer(
        load_default=0, strict=True, validate=validate.Range(-FARTHEST_SHIFT, FARTHEST_SHIFT)
    )
    staff_id = Id(load_default=None, allow_none=True)
    allow_overlap = fields.Boolean(load_default=None, allow_none=True)


class MoveProspectSchema(StartProspectSchema):
    """One visit and where it would be. `quote` is what moving it means, where it can be moved."""

    position = fields.Integer(required=True)
    booking_id = Id(required=True)
    previous_starts_at = Instant(required=True)
    prospect = fields.String(
        required=True,
        validate=validate.OneOf([*(one.value for one in Prospect), *(one.value for one in Obstacle)]),
    )
    quote = fields.Nested(RescheduleQuoteSchema, required=True, allow_none=True)


class SeriesMovePreviewSchema(Schema):
    """Advice: moving decides."""

    series_id = Id(required=True)
    instances = fields.List(fields.Nested(MoveProspectSchema), required=True)
    computed_at = Instant(required=True)


class MoveDecisionSchema(Schema):
    """What becomes of one visit. An alternative is another start, on the day that is meant for it unless it
    says so. With `quote_id` exactly what that quote shows is done, or nothing."""

    position = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_INSTANCES))
    choice = fields.String(required=True, validate=one_of(Choice))
    booking_date = local_date(load_default=None, allow_none=True)
    start_time = local_time(load_default=None, allow_none=True)
    utc_offset = utc_offset()
    quote_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))


class RescheduleSeriesRequestSchema(NewTimesSchema):
    """A visit without a decision is taken to its new time. `reason` is for the history."""

    decisions = fields.List(
        fields.Nested(MoveDecisionSchema), load_default=(), validate=validate.Length(max=MOST_INSTANCES)
    )
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))
    idempotency_key = idempotency_key()


class MovedInstanceSchema(Schema):
    """What became of one visit. `booking`: as it is now; `code`: why it stayed where it was, with the next
    free starts, or with the quote of now where another was shown."""

    position = fields.Integer(required=True)
    wanted_date = local_date(required=True)
    wanted_time = local_time(required=True)
    utc_offset = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, validate=one_of(MoveOutcome))
    code = fields.String(required=True, allow_none=True)
    alternatives = fields.List(fields.Nested(SlotSchema), required=True)
    quote = fields.Nested(RescheduleQuoteSchema, required=True, allow_none=True)
    booking = fields.Nested(BookingSchema, required=True)


class SeriesMovesSchema(Schema):
    """The visits that were meant, in order of their positions."""

    series_id = Id(required=True)
    instances = fields.List(fields.Nested(MovedInstanceSchema), required=True)


PREVIEW_SERIES_MOVE = RpcMethod(
    SERVICE,
    "preview_series_move",
    MethodKind.QUESTION,
    NewTimesSchema,
    SeriesMovePreviewSchema,
    (nothing_to_move,),
)
RESCHEDULE_SERIES = RpcMethod(
    SERVICE,
    "reschedule_series",
    MethodKind.COMMAND,
    RescheduleSeriesRequestSchema,
    SeriesMovesSchema,
    (nothing_to_move,),
)
"""Each visit as `reschedule_booking` moves it, in a transaction of its own; a refused one stays where it was
and is told with its code. A repeat goes on where the first one stopped."""

SERIES_MOVE_METHODS = (PREVIEW_SERIES_MOVE, RESCHEDULE_SERIES)
SERIES_MOVE_ERRORS = (nothing_to_move,)

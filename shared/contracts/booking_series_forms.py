"""What requests and answers about series of visits look like."""

from enum import StrEnum

from marshmallow import Schema, fields, validate

from shared.contracts.booking_forms import BookingSchema, CreateBookingRequestSchema, RefundQuoteSchema
from shared.contracts.booking_times_forms import SlotSchema
from shared.contracts.fields import (
    Id,
    Instant,
    PageRequestSchema,
    TextsSchema,
    idempotency_key,
    local_date,
    local_time,
    required_money,
    utc_offset,
)

MOST_INSTANCES = 52


class Prospect(StrEnum):
    """What would become of an instance if the series were booked now."""

    FREE = "free"
    CONFLICT = "conflict"
    CLOSED = "closed"
    PAST = "past"
    TOO_FAR = "too_far"
    TIME_DOES_NOT_EXIST = "time_does_not_exist"


class Choice(StrEnum):
    """What a customer decides about an instance."""

    TAKE = "take"
    SKIP = "skip"
    ALTERNATIVE = "alternative"


class Outcome(StrEnum):
    """What became of an instance; `open`: its turn has not come yet."""

    OPEN = "open"
    BOOKED = "booked"
    SKIPPED = "skipped"
    REFUSED = "refused"


class Scope(StrEnum):
    """Which visits of a series are meant, counted from one of them."""

    ONE = "one"
    FOLLOWING = "following"
    ALL = "all"


def _rule() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 200))


def one_of(values: type[StrEnum]) -> validate.OneOf:
    """The validator of a closed vocabulary."""
    return validate.OneOf([value.value for value in values])


class PreviewSeriesRequestSchema(Schema):
    """`rule` is an RRULE of RFC 5545: FREQ (DAILY, WEEKLY, MONTHLY), INTERVAL, BYDAY, BYMONTHDAY, and COUNT
    or UNTIL (a local day, that day included); at most 52 visits, on or after `booking_date`."""

    provider_id = Id(required=True)
    service_id = Id(required=True)
    booking_date = local_date(required=True)
    start_time = local_time(required=True)
    rule = _rule()
    staff_id = Id(load_default=None, allow_none=True)


class StartProspectSchema(Schema):
    """One start. `code` says why it is not free; `next_existing` is the first local time after one that
    the clocks skip; `alternatives`: free starts of that day, those nearest first."""

    next_existing = local_time(required=True, allow_none=True)
    local_date = local_date(required=True)
    local_time = local_time(required=True)
    prospect = fields.String(required=True, validate=one_of(Prospect))
    code = fields.String(required=True, allow_none=True)
    message = fields.String(required=True, allow_none=True)
    starts_at = Instant(required=True, allow_none=True)
    utc_offset = fields.String(required=True, allow_none=True)
    alternatives = fields.List(fields.Nested(SlotSchema), required=True)


class ProspectSchema(StartProspectSchema):
    """One instance."""

    position = fields.Integer(required=True)


class SeriesPreviewSchema(Schema):
    """Advice: booking decides. `price` is that of one visit."""

    provider_id = Id(required=True)
    service_id = Id(required=True)
    service_name = fields.Nested(TextsSchema, required=True)
    time_zone = fields.String(required=True)
    price = required_money()
    instances = fields.List(fields.Nested(ProspectSchema), required=True)
    computed_at = Instant(required=True)


class DecisionSchema(Schema):
    """What becomes of the instance of a day; an alternative is another start, that day unless it says so."""

    booking_date = local_date(load_default=None, allow_none=True)
    local_date = local_date(required=True)
    choice = fields.String(required=True, validate=one_of(Choice))
    start_time = local_time(load_default=None, allow_none=True)
    utc_offset = utc_offset()


class CreateSeriesRequestSchema(CreateBookingRequestSchema):
    """Every visit is asked for like a single one; an instance without a decision is taken by the rule."""

    rule = _rule()
    decisions = fields.List(
        fields.Nested(DecisionSchema), load_default=(), validate=validate.Length(max=MOST_INSTANCES)
    )


class SeriesInstanceSchema(Schema):
    """What became of an instance: `local_date` is the rule's, `wanted_date` and `wanted_time` are what was
    asked for. `code`: why it was refused."""

    position = fields.Integer(required=True)
    wanted_date = local_date(required=True)
    local_date = local_date(required=True)
    wanted_time = local_time(required=True)
    outcome = fields.String(required=True, validate=one_of(Outcome))
    code = fields.String(required=True, allow_none=True)
    booking = fields.Nested(BookingSchema, required=True, allow_none=True)


class SeriesSchema(Schema):
    """`kept_at`: since when one of its visits is paid; before, all that are held end together."""

    series_id = Id(required=True)
    provider_id = Id(required=True)
    service_id = Id(required=True)
    rule = fields.String(required=True)
    first_date = local_date(required=True)
    start_time = local_time(required=True)
    kept_at = Instant(required=True, allow_none=True)
    created_at = Instant(required=True)
    instances = fields.List(fields.Nested(SeriesInstanceSchema), required=True)


class SeriesIdRequestSchema(Schema):
    series_id = Id(required=True)


class ListSeriesRequestSchema(PageRequestSchema):
    """The caller's own series, newest first."""


class SeriesListSchema(Schema):
    series = fields.List(fields.Nested(SeriesSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class SeriesScopeSchema(Schema):
    """`position` is needed unless all are meant; visits that have begun or ended are left out."""

    series_id = Id(required=True)
    scope = fields.String(required=True, validate=one_of(Scope))
    position = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, MOST_INSTANCES)
    )


class SeriesRefundQuoteSchema(Schema):
    """What cancelling gives back, each visit by its own notice, up to and including `valid_until`."""

    quote_id = fields.String(required=True)
    series_id = Id(required=True)
    valid_until = Instant(required=True)
    service_refund = required_money()
    tip_refund = required_money()
    visits = fields.List(fields.Nested(RefundQuoteSchema), required=True)


class CancelSeriesRequestSchema(SeriesScopeSchema):
    """With `refund_quote_id` exactly the quoted amounts are given back, or nothing is done."""

    refund_quote_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))
    idempotency_key = idempotency_key()

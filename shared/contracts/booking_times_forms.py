"""What requests, answers and events about free times look like."""

from marshmallow import Schema, fields, validate

from shared.contracts.fields import Id, Instant, local_date, local_time, required_money, utc_offset

MOST_DAYS = 62
"""Two months, however long: as many days as one question may list."""


def _degrees(most: int) -> fields.Float:
    return fields.Float(load_default=None, allow_none=True, validate=validate.Range(-most, most))


class AvailabilityRequestSchema(Schema):
    """Local days of one service, of one member of staff or of anyone: `date`, or from and to.

    With the point of a home visit, ways to it count; without, holding decides about them.
    """

    provider_id = Id(required=True)
    service_id = Id(required=True)
    date = local_date(load_default=None, allow_none=True)
    from_date = local_date(data_key="from", load_default=None, allow_none=True)
    to_date = local_date(data_key="to", load_default=None, allow_none=True)
    staff_id = Id(load_default=None, allow_none=True)
    latitude = _degrees(90)
    longitude = _degrees(180)


class SlotSchema(Schema):
    """A free start: the instant, and the local time with its offset in the provider's zone."""

    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    local_date = local_date(required=True)
    local_time = local_time(required=True)
    utc_offset = fields.String(required=True)
    staff_ids = fields.List(Id(), required=True)
    seats_left = fields.Integer()


class DaySchema(Schema):
    """Free starts that are listed with one local day, in order."""

    date = local_date(required=True)
    slots = fields.List(fields.Nested(SlotSchema), required=True)


class AvailabilitySchema(Schema):
    """Free starts of local days in order. Reading is advice: creating a booking decides.

    `date` and `slots` when one day was asked for; `days` has every day that was. `answer_hours`: the provider
    is asked first and has so long to answer; null: paid is agreed.
    """

    provider_id = Id(required=True)
    service_id = Id(required=True)
    date = local_date(required=True, allow_none=True)
    time_zone = fields.String(required=True)
    duration_minutes = fields.Integer(required=True)
    price = required_money()
    slots = fields.List(fields.Nested(SlotSchema), required=True)
    days = fields.List(fields.Nested(DaySchema))
    answer_hours = fields.Integer(allow_none=True)
    computed_at = Instant(required=True)


class WantedServicesSchema(Schema):
    """Some services of one provider."""

    provider_id = Id(required=True)
    service_ids = fields.List(Id(), required=True, validate=validate.Length(1, 100))


class FindFreeProvidersRequestSchema(Schema):
    """Which of these have a free start on this day, each by its own clock.

    With the point of a home visit, ways to it count; without, holding decides about them.
    """

    date = local_date(required=True)
    wanted = fields.List(fields.Nested(WantedServicesSchema), required=True, validate=validate.Length(1, 100))
    latitude = _degrees(90)
    longitude = _degrees(180)


class FreeProviderSchema(Schema):
    """The first start of the shortest service that has one."""

    provider_id = Id(required=True)
    service_id = Id(required=True)
    starts_at = Instant(required=True)
    local_date = local_date(required=True)
    local_time = local_time(required=True)
    utc_offset = fields.String(required=True)


class FreeProvidersSchema(Schema):
    """Those that have one; the others have none, or are not on offer."""

    date = local_date(required=True)
    free = fields.List(fields.Nested(FreeProviderSchema), required=True)


class ExplainRequestSchema(Schema):
    """A start in the provider's local time; of a home visit its point, from which on ways count."""

    provider_id = Id(required=True)
    service_id = Id(required=True)
    date = local_date(required=True)
    time = local_time(required=True)
    utc_offset = utc_offset()
    staff_id = Id(load_default=None, allow_none=True)
    latitude = _degrees(90)
    longitude = _degrees(180)


class ReasonSchema(Schema):
    """A rule that removes a start, and the code with which booking it is refused.

    `until`: a hold ends then. `taken` of `capacity` seats are taken. `resource_id`: the kind of room or
    equipment of which too few are free.
    """

    rule = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)
    until = Instant(required=True, allow_none=True)
    holiday = fields.String(required=True, allow_none=True)
    taken = fields.Integer(required=True, allow_none=True)
    capacity = fields.Integer(required=True, allow_none=True)
    resource_id = Id(required=True, allow_none=True)


class ExplanationSchema(Schema):
    """Why a start is not free: every rule that would have to go; none when it is free.

    `starts_at` is null when the clocks skip this time. `alternatives`: the nearest free starts.
    """

    provider_id = Id(required=True)
    service_id = Id(required=True)
    date = local_date(required=True)
    time = local_time(required=True)
    time_zone = fields.String(required=True)
    starts_at = Instant(required=True, allow_none=True)
    utc_offset = fields.String(required=True, allow_none=True)
    is_free = fields.Boolean(required=True)
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)
    alternatives = fields.List(fields.Nested(SlotSchema), required=True)
    computed_at = Instant(required=True)


class AvailabilityChangedSchema(Schema):
    """Free times of these services may differ on these local days; empty services: all."""

    provider_id = Id(required=True)
    service_ids = fields.List(Id(), required=True)
    local_days = fields.List(local_date(), required=True)

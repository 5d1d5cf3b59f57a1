"""What requests about a provider's supply look like: hours, rules, people, rooms, time off."""

from marshmallow import Schema, fields, validate

from shared.contracts.booking_forms import Place
from shared.contracts.fields import (
    Flag,
    Id,
    NameSchema,
    PageRequestSchema,
    idempotency_key,
    local_date,
    local_time,
)

MOST_WINDOWS = 200
MOST_DATES = 400
MOST_UNITS = 100
MOST_WINDOW_DAYS = 730
ANSWER_HOURS = 24
MOST_ANSWER_HOURS = 72


def _opens() -> fields.String:
    return fields.String(required=True, validate=validate.Regexp(r"^([01]\d|2[0-3]):[0-5]\d\Z"))


def _closes() -> fields.String:
    """Up to 48:00: the hours after 24:00 are those of the next day."""
    return fields.String(required=True, validate=validate.Regexp(r"^([0-3]\d|4[0-7]):[0-5]\d\Z|^48:00\Z"))


def _minutes(most: int, least: int = 0) -> fields.Integer:
    return fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(least, most)
    )


def _step() -> fields.Integer:
    divisors = [number for number in range(1, 1441) if 1440 % number == 0]
    return fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.OneOf(divisors))


def _cap(most: int) -> fields.Integer:
    return fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, most))


class OpeningSchema(Schema):
    """Local times; what closes after 24:00 belongs to the day on which it opens."""

    opens = _opens()
    closes = _closes()


class WindowSchema(OpeningSchema):
    """On an ISO weekday: 1 is Monday."""

    weekday = fields.Integer(required=True, strict=True, validate=validate.Range(1, 7))


class DateHoursSchema(Schema):
    """What counts on one date instead of the week; no windows: closed."""

    date = local_date(required=True)
    windows = fields.List(fields.Nested(OpeningSchema), required=True, validate=validate.Length(max=20))


class ProviderRequestSchema(Schema):
    provider_id = Id(required=True)


class ListSupplyChangesRequestSchema(PageRequestSchema, ProviderRequestSchema):
    """What was changed of a provider's supply, the last first."""


class ChangeSchema(ProviderRequestSchema):
    """`confirmation` comes from a refusal `bookings_stranded`: these visits are known to be outside.

    `override_reason`: why an administrator changes what is not theirs; kept with the change.
    """

    confirmation = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    override_reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 500))
    idempotency_key = idempotency_key()


class HoursSchema(Schema):
    """Whose hours: of all, of a member of staff, of a service, or of one for the other.

    `windows` null: none of their own by the week. For a service they narrow what people work.
    """

    staff_id = Id(load_default=None, allow_none=True)
    service_id = Id(load_default=None, allow_none=True)
    windows = fields.List(
        fields.Nested(WindowSchema),
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=MOST_WINDOWS),
    )
    dates = fields.List(
        fields.Nested(DateHoursSchema), load_default=[], validate=validate.Length(max=MOST_DATES)
    )


class ChangeHoursRequestSchema(ChangeSchema, HoursSchema):
    """Replaces what is given: the week (`windows`), all dates to come (`dates`), or both.

    A member that is absent is left as it is. No windows: closed all week. `windows` null: none of
    their own by the week; refused of a provider's own hours.
    """

    windows = fields.List(
        fields.Nested(WindowSchema), allow_none=True, validate=validate.Length(max=MOST_WINDOWS)
    )
    dates = fields.List(fields.Nested(DateHoursSchema), validate=validate.Length(max=MOST_DATES))


class RulesSchema(Schema):
    """Of a provider; a member that is null stays as it is, and `holiday_country` "" means none.

    `travel_speed_kmh`: so fast its people get from one home visit to the next; 0: that is not looked at.
    """

    slot_step_minutes = _step()
    minimum_notice_minutes = _minutes(90 * 24 * 60)
    window_days = _minutes(MOST_WINDOW_DAYS)
    buffer_before_minutes = _minutes(720)
    buffer_after_minutes = _minutes(720)
    holiday_country = fields.String(
        load_default=None, allow_none=True, validate=validate.Regexp(r"^([A-Z]{2})?\Z")
    )
    holiday_subdivision = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 10))
    travel_speed_kmh = _minutes(300)


class ChangeRulesRequestSchema(ChangeSchema, RulesSchema):
    """Changes what is given."""


class NeedSchema(Schema):
    """So many units of a resource."""

    resource_id = Id(required=True)
    count = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 20))


class ServiceRulesSchema(Schema):
    """Of one service; null: as the provider's.

    `acceptance`: a paid visit is agreed at once (`instant`), or the provider is asked first (`provider`)
    and has `answer_hours` to accept it.
    """

    slot_step_minutes = _step()
    minimum_notice_minutes = _minutes(90 * 24 * 60)
    window_days = _minutes(MOST_WINDOW_DAYS)
    buffer_before_minutes = _minutes(720)
    buffer_after_minutes = _minutes(720)
    capacity = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 100))
    staff_count = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 10))
    day_cap = _cap(1000)
    week_cap = _cap(7000)
    places = fields.List(
        fields.String(validate=validate.OneOf([place.value for place in Place])),
        load_default=["provider"],
        validate=validate.Length(1, 3),
    )
    needs = fields.List(fields.Nested(NeedSchema), load_default=[], validate=validate.Length(max=20))
    acceptance = fields.String(load_default="instant", validate=validate.OneOf(["instant", "provider"]))
    answer_hours = fields.Integer(
        load_default=ANSWER_HOURS, strict=True, validate=validate.Range(1, MOST_ANSWER_HOURS)
    )


class ChangeServiceRulesRequestSchema(ChangeSchema, ServiceRulesSchema):
    """Replaces the rules of a service as a whole."""

    service_id = Id(required=True)


class StaffMemberSchema(Schema):
    """`service_ids` counts unless the member does all services."""

    name = fields.Nested(NameSchema, required=True)
    active = Flag(load_default=True)
    all_services = Flag(load_default=True)
    service_ids = fields.List(Id(), load_default=[], validate=validate.Length(max=500))
    day_cap = _cap(100)
    week_cap = _cap(700)


class PutStaffRequestSchema(ChangeSchema, StaffMemberSchema):
    """Replaces a member of staff; without `staff_id`: a new one."""

    staff_id = Id(load_default=None, allow_none=True)


class UnitSchema(Schema):
    """One room, or one piece of equipment; without `unit_id`: a new one."""

    unit_id = Id(load_default=None, allow_none=True)
    name = fields.Nested(NameSchema, required=True)
    active = Flag(load_default=True)


class ResourceSchema(Schema):
    """Rooms or equipment of one kind, each unit of which will do; of one that is not active none is used."""

    kind = fields.String(required=True, validate=validate.OneOf(["room", "equipment"]))
    name = fields.Nested(NameSchema, required=True)
    active = Flag(load_default=True)
    units = fields.List(fields.Nested(UnitSchema), required=True, validate=validate.Length(1, MOST_UNITS))


class PutResourceRequestSchema(ChangeSchema, ResourceSchema):
    """Replaces a resource; units that are not named any more are used no more."""

    resource_id = Id(load_default=None, allow_none=True)


class TimeOffSchema(Schema):
    """Nobody works then, or one member of staff does not; local times of the provider, the end without."""

    staff_id = Id(load_default=None, allow_none=True)
    from_date = local_date(required=True)
    from_time = local_time(load_default="00:00")
    to_date = local_date(required=True)
    to_time = local_time(load_default="00:00")
    reason = fields.String(load_default="", validate=validate.Length(max=200))


class AddTimeOffRequestSchema(ChangeSchema, TimeOffSchema):
    """Adds one."""


class RemoveTimeOffRequestSchema(ChangeSchema):
    time_off_id = Id(required=True)

"""What booking tells a calendar of agreed visits: as much as an entry of a calendar shows, and no more."""

from marshmallow import Schema, fields, validate

from shared.contracts.booking_forms import BookingState, Place
from shared.contracts.fields import Id, Instant, TextsSchema, local_date, local_time

MOST_WORKPLACES = 50
"""So many are asked about at once; who has more asks again."""


class VisitSchema(Schema):
    """A visit as an entry of a calendar: no price, no notes, nobody's name but the staff's.

    `visit_id` is the booking's, or at a workplace that of a session, which is one entry however many
    customers share it: `seats_taken` of `seats`. `version` rises with every change, `changed_at` is the
    instant of the last one.
    """

    visit_id = Id(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf([s.value for s in BookingState]))
    provider_id = Id(required=True)
    service_name = fields.Nested(TextsSchema, required=True)
    staff_name = fields.Nested(TextsSchema, required=True, allow_none=True)
    place = fields.String(required=True, validate=validate.OneOf([place.value for place in Place]))
    seats_taken = fields.Integer(required=True, allow_none=True)
    seats = fields.Integer(required=True, allow_none=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    time_zone = fields.String(required=True)
    local_date = local_date(required=True)
    local_time = local_time(required=True)
    utc_offset = fields.String(required=True)
    created_at = Instant(required=True)
    changed_at = Instant(required=True)


class WorkplaceSchema(Schema):
    """A provider that the caller acts for; with `staff_id` only what this member of its staff does, alone or
    with others."""

    provider_id = Id(required=True)
    staff_id = Id(load_default=None, allow_none=True)


class ListVisitsRequestSchema(Schema):
    """The caller's own visits, and those at their workplaces."""

    workplaces = fields.List(
        fields.Nested(WorkplaceSchema), required=True, validate=validate.Length(max=MOST_WORKPLACES)
    )


class VisitsSchema(Schema):
    """Agreed visits in order of their start; those that were cancelled afterwards, too."""

    visits = fields.List(fields.Nested(VisitSchema), required=True)

"""What booking tells of the changes of a booking."""

from marshmallow import Schema, fields

from shared.contracts.fields import Id, Instant


class BookingChangeSchema(Schema):
    """One change of a booking: who made it, when, and why. `note` is what that person wrote; null, like
    `actor_id`, for readers who are not told. The visit's start and staff after it are null for changes that a
    release before has made.
    """

    version = fields.Integer(required=True)
    from_state = fields.String(required=True, allow_none=True)
    to_state = fields.String(required=True)
    actor = fields.String(required=True)
    actor_id = Id(required=True, allow_none=True)
    reason = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    at = Instant(required=True)
    starts_at = Instant(load_default=None, allow_none=True)
    staff_id = Id(load_default=None, allow_none=True)


class BookingHistorySchema(Schema):
    """Every change of a booking, the first first."""

    booking_id = Id(required=True)
    changes = fields.List(fields.Nested(BookingChangeSchema), required=True)

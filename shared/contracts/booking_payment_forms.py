"""What payment is told of a booking before it charges for it."""

from marshmallow import Schema, fields

from shared.contracts.booking_forms import QuoteSchema
from shared.contracts.fields import Id, Instant


class PreparedPaymentSchema(Schema):
    """What payment needs to charge: the frozen quote and until when the slot is held.

    `done_by`: the visit counts as done then at the latest, unless something else is said of it. Releases
    before do not say it.
    """

    booking_id = Id(required=True)
    customer_id = Id(required=True)
    provider_id = Id(required=True)
    service_id = Id(required=True)
    quote = fields.Nested(QuoteSchema, required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    done_by = Instant(load_default=None, allow_none=True)
    hold_expires_at = Instant(required=True)

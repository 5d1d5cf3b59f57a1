"""What a customer may say of a visit that they want, whether it is booked, repeated or waited for."""

from marshmallow import Schema, fields, validate

from services.gateway.routes.contract_bodies import optional, overlap_allowed
from shared.contracts.booking_care_forms import AddressSchema, RecipientSchema
from shared.contracts.booking_forms import Place
from shared.contracts.fields import Id


class WishedVisitBody(Schema):
    """Of whom and what, by whom, where and for whom.

    `recipient`: who receives the care, when that is not you. `address`: where a home visit is. With
    `allowOverlap` also when you have another visit then, or `customer_in_two_places`.
    """

    provider_id = Id(data_key="providerId", required=True)
    service_id = Id(data_key="serviceId", required=True)
    staff_id = Id(data_key="staffId", load_default=None, allow_none=True)
    notes = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=2000))
    place = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf([place.value for place in Place])
    )
    recipient = optional(RecipientSchema)
    address = optional(AddressSchema)
    allow_overlap = overlap_allowed()

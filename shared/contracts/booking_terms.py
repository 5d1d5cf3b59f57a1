"""The part of booking's public face that says of services where they are given and whether they ask first."""

from marshmallow import Schema, fields, validate

from shared.contracts.booking_forms import Place
from shared.contracts.booking_supply import SERVICE
from shared.contracts.declaration import MethodKind, RpcMethod
from shared.contracts.fields import Id

MOST_SERVICES = 100


class ServiceTermsRequestSchema(Schema):
    """Services of any providers."""

    service_ids = fields.List(Id(), required=True, validate=validate.Length(1, MOST_SERVICES))


class TermsSchema(Schema):
    """What holds for whoever books it now. `places`: the first is meant unless a booking says where.
    `answer_hours`: the provider is asked first and has so long to answer; null: paid is agreed."""

    service_id = Id(required=True)
    places = fields.List(
        fields.String(validate=validate.OneOf([place.value for place in Place])), required=True
    )
    answer_hours = fields.Integer(required=True, allow_none=True)


class ServiceTermsSchema(Schema):
    """Of those that are on offer."""

    services = fields.List(fields.Nested(TermsSchema), required=True)


GET_SERVICE_TERMS = RpcMethod(
    SERVICE, "get_service_terms", MethodKind.QUESTION, ServiceTermsRequestSchema, ServiceTermsSchema
)
TERMS_METHODS = (GET_SERVICE_TERMS,)

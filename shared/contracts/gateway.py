"""The public face of the gateway towards the services: events of accounts."""

from marshmallow import Schema, fields, validate

from shared.contracts.declaration import EventType, Role, RpcMethod
from shared.contracts.fields import Id
from shared.errors import ErrorCode

SERVICE = "gateway"


class MembershipSchema(Schema):
    """The user acts for this provider."""

    provider_id = Id(required=True)
    role = fields.String(required=True, validate=validate.OneOf(("owner", "staff")))


class UserSchema(Schema):
    """An account without anything personal: ids, roles, memberships, language, whether active."""

    user_id = Id(required=True)
    roles = fields.List(fields.String(validate=validate.OneOf([role.value for role in Role])), required=True)
    memberships = fields.List(fields.Nested(MembershipSchema), required=True)
    locale = fields.String(required=True)
    active = fields.Boolean(required=True)


USER_REGISTERED = EventType(SERVICE, "user_registered", 1, UserSchema)
USER_CHANGED = EventType(SERVICE, "user_changed", 1, UserSchema)
METHODS: tuple[RpcMethod, ...] = ()
EVENTS = (USER_REGISTERED, USER_CHANGED)
ERRORS: tuple[ErrorCode, ...] = ()

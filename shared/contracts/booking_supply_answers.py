"""What answers about a provider's supply look like: what is kept, and what a change has done."""

from marshmallow import Schema, fields

from shared.contracts.booking_supply_forms import (
    HoursSchema,
    ResourceSchema,
    RulesSchema,
    ServiceRulesSchema,
    StaffMemberSchema,
    UnitSchema,
)
from shared.contracts.fields import Id, Instant, TextsSchema


class KnownStaffSchema(StaffMemberSchema):
    staff_id = Id(required=True)
    name = fields.Nested(TextsSchema, required=True)


class KnownUnitSchema(UnitSchema):
    unit_id = Id(required=True)
    name = fields.Nested(TextsSchema, required=True)


class KnownResourceSchema(ResourceSchema):
    resource_id = Id(required=True)
    name = fields.Nested(TextsSchema, required=True)
    units = fields.List(fields.Nested(KnownUnitSchema), required=True)


class KnownServiceSchema(ServiceRulesSchema):
    service_id = Id(required=True)
    name = fields.Nested(TextsSchema, required=True)
    duration_minutes = fields.Integer(required=True)


class KnownTimeOffSchema(Schema):
    time_off_id = Id(required=True)
    staff_id = Id(required=True, allow_none=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    reason = fields.String(required=True)


class SupplySchema(Schema):
    """All that a provider has to give. Dates and time off from today on."""

    provider_id = Id(required=True)
    time_zone = fields.String(required=True)
    rules = fields.Nested(RulesSchema, required=True)
    hours = fields.List(fields.Nested(HoursSchema), required=True)
    services = fields.List(fields.Nested(KnownServiceSchema), required=True)
    staff = fields.List(fields.Nested(KnownStaffSchema), required=True)
    resources = fields.List(fields.Nested(KnownResourceSchema), required=True)
    time_off = fields.List(fields.Nested(KnownTimeOffSchema), required=True)


class SupplyChangeSchema(Schema):
    """One change: by which command, to what, who made it, when and why.

    `actor`: `provider` or `admin`; `actor_id` of an administrator is told to administrators only.
    `reason`: an administrator's. `stranded`: so many agreed visits were confirmed to be outside.
    """

    command = fields.String(required=True)
    changed_id = Id(required=True, allow_none=True)
    stranded = fields.Integer(required=True)
    actor = fields.String(required=True)
    actor_id = Id(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    at = Instant(required=True)


class SupplyChangesSchema(Schema):
    """The last first; `next` is the cursor of the page behind, null on the last one."""

    changes = fields.List(fields.Nested(SupplyChangeSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class SupplyChangedSchema(Schema):
    """`changed_id`: what was made or replaced. `stranded`: so many visits were confirmed to be outside."""

    provider_id = Id(required=True)
    changed_id = Id(required=True, allow_none=True)
    stranded = fields.Integer(required=True)

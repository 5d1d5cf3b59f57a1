"""What providers send to change their supply: the contract's own members, by their public names."""

import copy
from functools import cache
from typing import Any

from marshmallow import Schema, fields

from services.gateway.presentation import camel_case
from shared.contracts import booking_supply_forms as forms
from shared.contracts.fields import Id

MADE_HERE = frozenset({"idempotency_key"})
"""What the gateway adds to a command."""


def _body(contract: type[Schema], name: str, *from_path: str) -> type[Schema]:
    """The schema of a body; `from_path` are members that the path says. Unknown ones are refused."""
    members = {
        member: _public(field)
        for member, field in contract._declared_fields.items()
        if member not in MADE_HERE and member not in from_path
    }
    if "provider_id" in members:
        members["provider_id"] = Id(load_default=None)
    for member, field in members.items():
        field.data_key = camel_case(member)
    return type(name, (Schema,), {**members, "__doc__": contract.__doc__})


def _public(field: fields.Field[Any]) -> fields.Field[Any]:
    """The same field, its members by their public names."""
    public = copy.deepcopy(field)
    if isinstance(public, fields.List) and isinstance(public.inner, fields.Nested):
        public.inner = fields.Nested(_nested(public.inner))
    elif isinstance(public, fields.Nested):
        public = fields.Nested(_nested(public), required=public.required)
    return public


def _nested(field: fields.Nested) -> type[Schema]:
    return _nested_body(type(field.schema))


@cache
def _nested_body(contract: type[Schema]) -> type[Schema]:
    return _body(contract, f"{contract.__name__.removesuffix('Schema')}Body")


HoursBody = _body(forms.ChangeHoursRequestSchema, "HoursBody")
RulesBody = _body(forms.ChangeRulesRequestSchema, "RulesBody")
ServiceRulesBody = _body(forms.ChangeServiceRulesRequestSchema, "ServiceRulesBody", "service_id")
StaffBody = _body(forms.PutStaffRequestSchema, "StaffBody", "staff_id")
ResourceBody = _body(forms.PutResourceRequestSchema, "ResourceBody", "resource_id")
RemoveBody = _body(forms.RemoveTimeOffRequestSchema, "RemoveBody", "time_off_id")
TimeOffBody = _body(forms.AddTimeOffRequestSchema, "TimeOffBody")

"""Bodies that clients send, made of the contract's own members by their public names."""

import copy
from functools import cache
from typing import Any

from marshmallow import Schema, fields

from services.gateway.presentation import camel_case
from shared.contracts.fields import Flag, Id

MADE_HERE = frozenset({"idempotency_key"})
"""What the gateway adds to a command."""


def body_of(contract: type[Schema], name: str, *from_path: str) -> type[Schema]:
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


@cache
def nested_body(contract: type[Schema]) -> type[Schema]:
    """What stands inside of a body."""
    return body_of(contract, f"{contract.__name__.removesuffix('Schema')}Body")


def optional(contract: type[Schema]) -> fields.Nested:
    """A member of a body that may be left out."""
    return fields.Nested(nested_body(contract), load_default=None, allow_none=True)


def overlap_allowed() -> Flag:
    """Whether a customer may be in two places at once: only when they say so."""
    return Flag(data_key="allowOverlap", load_default=None, allow_none=True)


def _public(field: fields.Field[Any]) -> fields.Field[Any]:
    """The same field, its members by their public names."""
    public = copy.deepcopy(field)
    if isinstance(public, fields.List) and isinstance(public.inner, fields.Nested):
        public.inner = fields.Nested(_nested(public.inner))
    elif isinstance(public, fields.Nested):
        public = fields.Nested(
            _nested(public),
            required=public.required,
            load_default=public.load_default,
            allow_none=public.allow_none,
        )
    return public


def _nested(field: fields.Nested) -> type[Schema]:
    return nested_body(type(field.schema))

"""From the wire of the services to the public JSON: camelCase, amounts in major units, exactly."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
from marshmallow import EXCLUDE, Schema, fields, validate

from shared import clock
from shared.contracts.fields import Instant, MoneySchema
from shared.money import EXPONENTS, Money

Present = Callable[[Any], Any]
MONEY_MEMBERS = MoneySchema._declared_fields.keys()


def camel_case(name: str) -> str:
    """`hold_expires_at` to `holdExpiresAt`; a name without underscores stays as it is."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def public_value(value: Any) -> Any:
    """All keys of a JSON value in camelCase and its amounts in major units, where no schema describes it."""
    if isinstance(value, Mapping):
        if value.keys() == MONEY_MEMBERS and type(value["amount"]) is int:
            return money(value)
        return {camel_case(str(key)): public_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [public_value(item) for item in value]
    return value


def amount(value: Mapping[str, Any]) -> orjson.Fragment:
    """Money of the wire as a JSON number in major units: 10000 USD is `100.00`, 5000 JPY `5000`.

    The digits are written from the integer; no float ever holds them (rule M1).
    """
    return orjson.Fragment(str(Money(value["amount"], value["currency"]).decimal()))


def money(value: Mapping[str, Any]) -> dict[str, Any]:
    """Money of the wire as `{"amount": 100.00, "currency": "USD"}`."""
    return {"amount": amount(value), "currency": value["currency"]}


class Amount(fields.Field[orjson.Fragment]):
    """A decimal number in major units with exactly the digits of its currency; for documentation."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            metadata={"type": "number", "examples": [100.5], **kwargs.pop("metadata", {})}, **kwargs
        )


class TolerantSchema(Schema):
    """An answer: a later release may add members to it."""

    class Meta:
        unknown = EXCLUDE


class PublicMoney(TolerantSchema):
    """An amount in major units (`100.00` US dollars, `5000` yen) and its currency by ISO 4217."""

    amount = Amount(required=True)
    currency = fields.String(required=True, validate=validate.OneOf(sorted(EXPONENTS)))


@cache
def presenter(schema: type[Schema]) -> Present:
    """The function that turns an object of this contract into public JSON.

    Members that the contract does not know are left out; instants may be text or datetimes; decimals, text
    or Decimals, leave as numbers with the digits that they have.
    """
    if issubclass(schema, MoneySchema):
        return money
    members = [
        (name, camel_case(name), _present_field(field)) for name, field in schema._declared_fields.items()
    ]

    def present(value: Mapping[str, Any]) -> dict[str, Any]:
        public: dict[str, Any] = {}
        for name, public_name, convert in members:
            item = value.get(name)
            public[public_name] = item if item is None or convert is None else convert(item)
        return public

    return present


def _present_field(field: fields.Field[Any]) -> Present | None:
    if isinstance(field, fields.Nested):
        nested = field.nested
        inner = presenter(nested if isinstance(nested, type) else type(field.schema))
        return (lambda items: [inner(item) for item in items]) if field.many else inner
    if isinstance(field, fields.List):
        each = _present_field(field.inner)
        return None if each is None else lambda items: [each(item) for item in items]
    if isinstance(field, Instant):
        return lambda value: value if isinstance(value, str) else clock.to_text(value)
    if isinstance(field, fields.Decimal):
        return lambda value: orjson.Fragment(f"{Decimal(value):f}")
    return None


@cache
def public_schema(schema: type[Schema], *left_out: str) -> type[Schema]:
    """The public face of a contract's object, for OpenAPI: what `presenter` makes, as a schema."""
    if issubclass(schema, MoneySchema):
        return PublicMoney
    members = {
        camel_case(name): _public_field(field)
        for name, field in schema._declared_fields.items()
        if name not in left_out
    }
    name = schema.__name__.removesuffix("Schema")
    return type(name, (TolerantSchema,), {"__doc__": schema.__doc__, **members})


def _public_field(field: fields.Field[Any]) -> fields.Field[Any]:
    if isinstance(field, fields.Nested):
        nested = field.nested
        inner = public_schema(nested if isinstance(nested, type) else type(field.schema))
        return fields.Nested(inner, many=field.many, required=True, allow_none=field.allow_none)
    if isinstance(field, fields.List):
        return fields.List(_public_field(field.inner), required=True, allow_none=field.allow_none)
    return field

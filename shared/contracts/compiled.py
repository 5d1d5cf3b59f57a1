"""The contracts' schemas as plain functions, for what is as it should be.

marshmallow reads and checks a list of forty slots in about a millisecond, and each answer passes it three
times. These functions do the same in a fraction. They know no error: what they are not sure of, they leave to
marshmallow, which then says what is wrong, or that nothing is.
"""

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, Never

from marshmallow import Schema, ValidationError, fields, missing, validate

from shared import clock
from shared.contracts.fields import Flag, Id, Instant
from shared.ids import is_id

Convert = Callable[[Any], Any]
Check = Callable[[Any], object]

_REQUIRED: Final = object()
EXACT: Final = 2**53
"""Whole numbers below it are floats without loss."""


class UnsureError(Exception):
    """Only marshmallow can tell what this is."""


class _Member(NamedTuple):
    """A field: its name where it comes from and where it goes, and what it becomes."""

    source: str
    target: str
    convert: Convert
    is_nullable: bool
    absent: Any
    """What stands for one that isn't there; `missing`: nothing does; `_REQUIRED`: it has to be there."""


@functools.cache
def reader(schema: type[Schema]) -> Convert:
    """From the wire to values, as marshmallow's `load` with unknown members left out, at every depth. What it
    returns raises UnsureError."""
    return _object(schema, _read_member)


@functools.cache
def writer(schema: type[Schema]) -> Convert:
    """From values to the wire, as marshmallow's `dump`, and only what its `validate` has nothing to say of.
    What it returns raises UnsureError."""
    return _object(schema, _write_member)


def _object(schema: type[Schema], make: Callable[[str, fields.Field[Any]], _Member]) -> Convert:
    made = schema()
    if any(schema._hooks.values()) or made.load_only or made.dump_only:
        # It says more than its fields do.
        return _unsure
    return functools.partial(_convert, [make(name, field) for name, field in made.fields.items()])


def _convert(members: Sequence[_Member], value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise UnsureError
    converted: dict[str, Any] = {}
    for source, target, convert, is_nullable, absent in members:
        item = value.get(source, missing)
        if item is missing:
            if absent is _REQUIRED:
                raise UnsureError
            if absent is not missing:
                converted[target] = absent
        elif item is not None:
            converted[target] = convert(item)
        elif is_nullable:
            converted[target] = None
        else:
            raise UnsureError
    return converted


def _unsure(_value: Any) -> Never:
    raise UnsureError


def _read_member(name: str, field: fields.Field[Any]) -> _Member:
    absent = _REQUIRED if field.required or callable(field.load_default) else field.load_default
    return _Member(
        _on_the_wire(name, field), name, _checked(_reads(field), field), bool(field.allow_none), absent
    )


def _write_member(name: str, field: fields.Field[Any]) -> _Member:
    absent = _REQUIRED if field.required else missing
    convert = _checked(_writes(field), field)
    return _Member(name, _on_the_wire(name, field), convert, bool(field.allow_none), absent)


def _on_the_wire(name: str, field: fields.Field[Any]) -> str:
    return name if field.data_key is None else field.data_key


def _reads(field: fields.Field[Any]) -> Convert:
    kind = type(field)
    if isinstance(field, fields.Nested):
        inner = reader(type(field.schema))
        return _each(inner) if field.many else inner
    if isinstance(field, fields.List):
        return _each(_checked(_reads(field.inner), field.inner))
    if kind is Instant:
        return _instant
    return _SAME.get(kind) or functools.partial(_by_marshmallow, field)


def _writes(field: fields.Field[Any]) -> Convert:
    kind = type(field)
    if isinstance(field, fields.Nested):
        inner = writer(type(field.schema))
        return _each(inner) if field.many else inner
    if isinstance(field, fields.List):
        return _each(_checked(_writes(field.inner), field.inner))
    if kind is Instant:
        return _instant_text
    return _SAME.get(kind) or functools.partial(_written_by_marshmallow, field)


def _each(convert: Convert) -> Convert:
    def convert_each(items: Any) -> list[Any]:
        if type(items) not in (list, tuple):
            raise UnsureError
        return [convert(item) for item in items]

    return convert_each


def _checked(convert: Convert, field: fields.Field[Any]) -> Convert:
    """With the field's own validators, where neither the conversion nor marshmallow has asked them. They see
    what a reader makes of the wire's value, which for these fields is what a writer makes as well."""
    is_plain = type(field) in _SAME or isinstance(field, fields.Nested | fields.List | Instant)
    checks = [_check(one) for one in field.validators if is_plain and not isinstance(field, Id)]
    if not checks:
        return convert
    if isinstance(field, Instant):
        return _unsure

    def convert_and_check(item: Any) -> Any:
        value = convert(item)
        for check in checks:
            if not check(value):
                raise UnsureError
        return value

    return convert_and_check


def _check(validator: Callable[[Any], object]) -> Check:
    if type(validator) is validate.Regexp:
        return validator.regex.match
    if type(validator) is validate.OneOf:
        return frozenset(validator.choices).__contains__
    return functools.partial(_passes, validator)


def _passes(validator: Callable[[Any], object], value: Any) -> bool:
    try:
        validator(value)
    except ValidationError:
        return False
    return True


def _by_marshmallow(field: fields.Field[Any], value: Any) -> Any:
    try:
        return field.deserialize(value)
    except ValidationError:
        raise UnsureError from None


def _written_by_marshmallow(field: fields.Field[Any], value: Any) -> Any:
    name = field.name or ""
    try:
        written = field.serialize(name, {name: value})
    except (ArithmeticError, AttributeError, TypeError, ValueError):
        raise UnsureError from None
    _by_marshmallow(field, written)
    return written


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value if type(value) is str else str(value)
    raise UnsureError


def _id(value: Any) -> str:
    if is_id(value):
        return _text(value)
    raise UnsureError


def _integer(value: Any) -> int:
    if type(value) is int:
        return value
    raise UnsureError


def _number(value: Any) -> float:
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is int and -EXACT < value < EXACT:
        return float(value)
    raise UnsureError


def _truth(value: Any) -> bool:
    if type(value) is bool:
        return value
    raise UnsureError


def _instant(value: Any) -> datetime:
    try:
        return clock.from_text(value)
    except (TypeError, ValueError):
        raise UnsureError from None


def _instant_text(value: Any) -> str:
    if type(value) is datetime and value.tzinfo is not None:
        return clock.to_text(value)
    raise UnsureError


_SAME: Mapping[type[fields.Field[Any]], Convert] = {
    fields.String: _text,
    Id: _id,
    fields.Integer: _integer,
    fields.Float: _number,
    fields.Boolean: _truth,
    Flag: _truth,
}
"""What is the same on the wire and in Python."""

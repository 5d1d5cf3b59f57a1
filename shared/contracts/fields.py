"""Fields that several contracts share: ids, instants, money, languages."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from shared import clock
from shared.ids import is_id
from shared.money import EXPONENTS

MOST_OF_A_NAME = 200


def _check_id(value: str) -> None:
    if not is_id(value):
        raise ValidationError("Not an id.")


class Id(fields.String):
    """A UUID in lower-case text."""

    default_error_messages = {"invalid": "Not an id."}

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"format": "uuid", **kwargs.pop("metadata", {})}
        super().__init__(validate=_check_id, metadata=metadata, **kwargs)


class Instant(fields.Field[datetime]):
    """An instant: aware datetime in Python, ISO 8601 in UTC with a trailing Z on the wire."""

    default_error_messages = {"invalid": "Not an instant in ISO 8601 with an offset."}

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"type": "string", "format": "date-time", **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else clock.to_text(value)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        try:
            return clock.from_text(value).astimezone(UTC)
        except (TypeError, ValueError):
            raise self.make_error("invalid") from None


class Flag(fields.Boolean):
    """`true` or `false`, and nothing that is like them."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class MoneySchema(Schema):
    """`{"amount": <integer in minor units>, "currency": "USD"}`."""

    amount = fields.Integer(required=True, strict=True)
    currency = fields.String(required=True, validate=validate.OneOf(sorted(EXPONENTS)))


def money(**kwargs: Any) -> fields.Nested:
    return fields.Nested(MoneySchema, **kwargs)


def required_money() -> fields.Nested:
    return fields.Nested(MoneySchema, required=True)


class TextsSchema(Schema):
    """One text in the languages of the platform: English always, Arabic where there is one."""

    en = fields.String(required=True)
    ar = fields.String(load_default=None, allow_none=True)


class NameSchema(TextsSchema):
    """A name that somebody gives: some text, and not too much to be shown in a list."""

    en = fields.String(required=True, validate=validate.Length(1, MOST_OF_A_NAME))
    ar = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, MOST_OF_A_NAME))


def currency(**kwargs: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(sorted(EXPONENTS)), **kwargs)


def local_date(**kwargs: Any) -> fields.String:
    """A calendar date in the provider's zone, `2027-01-15`."""
    return fields.String(validate=validate.Regexp(r"^\d{4}-\d{2}-\d{2}\Z"), **kwargs)


def local_time(**kwargs: Any) -> fields.String:
    """A local time in the provider's zone, `HH:MM`."""
    return fields.String(validate=validate.Regexp(r"^\d{2}:\d{2}\Z"), **kwargs)


def utc_offset(**kwargs: Any) -> fields.String:
    """`+02:00`: which of the two instants of a repeated local time is meant; left out where there is one."""
    pattern = validate.Regexp(r"^[+-]\d{2}:\d{2}\Z")
    return fields.String(load_default=None, allow_none=True, validate=pattern, **kwargs)


class PageRequestSchema(Schema):
    """Where a list goes on. `cursor` is opaque and comes from the page before."""

    limit = fields.Integer(load_default=20, strict=True, validate=validate.Range(1, 100))
    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))


def idempotency_key() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 255))

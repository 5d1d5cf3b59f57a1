"""Amounts as clients write them: decimal numbers in major units, never a float."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from marshmallow import ValidationError, fields

MAX_DIGITS = 12
"""No price of ours is longer; a longer number is a mistake."""
MAX_FRACTION = 6
"""Longer fractions than any currency has, so that the refusal can name the currency's own."""


class DecimalNumber(fields.Field[Decimal]):
    """A JSON number, or in a query its text, zero or more, as a Decimal with the digits that were written."""

    default_error_messages = {"invalid": "Not a decimal number of zero or more."}

    def __init__(self, *, from_text: bool = False, **kwargs: Any) -> None:
        metadata = {"type": "number", "minimum": 0, "examples": [5.5], **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)
        self._from_text = from_text

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, str if self._from_text else int | Decimal):
            raise self.make_error("invalid")
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise self.make_error("invalid") from None
        if not number.is_finite() or number < 0 or number.is_signed():
            raise self.make_error("invalid")
        return _of_sensible_size(number)


def _of_sensible_size(number: Decimal) -> Decimal:
    exponent = number.as_tuple().exponent
    if number and (
        number.adjusted() >= MAX_DIGITS or not isinstance(exponent, int) or exponent < -MAX_FRACTION
    ):
        raise ValidationError("Too many digits.")
    return number

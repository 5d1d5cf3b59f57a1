"""What requests and answers about commission rules and figures of money look like; for administrators."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts.fields import (
    Id,
    Instant,
    PageRequestSchema,
    currency,
    idempotency_key,
    local_date,
    money,
    required_money,
)

MOST_LINES = 500
RATE_DIGITS = 5


def rate() -> fields.Decimal:
    """A share of the service's price, `"0.08500"`: 0 to 1 with at most five digits after the point."""
    return fields.Decimal(required=True, as_string=True, allow_nan=False, validate=_check_rate)


def _check_rate(value: Decimal) -> None:
    exponent = value.as_tuple().exponent
    if not 0 <= value <= 1:
        raise ValidationError("Not between 0 and 1.")
    if not isinstance(exponent, int) or exponent < -RATE_DIGITS:
        raise ValidationError("At most five digits after the point.")


class CommissionLineSchema(Schema):
    """A rate for payments to which all that it names applies; it names one thing at least.

    `category` is a slug of the catalogue. `from_bookings`: the provider had so many captured bookings in
    the calendar month before the one of the quote, in the operator's zone.
    """

    provider_id = Id(load_default=None, allow_none=True)
    category = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    from_bookings = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 1_000_000))
    rate = rate()


class CommissionTermsSchema(Schema):
    """A set of rules. Of the lines that match, the one that names the provider comes first, then the one
    that names the category, then the highest tier; `default_rate` is for what no line matches."""

    default_rate = rate()
    lines = fields.List(
        fields.Nested(CommissionLineSchema), required=True, validate=validate.Length(0, MOST_LINES)
    )

    @validates_schema
    def _names_each_once(self, data: dict[str, Any], **_options: Any) -> None:
        named = [(line["provider_id"], line["category"], line["from_bookings"]) for line in data["lines"]]
        if (None, None, 0) in named:
            raise ValidationError("A line names a provider, a category or a number of bookings.", "lines")
        if len(set(named)) < len(named):
            raise ValidationError("Two lines name the same.", "lines")


class ProposeCommissionRulesRequestSchema(CommissionTermsSchema):
    """A new set, valid for prices that are quoted from `valid_from` on, which lies in the future."""

    valid_from = Instant(required=True)
    reason = fields.String(required=True, validate=validate.Length(1, 500))
    idempotency_key = idempotency_key()


class CommissionRulesSchema(CommissionTermsSchema):
    """A set as it stands. Who proposed it, and why, are null of the first one, which is a setting's."""

    rules_id = Id(required=True)
    valid_from = Instant(required=True)
    reason = fields.String(required=True, allow_none=True)
    proposed_by = Id(required=True, allow_none=True)
    proposed_at = Instant(required=True)


class ListCommissionRulesRequestSchema(PageRequestSchema):
    """Every set, the newest `valid_from` first."""


class CommissionRulesListSchema(Schema):
    rules = fields.List(fields.Nested(CommissionRulesSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class PeriodSchema(Schema):
    """Days of the operator's zone, both included."""

    from_date = local_date(required=True)
    to_date = local_date(required=True)


class PreviewCommissionRulesRequestSchema(CommissionTermsSchema, PeriodSchema):
    """Terms that are tried on the payments captured in these days; nothing is stored."""


class CommissionDifferenceSchema(Schema):
    """What the platform kept of some payments, and what it would have kept; refunds are counted."""

    provider_id = Id(required=True, allow_none=True)
    category = fields.String(required=True, allow_none=True)
    payments = fields.Integer(required=True)
    commission = required_money()
    commission_by_terms = required_money()
    difference = required_money()


class CommissionPreviewSchema(Schema):
    """By provider and category, and in total for each currency."""

    time_zone = fields.String(required=True)
    differences = fields.List(fields.Nested(CommissionDifferenceSchema), required=True)
    totals = fields.List(fields.Nested(CommissionDifferenceSchema), required=True)


class GroupBy(StrEnum):
    """What figures are told apart by, besides the currency."""

    DAY = "day"
    CATEGORY = "category"
    CITY = "city"
    PROVIDER = "provider"
    CURRENCY = "currency"


class GetMoneyFiguresRequestSchema(PeriodSchema):
    group_by = fields.String(
        load_default=GroupBy.DAY.value, validate=validate.OneOf([one.value for one in GroupBy])
    )
    currency = currency(load_default=None, allow_none=True)


class MoneyFigureSchema(Schema):
    """Sums of the ledger's entries of one currency; `group` is null where it is not known.

    `revenue` is what was captured, `refunds` what was owed back, `commission` what the platform kept: each
    by the day of its posting. `bookings` were captured; `average_per_booking` is their revenue divided by
    them, null without any.
    """

    group = fields.String(required=True, allow_none=True)
    revenue = required_money()
    commission = required_money()
    refunds = required_money()
    bookings = fields.Integer(required=True)
    average_per_booking = money(required=True, allow_none=True)


class MoneyFiguresSchema(Schema):
    """Figures in order of group and currency; `totals` has one for each currency."""

    time_zone = fields.String(required=True)
    figures = fields.List(fields.Nested(MoneyFigureSchema), required=True)
    totals = fields.List(fields.Nested(MoneyFigureSchema), required=True)

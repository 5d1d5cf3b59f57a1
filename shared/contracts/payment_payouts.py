"""What requests, answers and events about providers' money look like, and the questions about it."""

from enum import StrEnum

from marshmallow import Schema, fields, validate

from shared.contracts.declaration import MethodKind, RpcMethod
from shared.contracts.fields import (
    Id,
    Instant,
    PageRequestSchema,
    currency,
    local_date,
    required_money,
)
from shared.errors import forbidden

SERVICE = "payment"


class PayoutStatus(StrEnum):
    """How far a payout is. `sent`: on its way to the bank; `failed` may also follow `paid`."""

    SENT = "sent"
    PAID = "paid"
    FAILED = "failed"


class PayoutAccountStatus(StrEnum):
    """`none`: not opened. `pending`: its owner has not told Stripe all. `restricted`: Stripe asks for
    more, or has refused. `active`: takes payments and is paid out."""

    NONE = "none"
    PENDING = "pending"
    RESTRICTED = "restricted"
    ACTIVE = "active"


class ProviderRequestSchema(Schema):
    """Which provider; the caller is its owner, or an administrator."""

    provider_id = Id(required=True)


class PayoutAccountSchema(Schema):
    """Where a provider's money goes. The lists name what Stripe asks for, in Stripe's words: now, overdue,
    and what it is checking. `onboarding_url` is Stripe's page for telling it, good once and for minutes; null
    unless it was asked for. `simulated`: no money moves, and there is no such page."""

    provider_id = Id(required=True)
    status = fields.String(required=True, validate=validate.OneOf([s.value for s in PayoutAccountStatus]))
    takes_payments = fields.Boolean(required=True)
    is_paid_out = fields.Boolean(required=True)
    currently_due = fields.List(fields.String(), required=True)
    past_due = fields.List(fields.String(), required=True)
    pending_verification = fields.List(fields.String(), required=True)
    disabled_reason = fields.String(required=True, allow_none=True)
    onboarding_url = fields.String(required=True, allow_none=True)
    onboarding_expires_at = Instant(required=True, allow_none=True)
    simulated = fields.Boolean(required=True)


class PayoutEventSchema(Schema):
    """A payout's public state. `visits`: of how many payments it pays something. `failure_code` is the
    payment provider's; what failed is due again. `simulated`: no money moves."""

    payout_id = Id(required=True)
    provider_id = Id(required=True)
    amount = required_money()
    status = fields.String(required=True, validate=validate.OneOf([s.value for s in PayoutStatus]))
    visits = fields.Integer(required=True)
    failure_code = fields.String(required=True, allow_none=True)
    simulated = fields.Boolean(required=True)


class MoneyOfProviderSchema(Schema):
    """Where a provider's money of one currency stands. `waiting`: visits ahead, or waiting after them. `due`:
    in the next payout. `receivable`: owed by the provider, kept from payouts. `in_transit`: on its way to the
    bank. `paid_out`: all that has arrived."""

    waiting = required_money()
    due = required_money()
    receivable = required_money()
    in_transit = required_money()
    paid_out = required_money()


class EarningsSchema(Schema):
    """One entry per currency. `simulated`: no money moves."""

    provider_id = Id(required=True)
    earnings = fields.List(fields.Nested(MoneyOfProviderSchema), required=True)
    simulated = fields.Boolean(required=True)


class PeriodRequestSchema(ProviderRequestSchema):
    """Days of the provider's zone, both included. `currency`: by default the one it was paid in last."""

    from_date = local_date(required=True)
    to_date = local_date(required=True)
    currency = currency(load_default=None, allow_none=True)


class StatementRequestSchema(PeriodRequestSchema, PageRequestSchema):
    """A page of a period's lines."""


class StatementCsvRequestSchema(PeriodRequestSchema):
    """The next part; `cursor` is opaque and comes from the part before."""

    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))


class PeriodSchema(Schema):
    """What a statement covers. `simulated`: no money moves."""

    provider_id = Id(required=True)
    currency = currency(required=True)
    from_date = local_date(required=True)
    to_date = local_date(required=True)
    time_zone = fields.String(required=True)
    simulated = fields.Boolean(required=True)


class StatementLineSchema(Schema):
    """One fact about the provider's money. `amount` is above zero where the provider gets it; `service`,
    `tip` and `commission` are its parts where it has them; `balance` is the provider's after it."""

    posted_at = Instant(required=True)
    kind = fields.String(required=True)
    booking_id = Id(required=True)
    payment_id = Id(required=True)
    payout_id = Id(required=True, allow_none=True)
    service = required_money()
    tip = required_money()
    commission = required_money()
    amount = required_money()
    balance = required_money()


class StatementSchema(PeriodSchema):
    """A page of lines, and what all lines of the period add up to, by kind."""

    opening_balance = required_money()
    closing_balance = required_money()
    earned = required_money()
    refunded = required_money()
    commission_returned = required_money()
    disputed = required_money()
    paid_out = required_money()
    payout_failed = required_money()
    lines = fields.List(fields.Nested(StatementLineSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class StatementCsvSchema(PeriodSchema):
    """RFC 4180 rows, the first part with a header; `next` is null in the last."""

    csv = fields.String(required=True)
    next = fields.String(required=True, allow_none=True)


GET_PAYOUT_ACCOUNT = RpcMethod(
    SERVICE,
    "get_payout_account",
    MethodKind.QUESTION,
    ProviderRequestSchema,
    PayoutAccountSchema,
    (forbidden,),
)
GET_EARNINGS = RpcMethod(
    SERVICE, "get_earnings", MethodKind.QUESTION, ProviderRequestSchema, EarningsSchema, (forbidden,)
)
GET_STATEMENT = RpcMethod(
    SERVICE, "get_statement", MethodKind.QUESTION, StatementRequestSchema, StatementSchema, (forbidden,)
)
GET_STATEMENT_CSV = RpcMethod(
    SERVICE,
    "get_statement_csv",
    MethodKind.QUESTION,
    StatementCsvRequestSchema,
    StatementCsvSchema,
    (forbidden,),
)
PROVIDER_QUESTIONS = (GET_PAYOUT_ACCOUNT, GET_EARNINGS, GET_STATEMENT, GET_STATEMENT_CSV)
"""A provider's money is its owner's and administrators' to see: `forbidden` for its staff."""

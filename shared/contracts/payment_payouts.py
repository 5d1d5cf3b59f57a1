"""What requests, answers and events about providers' money look like."""

from enum import StrEnum

from marshmallow import Schema, fields, validate

from shared.contracts.fields import Id, Instant, required_money


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
    """Which provider; the caller acts for it."""

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

"""What administrators' questions and commands about refunds look like, and their answers."""

from enum import StrEnum

from marshmallow import Schema, fields, validate

from shared.contracts.fields import Flag, Id, Instant, PageRequestSchema, idempotency_key, required_money

MOST_OF_A_REASON = 500


class RefundState(StrEnum):
    """Where a refund stands, as an administrator sees it. `due`: owed. `claimed`: a request may be on its
    way. `blocked`: the provider's account can't give it; an administrator decides. `covered`: owed no more,
    for a bank gave the customer the money by a dispute. The rest is the payment provider's word."""

    DUE = "due"
    CLAIMED = "claimed"
    BLOCKED = "blocked"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    COVERED = "covered"


class RefundWishSchema(Schema):
    """What is to go back of a payment, in major units as text (`"75.00"`), since the currency is the
    payment's: either `amount`, which is taken from the service part first, or the two parts."""

    payment_id = Id(required=True)
    amount = fields.Decimal(load_default=None, allow_none=True, as_string=True, allow_nan=False)
    service_amount = fields.Decimal(load_default=None, allow_none=True, as_string=True, allow_nan=False)
    tip_amount = fields.Decimal(load_default=None, allow_none=True, as_string=True, allow_nan=False)


class RefundPaymentRequestSchema(RefundWishSchema):
    """`preview_id` names the numbers that were shown: exactly these are carried out, or none."""

    preview_id = fields.String(required=True, validate=validate.Length(1, 100))
    reason = fields.String(required=True, validate=validate.Length(1, MOST_OF_A_REASON))
    idempotency_key = idempotency_key()


class RefundPreviewSchema(Schema):
    """What a refund would move. `refund` goes back to the customer: `provider_bears` of it from the
    provider, `platform_bears` as commission that the platform gives up. `left`: what is kept of the payment
    after it, all refunds that are owed or under way counted."""

    preview_id = fields.String(required=True)
    payment_id = Id(required=True)
    booking_id = Id(required=True)
    refund = required_money()
    service_refund = required_money()
    tip_refund = required_money()
    provider_bears = required_money()
    platform_bears = required_money()
    left = required_money()
    left_service = required_money()
    left_tip = required_money()


class RefundRecordSchema(Schema):
    """A refund with all that an administrator may know. `reason` and `requested_by` are of one that an
    administrator asked for; `cause` says what else it came from. `reverses_transfer`: the provider's account
    gives it; else the platform did, and `provider_bears` is kept from the provider's next payouts."""

    refund_id = Id(required=True)
    payment_id = Id(required=True)
    booking_id = Id(required=True)
    provider_id = Id(required=True)
    customer_id = Id(required=True)
    refund = required_money()
    service_refund = required_money()
    tip_refund = required_money()
    provider_bears = required_money()
    platform_bears = required_money()
    state = fields.String(required=True, validate=validate.OneOf([one.value for one in RefundState]))
    attempt = fields.Integer(required=True)
    reverses_transfer = fields.Boolean(required=True)
    failure_code = fields.String(required=True, allow_none=True)
    cause = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    requested_by = Id(required=True, allow_none=True)
    provider_refund_id = fields.String(required=True, allow_none=True)
    credit_note_number = fields.String(load_default=None, allow_none=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class ListRefundsRequestSchema(PageRequestSchema):
    """Newest first; filters add up."""

    payment_id = Id(load_default=None, allow_none=True)
    state = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf([one.value for one in RefundState])
    )


class RefundsSchema(Schema):
    refunds = fields.List(fields.Nested(RefundRecordSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class RetryRefundRequestSchema(Schema):
    """Begin a failed or blocked refund anew. `without_reversal`: the platform gives it, and the provider
    owes it from then on."""

    refund_id = Id(required=True)
    without_reversal = Flag(load_default=False)
    idempotency_key = idempotency_key()


class InspectPaymentRequestSchema(Schema):
    payment_id = Id(required=True)


class LedgerLineSchema(Schema):
    """One entry of the ledger; a debit is positive. `reference` is the object at Stripe that proves it."""

    posted_at = Instant(required=True)
    kind = fields.String(required=True)
    account = fields.String(required=True)
    amount = required_money()
    reference = fields.String(required=True, allow_none=True)


class PaymentRecordSchema(Schema):
    """A payment with all that an administrator may know. `left` is what is kept of it, refunds that are
    owed or under way counted; `other_payment_ids` are those of the same booking."""

    payment_id = Id(required=True)
    booking_id = Id(required=True)
    customer_id = Id(required=True)
    provider_id = Id(required=True)
    payment_intent_id = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    amount = required_money()
    service_amount = required_money()
    tip_amount = required_money()
    platform_commission = required_money()
    provider_amount = required_money()
    captured = required_money()
    refunded = required_money()
    left = required_money()
    failure_code = fields.String(required=True, allow_none=True)
    simulated = fields.Boolean(required=True)
    created_at = Instant(required=True)
    invoice_number = fields.String(load_default=None, allow_none=True)
    refunds = fields.List(fields.Nested(RefundRecordSchema), required=True)
    other_payment_ids = fields.List(Id(), required=True)
    ledger = fields.List(fields.Nested(LedgerLineSchema), required=True)

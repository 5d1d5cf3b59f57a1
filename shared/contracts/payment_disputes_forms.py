"""What questions and commands about disputes and webhooks look like, their answers, and the events."""

from enum import StrEnum

from marshmallow import Schema, fields, validate

from shared.contracts.fields import Flag, Id, Instant, PageRequestSchema, idempotency_key, required_money
from shared.contracts.payment_forms import PaymentEventSchema
from shared.contracts.payment_refunds_forms import MOST_OF_A_REASON

MOST_OF_EVIDENCE = 20000
"""Characters of one text; Stripe takes no more."""


class DisputeState(StrEnum):
    """Stripe's words. `warning_*`: the bank asks, and has taken nothing. The last three are its end, and
    so is `warning_closed`."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_UNDER_REVIEW = "warning_under_review"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    PREVENTED = "prevented"
    WON = "won"
    LOST = "lost"


def _state() -> fields.String:
    return fields.String(required=True, validate=validate.OneOf([one.value for one in DisputeState]))


def _dispute_id() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 255))


class PaymentDisputedSchema(PaymentEventSchema):
    """A card's bank disputes a payment, in whole or in part, for the first time. While it is open nothing of
    the payment goes out: no refund, no payout."""

    dispute_id = _dispute_id()
    disputed = required_money()
    reason = fields.String(required=True)
    dispute_status = _state()
    evidence_due_by = Instant(required=True, allow_none=True)


class PaymentDisputeClosedSchema(PaymentDisputedSchema):
    """It has ended. `lost` stays with the bank: `provider_bears` of it from the provider's part."""

    lost = required_money()
    provider_bears = required_money()


class DisputeRecordSchema(Schema):
    """A dispute with all that an administrator may know. `lost` is zero unless it was: `provider_bears` of it
    from the provider, `commission_lost` from the commission, `platform_loss` what was more than the
    payment had left. `simulated`: the payment is the stand-in's, and so no bank disputes it."""

    dispute_id = _dispute_id()
    payment_id = Id(required=True)
    booking_id = Id(required=True)
    customer_id = Id(required=True)
    provider_id = Id(required=True)
    disputed = required_money()
    reason = fields.String(required=True)
    dispute_status = _state()
    is_charge_refundable = fields.Boolean(required=True)
    evidence_due_by = Instant(required=True, allow_none=True)
    has_evidence = fields.Boolean(required=True)
    submissions = fields.Integer(required=True)
    opened_at = Instant(required=True)
    closed_at = Instant(required=True, allow_none=True)
    lost = required_money()
    provider_bears = required_money()
    commission_lost = required_money()
    platform_loss = required_money()
    simulated = fields.Boolean(required=True)


class DisputeMovementSchema(Schema):
    """Money between Stripe and the bank, by Stripe's balance transaction: `taken`, or below zero given back.
    `fee` is Stripe's own."""

    reference = fields.String(required=True)
    taken = required_money()
    fee = required_money()


class DisputeRequestSchema(Schema):
    """What was asked of Stripe about a dispute, and what came of it: evidence, or the provider's part taken
    back or given again. `not_simulated`: the stand-in knows none of it."""

    operation = fields.String(required=True)
    state = fields.String(required=True)
    error_code = fields.String(required=True, allow_none=True)
    params = fields.Dict(required=True)
    asked_at = Instant(required=True)


class DisputeDetailSchema(DisputeRecordSchema):
    movements = fields.List(fields.Nested(DisputeMovementSchema), required=True)
    requests = fields.List(fields.Nested(DisputeRequestSchema), required=True)
    other_dispute_ids = fields.List(fields.String(), required=True)


class ListDisputesRequestSchema(PageRequestSchema):
    """Newest first."""

    only_open = fields.Boolean(load_default=False)


class DisputesSchema(Schema):
    disputes = fields.List(fields.Nested(DisputeRecordSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class GetDisputeRequestSchema(Schema):
    dispute_id = _dispute_id()


def _evidence() -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(1, MOST_OF_EVIDENCE))


class EvidenceTextsSchema(Schema):
    """What the bank is told, in Stripe's members; those that are left out are left as they are there."""

    product_description = _evidence()
    service_date = _evidence()
    refund_policy_disclosure = _evidence()
    cancellation_policy_disclosure = _evidence()
    refund_refusal_explanation = _evidence()
    uncategorized_text = _evidence()


class SubmitEvidenceRequestSchema(Schema):
    """`submit`: the bank gets it, which can't be taken back; else it is kept at Stripe until then."""

    dispute_id = _dispute_id()
    evidence = fields.Nested(EvidenceTextsSchema, required=True)
    submit = Flag(load_default=True)
    reason = fields.String(required=True, validate=validate.Length(1, MOST_OF_A_REASON))
    idempotency_key = idempotency_key()


class WebhookOutcome(StrEnum):
    """`waiting`: a job works it; `parked`: that job has given up; `kept`: of a kind that nobody works."""

    WAITING = "waiting"
    PARKED = "parked"
    WORKED = "worked"
    KEPT = "kept"


class WebhookRecordSchema(Schema):
    """A webhook as it was kept: never its payload. `account`: of which provider's account it speaks."""

    event_id = fields.String(required=True)
    type = fields.String(required=True)
    object_id = fields.String(required=True, allow_none=True)
    account = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, validate=validate.OneOf([one.value for one in WebhookOutcome]))
    attempts = fields.Integer(required=True)
    reason = fields.String(required=True, allow_none=True)
    stated_at = Instant(required=True)
    received_at = Instant(required=True)
    worked_at = Instant(required=True, allow_none=True)


class ListWebhooksRequestSchema(PageRequestSchema):
    """Newest first."""

    outcome = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf([one.value for one in WebhookOutcome])
    )


class WebhooksSchema(Schema):
    webhooks = fields.List(fields.Nested(WebhookRecordSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class ReplayWebhookRequestSchema(Schema):
    event_id = fields.String(required=True, validate=validate.Length(1, 255))
    idempotency_key = idempotency_key()

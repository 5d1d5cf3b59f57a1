"""The part of payment's public face about disputes and kept webhooks; all of it is for administrators."""

from shared.contracts.declaration import EventType, MethodKind, RpcMethod
from shared.contracts.payment_disputes_forms import (
    DisputeDetailSchema,
    DisputesSchema,
    GetDisputeRequestSchema,
    ListDisputesRequestSchema,
    ListWebhooksRequestSchema,
    PaymentDisputeClosedSchema,
    PaymentDisputedSchema,
    ReplayWebhookRequestSchema,
    SubmitEvidenceRequestSchema,
    WebhookRecordSchema,
    WebhooksSchema,
)
from shared.errors import Category, ErrorCode

SERVICE = "payment"

payment_in_dispute = ErrorCode(
    "payment_in_dispute",
    Category.CONFLICT,
    "A card's bank has disputed this payment. Nothing is refunded until that is decided.",
)
dispute_closed = ErrorCode(
    "dispute_closed", Category.CONFLICT, "This dispute is decided; no evidence is taken any more."
)
evidence_refused = ErrorCode(
    "evidence_refused", Category.CONFLICT, "Stripe does not take this evidence. Change it and try again."
)
webhook_not_worked = ErrorCode(
    "webhook_not_worked",
    Category.CONFLICT,
    "Webhooks of this kind are only kept; there is nothing to repeat.",
)

LIST_DISPUTES = RpcMethod(
    SERVICE, "list_disputes", MethodKind.QUESTION, ListDisputesRequestSchema, DisputesSchema
)
GET_DISPUTE = RpcMethod(
    SERVICE, "get_dispute", MethodKind.QUESTION, GetDisputeRequestSchema, DisputeDetailSchema
)
SUBMIT_DISPUTE_EVIDENCE = RpcMethod(
    SERVICE,
    "submit_dispute_evidence",
    MethodKind.PAYMENT_COMMAND,
    SubmitEvidenceRequestSchema,
    DisputeDetailSchema,
    (dispute_closed, evidence_refused),
)
LIST_WEBHOOKS = RpcMethod(
    SERVICE, "list_webhooks", MethodKind.QUESTION, ListWebhooksRequestSchema, WebhooksSchema
)
REPLAY_WEBHOOK = RpcMethod(
    SERVICE,
    "replay_webhook",
    MethodKind.COMMAND,
    ReplayWebhookRequestSchema,
    WebhookRecordSchema,
    (webhook_not_worked,),
)
DISPUTE_METHODS = (LIST_DISPUTES, GET_DISPUTE, SUBMIT_DISPUTE_EVIDENCE, LIST_WEBHOOKS, REPLAY_WEBHOOK)

PAYMENT_DISPUTED = EventType(SERVICE, "payment_disputed", 1, PaymentDisputedSchema)
PAYMENT_DISPUTE_CLOSED = EventType(SERVICE, "payment_dispute_closed", 1, PaymentDisputeClosedSchema)
DISPUTE_EVENTS = (PAYMENT_DISPUTED, PAYMENT_DISPUTE_CLOSED)

DISPUTE_ERRORS = (payment_in_dispute, dispute_closed, evidence_refused, webhook_not_worked)

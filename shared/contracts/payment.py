"""The public face of payment: paying a booking; events of a payment's life."""

from shared.contracts.booking import booking_state_conflict, hold_expired
from shared.contracts.declaration import EventType, MethodKind, RpcMethod
from shared.contracts.payment_books import ERRORS as BOOKS_ERRORS
from shared.contracts.payment_books import GET_MONEY_FIGURES as GET_MONEY_FIGURES
from shared.contracts.payment_books import LIST_COMMISSION_RULES as LIST_COMMISSION_RULES
from shared.contracts.payment_books import PREVIEW_COMMISSION_RULES as PREVIEW_COMMISSION_RULES
from shared.contracts.payment_books import PROPOSE_COMMISSION_RULES as PROPOSE_COMMISSION_RULES
from shared.contracts.payment_disputes import DISPUTE_ERRORS, DISPUTE_EVENTS, DISPUTE_METHODS
from shared.contracts.payment_disputes import GET_DISPUTE as GET_DISPUTE
from shared.contracts.payment_disputes import LIST_DISPUTES as LIST_DISPUTES
from shared.contracts.payment_disputes import LIST_WEBHOOKS as LIST_WEBHOOKS
from shared.contracts.payment_disputes import PAYMENT_DISPUTE_CLOSED as PAYMENT_DISPUTE_CLOSED
from shared.contracts.payment_disputes import PAYMENT_DISPUTED as PAYMENT_DISPUTED
from shared.contracts.payment_disputes import REPLAY_WEBHOOK as REPLAY_WEBHOOK
from shared.contracts.payment_disputes import SUBMIT_DISPUTE_EVIDENCE as SUBMIT_DISPUTE_EVIDENCE
from shared.contracts.payment_documents import DOCUMENT_ERRORS, DOCUMENT_METHODS
from shared.contracts.payment_documents import GET_CREDIT_NOTE as GET_CREDIT_NOTE
from shared.contracts.payment_documents import GET_INVOICE as GET_INVOICE
from shared.contracts.payment_documents import GET_STATEMENT_PDF as GET_STATEMENT_PDF
from shared.contracts.payment_documents import statement_too_long as statement_too_long
from shared.contracts.payment_forms import (
    ConfirmPaymentRequestSchema,
    EmptySchema,
    GetPaymentRequestSchema,
    ListPaymentsRequestSchema,
    PaymentCapturedSchema,
    PaymentEventSchema,
    PaymentModeSchema,
    PaymentRefundedSchema,
    PaymentSchema,
    PaymentsSchema,
    ProcessPaymentRequestSchema,
    TipBookingRequestSchema,
    WebhookAnswerSchema,
    WebhookRequestSchema,
)
from shared.contracts.payment_methods import LIST_PAYMENT_METHODS as LIST_PAYMENT_METHODS
from shared.contracts.payment_payouts import GET_EARNINGS as GET_EARNINGS
from shared.contracts.payment_payouts import GET_PAYOUT_ACCOUNT as GET_PAYOUT_ACCOUNT
from shared.contracts.payment_payouts import GET_STATEMENT as GET_STATEMENT
from shared.contracts.payment_payouts import GET_STATEMENT_CSV as GET_STATEMENT_CSV
from shared.contracts.payment_payouts import (
    PROVIDER_QUESTIONS,
    PayoutAccountSchema,
    PayoutEventSchema,
    ProviderRequestSchema,
)
from shared.contracts.payment_refunds import INSPECT_PAYMENT as INSPECT_PAYMENT
from shared.contracts.payment_refunds import LIST_REFUNDS as LIST_REFUNDS
from shared.contracts.payment_refunds import PREVIEW_REFUND as PREVIEW_REFUND
from shared.contracts.payment_refunds import REFUND_ERRORS, REFUND_METHODS
from shared.contracts.payment_refunds import REFUND_PAYMENT as REFUND_PAYMENT
from shared.contracts.payment_refunds import RETRY_REFUND as RETRY_REFUND
from shared.errors import Category, ErrorCode, forbidden
from shared.money import amount_precision

SERVICE = "payment"


amount_below_minimum = ErrorCode(
    "amount_below_minimum", Category.INVALID, "The amount is below what can be charged."
)
tip_too_large = ErrorCode("tip_too_large", Category.INVALID, "This tip is larger than we take.")
currency_mismatch = ErrorCode(
    "currency_mismatch", Category.CONFLICT, "The payment's currency or amount is not the quote's."
)
card_declined = ErrorCode(
    "card_declined", Category.PAYMENT_DECLINED, "The card was declined. Try another card."
)
provider_not_payable = ErrorCode(
    "provider_not_payable", Category.CONFLICT, "This provider cannot take payments yet."
)
payment_method_invalid = ErrorCode(
    "payment_method_invalid", Category.INVALID, "This payment method cannot be used."
)
already_tipped = ErrorCode("already_tipped", Category.CONFLICT, "A tip was given for this booking already.")
tip_not_possible = ErrorCode(
    "tip_not_possible", Category.CONFLICT, "What was paid for this booking went back: it takes no tip."
)
booking_not_completed = ErrorCode(
    "booking_not_completed", Category.CONFLICT, "A tip can be given once the visit has taken place."
)
already_paid = ErrorCode("already_paid", Category.CONFLICT, "This booking is paid already.")
payment_taken_back = ErrorCode(
    "payment_taken_back", Category.CONFLICT, "This payment was taken back. Begin another with a new key."
)
signature_invalid = ErrorCode(
    "signature_invalid", Category.MALFORMED, "The webhook's signature is not valid."
)
payments_not_configured = ErrorCode(
    "payments_not_configured", Category.UNAVAILABLE, "Payments are not configured here."
)
payout_country_not_supported = ErrorCode(
    "payout_country_not_supported", Category.CONFLICT, "Providers of this country can't be paid here."
)


PROCESS_ERRORS = (
    hold_expired,
    booking_state_conflict,
    amount_precision,
    amount_below_minimum,
    tip_too_large,
    currency_mismatch,
    card_declined,
    provider_not_payable,
    payment_method_invalid,
    already_paid,
    payment_taken_back,
    payments_not_configured,
)
CONFIRM_ERRORS = (
    hold_expired,
    amount_below_minimum,
    currency_mismatch,
    card_declined,
    payment_method_invalid,
    payment_taken_back,
    payments_not_configured,
)

PROCESS_PAYMENT = RpcMethod(
    SERVICE,
    "process_payment",
    MethodKind.PAYMENT_COMMAND,
    ProcessPaymentRequestSchema,
    PaymentSchema,
    PROCESS_ERRORS,
)
TIP_ERRORS = (
    booking_not_completed,
    tip_not_possible,
    already_tipped,
    amount_precision,
    amount_below_minimum,
    tip_too_large,
    currency_mismatch,
    card_declined,
    provider_not_payable,
    payment_method_invalid,
    payment_taken_back,
    payments_not_configured,
)
TIP_BOOKING = RpcMethod(
    SERVICE,
    "tip_booking",
    MethodKind.PAYMENT_COMMAND,
    TipBookingRequestSchema,
    PaymentSchema,
    TIP_ERRORS,
)
CONFIRM_PAYMENT = RpcMethod(
    SERVICE,
    "confirm_payment",
    MethodKind.PAYMENT_COMMAND,
    ConfirmPaymentRequestSchema,
    PaymentSchema,
    CONFIRM_ERRORS,
)
GET_PAYMENT = RpcMethod(SERVICE, "get_payment", MethodKind.QUESTION, GetPaymentRequestSchema, PaymentSchema)
LIST_PAYMENTS = RpcMethod(
    SERVICE, "list_payments", MethodKind.QUESTION, ListPaymentsRequestSchema, PaymentsSchema
)
RECEIVE_WEBHOOK = RpcMethod(
    SERVICE,
    "receive_webhook",
    MethodKind.COMMAND,
    WebhookRequestSchema,
    WebhookAnswerSchema,
    (signature_invalid, payments_not_configured),
)
GET_PAYMENT_MODE = RpcMethod(SERVICE, "get_payment_mode", MethodKind.QUESTION, EmptySchema, PaymentModeSchema)
OPEN_PAYOUT_ACCOUNT = RpcMethod(
    SERVICE,
    "open_payout_account",
    MethodKind.PAYMENT_COMMAND,
    ProviderRequestSchema,
    PayoutAccountSchema,
    (forbidden, payout_country_not_supported, payments_not_configured),
)
METHODS = (
    LIST_PAYMENT_METHODS,
    PROCESS_PAYMENT,
    TIP_BOOKING,
    CONFIRM_PAYMENT,
    GET_PAYMENT,
    LIST_PAYMENTS,
    RECEIVE_WEBHOOK,
    GET_PAYMENT_MODE,
    LIST_COMMISSION_RULES,
    PROPOSE_COMMISSION_RULES,
    PREVIEW_COMMISSION_RULES,
    GET_MONEY_FIGURES,
    *REFUND_METHODS,
    *DISPUTE_METHODS,
    *PROVIDER_QUESTIONS,
    OPEN_PAYOUT_ACCOUNT,
    *DOCUMENT_METHODS,
)


PAYMENT_ACTION_REQUIRED = EventType(SERVICE, "payment_action_required", 1, PaymentEventSchema)
PAYMENT_PROCESSING = EventType(SERVICE, "payment_processing", 1, PaymentEventSchema)
PAYMENT_SUCCEEDED = EventType(SERVICE, "payment_succeeded", 1, PaymentEventSchema)
PAYMENT_CAPTURED = EventType(SERVICE, "payment_captured", 1, PaymentCapturedSchema)
PAYMENT_FAILED = EventType(SERVICE, "payment_failed", 1, PaymentEventSchema)
PAYMENT_CANCELLED = EventType(SERVICE, "payment_cancelled", 1, PaymentEventSchema)
PAYMENT_REFUNDED = EventType(SERVICE, "payment_refunded", 1, PaymentRefundedSchema)
PAYOUT_SENT = EventType(SERVICE, "payout_sent", 1, PayoutEventSchema)
PAYOUT_PAID = EventType(SERVICE, "payout_paid", 1, PayoutEventSchema)
PAYOUT_FAILED = EventType(SERVICE, "payout_failed", 1, PayoutEventSchema)
EVENTS = (
    PAYMENT_ACTION_REQUIRED,
    PAYMENT_PROCESSING,
    PAYMENT_SUCCEEDED,
    PAYMENT_CAPTURED,
    PAYMENT_FAILED,
    PAYMENT_CANCELLED,
    PAYMENT_REFUNDED,
    *DISPUTE_EVENTS,
    PAYOUT_SENT,
    PAYOUT_PAID,
    PAYOUT_FAILED,
)
ERRORS = (
    *PROCESS_ERRORS,
    signature_invalid,
    payout_country_not_supported,
    *BOOKS_ERRORS,
    *REFUND_ERRORS,
    *DOCUMENT_ERRORS,
    *DISPUTE_ERRORS,
)

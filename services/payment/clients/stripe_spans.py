"""The span of a call to Stripe: which operation, how it ended, under which of Stripe's request ids."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import stripe
from opentelemetry.trace import Span, SpanKind

from services.payment.settings import Mode
from shared.telemetry import attributes as names
from shared.telemetry import tracing

ENDPOINTS: Mapping[str, tuple[str, str]] = {
    "create": ("POST", "/v1/payment_intents"),
    "confirm": ("POST", "/v1/payment_intents/{intent}/confirm"),
    "cancel": ("POST", "/v1/payment_intents/{intent}/cancel"),
    "capture": ("POST", "/v1/payment_intents/{intent}/capture"),
    "retrieve": ("GET", "/v1/payment_intents/{intent}"),
    "list": ("GET", "/v1/payment_intents"),
    "create_payment_method": ("POST", "/v1/payment_methods"),
    "refund": ("POST", "/v1/refunds"),
    "refund_fee": ("POST", "/v1/application_fees/{id}/refunds"),
    "retrieve_fee": ("GET", "/v1/application_fees/{id}"),
    "list_fee_refunds": ("GET", "/v1/application_fees/{id}/refunds"),
    "list_events": ("GET", "/v1/events"),
    "retrieve_dispute": ("GET", "/v1/disputes/{dispute}"),
    "list_disputes": ("GET", "/v1/disputes"),
    "submit_evidence": ("POST", "/v1/disputes/{dispute}"),
    "retrieve_charge": ("GET", "/v1/charges/{charge}"),
    "reverse_transfer": ("POST", "/v1/transfers/{id}/reversals"),
    "return_transfer": ("POST", "/v1/transfers"),
    "list_reversals": ("GET", "/v1/transfers/{id}/reversals"),
    "list_transfers": ("GET", "/v1/transfers"),
    "retrieve_review": ("GET", "/v1/reviews/{review}"),
    "retrieve_fraud_warning": ("GET", "/v1/radar/early_fraud_warnings/{early_fraud_warning}"),
    "list_refunds": ("GET", "/v1/refunds"),
    "create_account": ("POST", "/v1/accounts"),
    "retrieve_account": ("GET", "/v1/accounts/{account}"),
    "create_account_link": ("POST", "/v1/account_links"),
    "retrieve_balance": ("GET", "/v1/balance"),
    "payout": ("POST", "/v1/payouts"),
    "retrieve_payout": ("GET", "/v1/payouts/{payout}"),
    "list_payouts": ("GET", "/v1/payouts"),
}
"""Method and path of each operation, with names in the place of ids."""


STRIPE_ADDRESS = urlsplit(stripe.DEFAULT_API_BASE).hostname or ""
STAND_IN_ADDRESS = "localhost"
"""Settings allow no stand-in elsewhere."""


@contextmanager
def call_span(operation: str, mode: Mode) -> Iterator["StripeSpan"]:
    """Around one operation, all pages of a list included. Stripe is sent no trace context: it is not of our
    house."""
    method, template = ENDPOINTS[operation]
    attributes = {
        names.SERVER_ADDRESS: STAND_IN_ADDRESS if mode is Mode.STAND_IN else STRIPE_ADDRESS,
        names.HTTP_METHOD: method,
        names.URL_TEMPLATE: template,
        names.STRIPE_OPERATION: operation,
    }
    with tracing.span(f"{method} {template}", SpanKind.CLIENT, attributes) as span:
        yield StripeSpan(span)


class StripeSpan:
    """What is known when the call has ended."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def answered(self, answer: Any) -> None:
        """Note what Stripe answered: an object, or a list whose pages hold the answers."""
        response = getattr(answer, "last_response", None)
        self._note(
            HTTPStatus.OK if response is None else response.code, getattr(response, "request_id", None)
        )

    def failed(self, error: stripe.StripeError) -> None:
        """Note an answer that is a failure, or that none came. Why a card was declined stays out."""
        self._note(error.http_status, error.request_id)

    def _note(self, status: int | None, request_id: str | None) -> None:
        if status:
            self._span.set_attribute(names.HTTP_STATUS, int(status))
        if request_id:
            self._span.set_attribute(names.STRIPE_REQUEST_ID, request_id)

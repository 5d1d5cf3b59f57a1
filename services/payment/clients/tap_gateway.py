"""Payments with mada through Tap: purchase and refund, nothing held, nothing taken back unpaid.

A PaymentProvider by Tap's public description (developers.tap.company, 'Charges', 'Mada', 'Idempotency in
Payment Processing'). Not verified against the live service.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.payment.clients.payment_provider import RefundReply, Reply
from services.payment.clients.tap_http import TapHttp
from services.payment.clients.tap_objects import observe
from services.payment.clients.tap_refunds import TapRefunds
from services.payment.domain.charge import CaptureOrder, ChargeOrder, OperationKind, ProviderRequest
from services.payment.domain.observation import Observation
from services.payment.domain.webhook import WebhookEvent

__all__ = ["RefundReply", "TapAddresses", "TapGateway"]

MADA = "src_sa.mada"
"""Always redirects: the answer has the address of the page where the customer pays."""
EXPIRY_MINUTES = 15
"""As long as a hold. Tap ends an unpaid charge then by itself, which it allows after 5 to 60 minutes."""
NOBODY = "Customer"
"""Tap wants a name and an address of who pays. It is told the booking and the operator's own address, so that
no personal data leaves; the customer tells Tap's page what the bank asks for."""


class UnsupportedError(Exception):
    """Asked for what no charge with mada can do: a bug, since capabilities say so."""


@dataclass(frozen=True)
class TapAddresses:
    """Where Tap posts what became of a charge, where it leads the customer back, and whom it may write to."""

    webhook: str
    back: str
    contact: str
    merchant_id: str = ""


class TapGateway:
    """A PaymentProvider without accounts of carers, and without disputes: Tap describes none."""

    connect = None
    disputes = None

    def __init__(self, http: TapHttp, addresses: TapAddresses) -> None:
        self._http = http
        self._addresses = addresses
        self.refunds = TapRefunds(http, addresses.webhook)

    def refuse_when_busy(self) -> None:
        self._http.refuse_when_busy()

    def usable_payment_method(self, payment_method: str) -> str:
        return MADA

    def charge_request(self, order: ChargeOrder) -> ProviderRequest:
        """The whole charge to the platform's own account. `reference.idempotent` is added when it is sent."""
        params: dict[str, Any] = {
            "amount": str(order.amount.decimal()),
            "currency": order.amount.currency,
            "customer_initiated": True,
            "threeDSecure": True,
            "save_card": False,
            "description": f"Booking {order.booking_id}",
            "metadata": {
                "booking_id": order.booking_id,
                "payment_id": order.payment_id,
                "kind": order.kind,
            },
            "reference": {"transaction": order.payment_id, "order": order.booking_id},
            "transaction": {"expiry": {"period": EXPIRY_MINUTES, "type": "MINUTE"}},
            "receipt": {"email": False, "sms": False},
            "customer": {
                "first_name": NOBODY,
                "last_name": order.booking_id,
                "email": self._addresses.contact,
            },
            "source": {"id": order.payment_method},
            "post": {"url": self._addresses.webhook},
            "redirect": {"url": f"{self._addresses.back}?booking={order.booking_id}"},
        }
        if self._addresses.merchant_id:
            params["merchant"] = {"id": self._addresses.merchant_id}
        return ProviderRequest(OperationKind.CREATE, None, params)

    def confirm_request(self, intent_id: str) -> ProviderRequest:
        raise UnsupportedError("a charge with mada is confirmed by its customer, on Tap's page")

    def cancel_request(self, intent_id: str) -> ProviderRequest:
        raise UnsupportedError("a charge with mada can't be taken back: it ends by itself, or is refunded")

    def release_request(self, intent_id: str) -> ProviderRequest:
        raise UnsupportedError("nothing is held with mada")

    def capture_request(self, order: CaptureOrder) -> ProviderRequest:
        raise UnsupportedError("nothing is held with mada")

    def not_simulated(self, request: ProviderRequest) -> tuple[str, ...]:
        return ()

    def send(self, request: ProviderRequest, key: str) -> Reply:
        if request.operation is not OperationKind.CREATE:
            raise UnsupportedError(request.operation.value)
        charge = self._http.post("create_charge", "/v2/charges/", under_key(request.params, key))
        return Reply(observe(charge), None)

    def retrieve(self, intent_id: str) -> Reply:
        return Reply(observe(self._http.get("retrieve_charge", f"/v2/charges/{intent_id}")), None)

    def find(self, payment_id: str, created_after: datetime) -> Observation | None:
        """Nothing is searched: the same key brings the same charge, and one whose page nobody was told of
        can't be paid."""
        return None

    def undelivered_events(self, since: datetime, until: datetime) -> list[WebhookEvent]:
        """Tap lists none; payments that stand still are looked at themselves."""
        return []

    def undelivered_events_of(self, account_id: str, since: datetime, until: datetime) -> list[WebhookEvent]:
        """There are no accounts."""
        return []


def under_key(params: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Tap answers a repeat under the same `reference.idempotent` as it did at first, for 24 hours."""
    return {**params, "reference": {**params["reference"], "idempotent": key}}

"""Requests about a PaymentIntent as they are stored before they are sent."""

from typing import Any

from services.payment.domain.charge import CaptureOrder, ChargeOrder, OperationKind, ProviderRequest
from services.payment.domain.charge_limits import provider_amount

CHARGE = ["latest_charge.balance_transaction"]
"""The charge comes with the intent, and with it what Stripe keeps of it: neither needs a call of its own."""


class StripeRequests:
    """Builds without sending; amounts are Stripe's numbers."""

    def charge_request(self, order: ChargeOrder) -> ProviderRequest:
        """A destination charge: the whole to the provider's account, the commission back to us."""
        params: dict[str, Any] = {
            "amount": provider_amount(order.amount),
            "currency": order.amount.currency.lower(),
            "payment_method": order.payment_method,
            "capture_method": order.capture_method.value,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "transfer_data": {"destination": order.destination},
            "transfer_group": order.booking_id,
            "description": f"Booking {order.booking_id}",
            "metadata": {
                "booking_id": order.booking_id,
                "payment_id": order.payment_id,
                "kind": order.kind,
            },
            "expand": CHARGE,
        }
        if order.commission.amount:
            params["application_fee_amount"] = provider_amount(order.commission)
        return ProviderRequest(OperationKind.CREATE, None, params)

    def confirm_request(self, intent_id: str) -> ProviderRequest:
        return ProviderRequest(OperationKind.CONFIRM, intent_id, {"expand": CHARGE})

    def cancel_request(self, intent_id: str) -> ProviderRequest:
        params = {"cancellation_reason": "abandoned", "expand": CHARGE}
        return ProviderRequest(OperationKind.CANCEL, intent_id, params)

    def release_request(self, intent_id: str) -> ProviderRequest:
        """All of a hold is given back: no charge, no refund, and no fee of Stripe's."""
        params = {"cancellation_reason": "requested_by_customer", "expand": CHARGE}
        return ProviderRequest(OperationKind.CANCEL, intent_id, params)

    def capture_request(self, order: CaptureOrder) -> ProviderRequest:
        """The commission is said again: the one of the hold would be taken of a smaller charge as well."""
        params: dict[str, Any] = {"amount_to_capture": provider_amount(order.amount), "expand": CHARGE}
        if order.had_commission:
            params["application_fee_amount"] = provider_amount(order.commission)
        return ProviderRequest(OperationKind.CAPTURE, order.intent_id, params)

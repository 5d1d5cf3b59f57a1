"""Refunds at Tap: built here, sent under their key while that lasts, read back in our form.

Described at developers.tap.company, 'Refunds' and 'Idempotency in Payment Processing'.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.payment.clients.payment_provider import NotExecutedError, RefundReply
from services.payment.clients.tap_http import TapHttp
from services.payment.clients.tap_objects import observe_refund
from services.payment.domain.charge import FeeRefundOrder, OperationKind, ProviderRequest, RefundOrder
from services.payment.domain.refunds import FeeObservation, RefundObservation
from shared import clock

KEY_LASTS = timedelta(hours=23)
"""Tap knows a key for 24 hours. After that a repeat would be a second refund, so none is sent."""
KEY_HAS_LAPSED = "key_has_lapsed"


class TapRefunds:
    """A RefundProvider without commissions: they are between our own books only."""

    knows_fees = False

    def __init__(self, http: TapHttp, webhook: str) -> None:
        self._http = http
        self._webhook = webhook

    def refund_request(self, order: RefundOrder) -> ProviderRequest:
        """Out of the platform's account. `asked_at` says how long a repeat is safe."""
        params = {
            "charge_id": order.intent_id,
            "amount": str(order.amount.decimal()),
            "currency": order.amount.currency,
            "reason": "requested_by_customer",
            "description": f"Booking {order.booking_id}",
            "reference": {"merchant": order.refund_id},
            "metadata": {
                "booking_id": order.booking_id,
                "payment_id": order.payment_id,
                "refund_id": order.refund_id,
                "attempt": str(order.attempt),
                "asked_at": clock.now().isoformat(),
            },
            "post": {"url": self._webhook},
        }
        return ProviderRequest(OperationKind.REFUND, order.intent_id, params)

    def refund(self, request: ProviderRequest, key: str) -> RefundReply:
        asked_at = datetime.fromisoformat(request.params["metadata"]["asked_at"])
        if clock.now() - asked_at > KEY_LASTS:
            raise NotExecutedError(KEY_HAS_LAPSED)
        reference = {**request.params["reference"], "idempotent": key}
        made = self._http.post("create_refund", "/v2/refunds/", {**request.params, "reference": reference})
        return RefundReply(observe_refund(made), None)

    def refunds_of(self, intent_id: str, known: Sequence[str] = ()) -> list[RefundObservation]:
        """Those whose ids reached us; one that did not is asked for by sending it again under its key."""
        return [
            observe_refund(self._http.get("retrieve_refund", f"/v2/refunds/{reference}"))
            for reference in known
        ]

    def not_simulated(self, request: ProviderRequest) -> tuple[str, ...]:
        return ()

    def check(self, request: ProviderRequest) -> None:
        """Nothing is kept back here."""

    def fee_refund_request(self, order: FeeRefundOrder) -> ProviderRequest:
        raise NotExecutedError("no_fees")

    def refund_fee(self, fee_id: str, request: ProviderRequest, key: str) -> str | None:
        raise NotExecutedError("no_fees")

    def fee(self, fee_id: str) -> FeeObservation:
        raise NotExecutedError("no_fees")

    def refunds_with_fee_returned(self, fee_id: str) -> frozenset[str]:
        raise NotExecutedError("no_fees")

"""Refunds at Stripe: built here, sent by the gateway's one way out, read back in our form."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from services.payment.clients import standin_capabilities as standin
from services.payment.clients.payment_provider import RefundReply
from services.payment.clients.request_check import check_request
from services.payment.domain.charge import FeeRefundOrder, OperationKind, ProviderRequest, RefundOrder
from services.payment.domain.charge_limits import provider_amount
from services.payment.domain.refunds import FeeObservation, RefundObservation, RefundStatus
from services.payment.settings import Mode

Call = Callable[[str, dict[str, Any], Callable[[dict[str, Any]], Any]], Any]
"""(operation, parameters, send) -> Stripe's object; `StripeGateway.call`."""

PAGE = 100
MOST = 1000
_STATUSES = {
    "pending": RefundStatus.PENDING,
    "requires_action": RefundStatus.PENDING,
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}


class StripeRefunds:
    """A RefundProvider."""

    def __init__(self, client: Any, mode: Mode, call: Call) -> None:
        self._client = client
        self._mode = mode
        self._call = call

    def refund_request(self, order: RefundOrder) -> ProviderRequest:
        """Money back to the customer, and the same back from the provider's account.

        The commission is not left to Stripe, which would share it out over the whole charge, tip
        included: it goes back by a request of its own.
        """
        params: dict[str, Any] = {
            "payment_intent": order.intent_id,
            "amount": provider_amount(order.amount),
            "reason": "requested_by_customer",
            "reverse_transfer": order.takes_transfer_back,
            "metadata": {
                "booking_id": order.booking_id,
                "payment_id": order.payment_id,
                "refund_id": order.refund_id,
                "attempt": str(order.attempt),
            },
        }
        return ProviderRequest(OperationKind.REFUND, order.intent_id, params)

    def fee_refund_request(self, order: FeeRefundOrder) -> ProviderRequest:
        params: dict[str, Any] = {
            "amount": provider_amount(order.amount),
            "metadata": {"payment_id": order.payment_id, "refund_id": order.refund_id},
        }
        return ProviderRequest(OperationKind.REFUND_FEE, None, params)

    def not_simulated(self, request: ProviderRequest) -> tuple[str, ...]:
        return standin.unsupported(self._mode, request.operation, request.params)

    @property
    def knows_fees(self) -> bool:
        return standin.knows(self._mode, OperationKind.REFUND_FEE)

    def check(self, request: ProviderRequest) -> None:
        check_request(request.operation, request.params)

    def refund(self, request: ProviderRequest, key: str) -> RefundReply:
        refund = self._call(
            request.operation,
            request.params,
            lambda sent: self._client.v1.refunds.create(sent, {"idempotency_key": key}),
        )
        return RefundReply(_observe(refund), _request_id(refund))

    def refund_fee(self, fee_id: str, request: ProviderRequest, key: str) -> str | None:
        refund = self._call(
            request.operation,
            request.params,
            lambda sent: self._client.v1.application_fees.refunds.create(
                fee_id, sent, {"idempotency_key": key}
            ),
        )
        return _request_id(refund)

    def fee(self, fee_id: str) -> FeeObservation:
        fees = self._client.v1.application_fees
        fee = self._call("retrieve_fee", {}, lambda sent: fees.retrieve(fee_id, sent)).to_dict()
        return FeeObservation(fee["amount"], fee["amount_refunded"], fee["currency"])

    def refunds_with_fee_returned(self, fee_id: str) -> frozenset[str]:
        refunds = self._client.v1.application_fees.refunds
        listed = self._call(
            "list_fee_refunds",
            {"limit": PAGE},
            lambda sent: list(islice(refunds.list(fee_id, sent).auto_paging_iter(), MOST)),
        )
        named = ((one.to_dict().get("metadata") or {}).get("refund_id") for one in listed)
        return frozenset(str(name) for name in named if name)

    def refunds_of(self, intent_id: str, known: Sequence[str] = ()) -> list[RefundObservation]:
        listed = self._call(
            "list_refunds",
            {"payment_intent": intent_id, "limit": PAGE},
            lambda sent: list(islice(self._client.v1.refunds.list(sent).auto_paging_iter(), MOST)),
        )
        return [_observe(refund) for refund in listed if not self._is_no_refund(refund)]

    def _is_no_refund(self, refund: Any) -> bool:
        return self._mode is Mode.STAND_IN and standin.is_made_by_a_partial_capture(refund.to_dict())


def _observe(refund: Any) -> RefundObservation:
    """`metadata` is ours, written by `refund_request`; a refund made by hand at Stripe has none of it."""
    values: dict[str, Any] = refund.to_dict()
    metadata = values.get("metadata") or {}
    attempt = str(metadata.get("attempt", ""))
    return RefundObservation(
        provider_refund_id=values["id"],
        status=_STATUSES[values["status"]],
        amount=values["amount"],
        currency=values["currency"],
        our_id=metadata.get("refund_id"),
        attempt=int(attempt) if attempt.isdecimal() else None,
        failure_code=values.get("failure_reason"),
    )


def _request_id(answer: Any) -> str | None:
    response = answer.last_response
    return None if response is None else response.request_id

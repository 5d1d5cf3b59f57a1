"""A payment provider that says what a test decides, behind our own interface; it stands for no server."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.payment.clients.payment_provider import (
    BalanceTooLowError,
    CardDeclinedError,
    OutcomeUnknownError,
    RefundReply,
    Reply,
)
from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.charge import CaptureOrder, ChargeOrder, OperationKind, ProviderRequest
from services.payment.domain.declines import DeclineReason, Failure
from services.payment.domain.observation import IntentStatus, Observation, ProcessingFee
from services.payment.domain.refunds import FeeObservation, RefundObservation, RefundStatus
from services.payment.domain.webhook import WebhookEvent
from tests.integration.payment.scripted_connect import ScriptedConnect
from tests.integration.payment.scripted_disputes import ScriptedDisputes

DECLINED = Failure("card_declined", DeclineReason.DECLINED)
NOT_OURS = Failure("internal_error")


def stripe_keeps(captured: int) -> int:
    """The fee of a charge, in minor units: three per cent."""
    return captured * 3 // 100


class ScriptedProvider:
    """Remembers intents and refunds. Requests are built by the real gateway.

    `card` decides about the next confirmation: paid, declined, action. `refund_status` is the answer to
    the next refund; `answers`: whether it reaches us. `gives`: whether the provider's account has what a
    refund takes from it; `platform_gives`: whether ours has, where nothing is taken from it. `fees` are the
    commissions by their ids, `fee_refunds` what went back of them, by idempotency key: (fee, our refund,
    amount). `held`: intents that are only held once they are paid; `captured`: what was taken of them.
    """

    def __init__(self, real: StripeGateway) -> None:
        self._real = real
        self.disputes = ScriptedDisputes(real.disputes)
        self.connect = ScriptedConnect(real.connect)
        self.intents: dict[str, Observation] = {}
        self.made: dict[str, Any] = {}
        self.seen_refunds: list[tuple[str, RefundObservation]] = []
        self.card = "paid"
        self.refund_status = RefundStatus.SUCCEEDED
        self.answers = True
        self.gives = self.platform_gives = True
        self.fees: dict[str, int] = {}
        self.fee_refunds: dict[str, tuple[str, str, int]] = {}
        self.calls = 0
        self.held: dict[str, bool] = {}
        self.captured: dict[str, int] = {}
        self.capture_before: datetime | None = None
        self.fee_currency = ""

    @property
    def refunds(self) -> "ScriptedProvider":
        return self

    def refuse_when_busy(self) -> None:
        """There is always a place."""

    def usable_payment_method(self, payment_method: str) -> str:
        return payment_method

    def charge_request(self, order: ChargeOrder) -> ProviderRequest:
        return self._real.charge_request(order)

    def confirm_request(self, intent_id: str) -> ProviderRequest:
        return self._real.confirm_request(intent_id)

    def cancel_request(self, intent_id: str) -> ProviderRequest:
        return self._real.cancel_request(intent_id)

    def release_request(self, intent_id: str) -> ProviderRequest:
        return self._real.release_request(intent_id)

    def capture_request(self, order: CaptureOrder) -> ProviderRequest:
        return self._real.capture_request(order)

    def refund_request(self, order: Any) -> ProviderRequest:
        return self._real.refunds.refund_request(order)

    def fee_refund_request(self, order: Any) -> ProviderRequest:
        return self._real.refunds.fee_refund_request(order)

    def not_simulated(self, request: ProviderRequest) -> tuple[str, ...]:
        return ()

    knows_fees = True

    def fee(self, fee_id: str) -> FeeObservation:
        returned = sum(amount for fee, _, amount in self.fee_refunds.values() if fee == fee_id)
        return FeeObservation(self.fees[fee_id], returned, self.intents[fee_id.removeprefix("fee_")].currency)

    def refunds_with_fee_returned(self, fee_id: str) -> frozenset[str]:
        return frozenset(refund for fee, refund, _ in self.fee_refunds.values() if fee == fee_id)

    def check(self, request: ProviderRequest) -> None:
        self._real.refunds.check(request)

    def refund_fee(self, fee_id: str, request: ProviderRequest, key: str) -> str | None:
        refund_id = request.params["metadata"]["refund_id"]
        self.fee_refunds.setdefault(key, (fee_id, refund_id, request.params["amount"]))
        if not self.answers:
            raise OutcomeUnknownError("timeout")
        return None

    def send(self, request: ProviderRequest, key: str) -> Reply:
        self.calls += 1
        if request.operation is OperationKind.CREATE:
            intent_id = self.made.setdefault(key, f"pi_{len(self.intents) + 1}_{key[-40:]}")
            self._say(intent_id, IntentStatus.REQUIRES_CONFIRMATION, request.params)
            if "application_fee_amount" in request.params:
                self.fees[f"fee_{intent_id}"] = request.params["application_fee_amount"]
            self.held[intent_id] = request.params["capture_method"] == "manual"
        elif request.operation is OperationKind.CONFIRM:
            intent_id = request.intent_id or ""
            self._confirm(intent_id)
        elif request.operation is OperationKind.CAPTURE:
            intent_id = request.intent_id or ""
            self._capture(intent_id, request.params)
            if not self.answers:
                raise OutcomeUnknownError("timeout")
        else:
            intent_id = request.intent_id or ""
            self.move(intent_id, IntentStatus.CANCELED)
        return Reply(self.intents[intent_id], None)

    def authenticate(self, intent_id: str) -> None:
        """The customer does what the bank asked for."""
        if self.intents[intent_id].status is IntentStatus.REQUIRES_ACTION:
            self.move(intent_id, self._paid(intent_id))

    def retrieve(self, intent_id: str) -> Reply:
        return Reply(self.intents[intent_id], None)

    def find(self, payment_id: str, created_after: datetime) -> Observation | None:
        return next((one for one in self.intents.values() if one.payment_id == payment_id), None)

    def undelivered_events_of(self, account_id: str, since: datetime, until: datetime) -> list[WebhookEvent]:
        return self.connect.undelivered.get(account_id, [])

    def undelivered_events(self, since: datetime, until: datetime) -> list[WebhookEvent]:
        return []

    def refund(self, request: ProviderRequest, key: str) -> RefundReply:
        self.calls += 1
        if not (self.gives if request.params["reverse_transfer"] else self.platform_gives):
            raise BalanceTooLowError("balance_insufficient", None, NOT_OURS, is_missing=False)
        if key not in self.made:
            params = request.params
            seen = RefundObservation(
                f"re_{len(self.seen_refunds)}_{params['metadata']['refund_id']}",
                self.refund_status,
                params["amount"],
                self.intents[params["payment_intent"]].currency,
                params["metadata"]["refund_id"],
                int(params["metadata"]["attempt"]),
                None,
            )
            self.made[key] = seen
            self.seen_refunds.append((params["payment_intent"], seen))
        if not self.answers:
            raise OutcomeUnknownError("timeout")
        return RefundReply(self.made[key], None)

    def refunds_of(self, intent_id: str, known: Sequence[str] = ()) -> list[RefundObservation]:
        return [seen for intent, seen in self.seen_refunds if intent == intent_id]

    def _confirm(self, intent_id: str) -> None:
        if self.card == "declined":
            self.move(intent_id, IntentStatus.REQUIRES_PAYMENT_METHOD, DECLINED)
            raise CardDeclinedError("card_declined", None, DECLINED)
        self.move(intent_id, self._paid(intent_id) if self.card == "paid" else IntentStatus.REQUIRES_ACTION)

    def _paid(self, intent_id: str) -> IntentStatus:
        return IntentStatus.REQUIRES_CAPTURE if self.held[intent_id] else IntentStatus.SUCCEEDED

    def _capture(self, intent_id: str, params: dict[str, Any]) -> None:
        """Once; the rest is released, and the commission is the one that was said with it."""
        if self.intents[intent_id].status is IntentStatus.REQUIRES_CAPTURE:
            if "application_fee_amount" in params:
                self.fees[f"fee_{intent_id}"] = params["application_fee_amount"]
            self.captured[intent_id] = params["amount_to_capture"]
            self.move(intent_id, IntentStatus.SUCCEEDED)

    def move(self, intent_id: str, status: IntentStatus, failure: Failure | None = None) -> None:
        before = self.intents[intent_id]
        params = {
            "amount": before.amount,
            "currency": before.currency,
            "metadata": {"payment_id": before.payment_id},
        }
        self._say(intent_id, status, params, failure)

    def _say(
        self, intent_id: str, status: IntentStatus, params: dict[str, Any], failure: Failure | None = None
    ) -> None:
        self.intents[intent_id] = Observation(
            intent_id=intent_id,
            status=status,
            amount=params["amount"],
            amount_received=self._received(intent_id, params["amount"], status),
            currency=params["currency"],
            payment_id=params["metadata"]["payment_id"],
            charge_id=f"ch_{intent_id}" if status is IntentStatus.SUCCEEDED else None,
            application_fee_id=self._fee_of(intent_id, status),
            capture_before=self.capture_before if status is IntentStatus.REQUIRES_CAPTURE else None,
            processing_fee=self._processing_fee(intent_id, params, status),
            failure=failure,
        )

    def _received(self, intent_id: str, amount: int, status: IntentStatus) -> int:
        return self.captured.get(intent_id, amount) if status is IntentStatus.SUCCEEDED else 0

    def _processing_fee(
        self, intent_id: str, params: dict[str, Any], status: IntentStatus
    ) -> ProcessingFee | None:
        """Three percent, in the currency of the charge unless told otherwise."""
        if status is not IntentStatus.SUCCEEDED:
            return None
        amount = stripe_keeps(self._received(intent_id, params["amount"], status))
        currency = self.fee_currency or params["currency"].upper()
        return ProcessingFee(f"txn_{intent_id}", amount, currency)

    def _fee_of(self, intent_id: str, status: IntentStatus) -> str | None:
        fee_id = f"fee_{intent_id}"
        return fee_id if status is IntentStatus.SUCCEEDED and fee_id in self.fees else None

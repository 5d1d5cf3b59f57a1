"""Disputes as a test decides, behind our own interface; it stands for no server."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.payment.clients.dispute_provider import DisputeProvider
from services.payment.clients.payment_provider import SERVER_ERROR, OutcomeUnknownError, RequestRefusedError
from services.payment.domain.charge import OperationKind, ProviderRequest
from services.payment.domain.declines import Failure
from services.payment.domain.disputes import (
    DisputeMovement,
    DisputeObservation,
    DisputeStatus,
    HoldKind,
    HoldObservation,
    TransferOrder,
)
from shared.money import Money

FEE = 1500
TAKES = frozenset({DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW, DisputeStatus.LOST})
GIVES = frozenset({DisputeStatus.WON, DisputeStatus.PREVENTED})


class ScriptedDisputes:
    """Remembers disputes; requests are built by the real gateway. `refusal` is a code that a transfer is
    refused with; `answers`: whether what was done reaches us, and `error` what comes in its place.
    `keys_last`: whether keys are remembered, as they are for a day. `moved`: transfers by key, below zero
    when they were taken back."""

    knows_transfers = True

    def __init__(self, real: DisputeProvider) -> None:
        self._real = real
        self.seen: dict[str, DisputeObservation] = {}
        self.holds: dict[str, HoldObservation] = {}
        self.moved: dict[str, int] = {}
        self.named: list[tuple[OperationKind, str]] = []
        self.evidence: dict[str, dict[str, Any]] = {}
        self.refusal: str | None = None
        self.answers = True
        self.error = "timeout"
        self.keys_last = True

    def dispute_charge(
        self,
        intent_id: str,
        amount: Money,
        status: DisputeStatus = DisputeStatus.NEEDS_RESPONSE,
        *,
        refundable: bool = False,
    ) -> str:
        """The customer's bank disputes so much of a charge."""
        dispute_id = f"dp_{len(self.seen) + 1}_{intent_id[-30:]}"
        now = datetime.now(UTC).replace(microsecond=0)
        self.seen[dispute_id] = DisputeObservation(
            id=dispute_id,
            intent_id=intent_id,
            charge_id=f"ch_{intent_id}",
            amount=amount,
            reason="product_not_received",
            status=DisputeStatus.WARNING_NEEDS_RESPONSE,
            is_charge_refundable=refundable,
            evidence_due_by=now + timedelta(days=7),
            has_evidence=False,
            submissions=0,
            opened_at=now,
            movements=(),
        )
        self.say(dispute_id, status)
        return dispute_id

    def say(self, dispute_id: str, status: DisputeStatus) -> None:
        """The bank goes on: money moves with what it says, as Stripe shows it."""
        seen = self.seen[dispute_id]
        taken = sum(one.taken.amount for one in seen.movements)
        movements = seen.movements
        if status in TAKES and not taken:
            movements += (self._movement(seen, seen.amount.amount, FEE),)
        if status in GIVES and taken:
            movements += (self._movement(seen, -taken, -FEE),)
        self.seen[dispute_id] = replace(seen, status=status, movements=movements)

    def warn(self, intent_id: str, kind: HoldKind) -> str:
        hold_id = f"hold_{len(self.holds) + 1}_{intent_id[-30:]}"
        self.holds[hold_id] = HoldObservation(hold_id, kind, "rule", True, datetime.now(UTC))
        return hold_id

    def lift(self, hold_id: str) -> None:
        self.holds[hold_id] = replace(self.holds[hold_id], is_open=False)

    def check(self, request: ProviderRequest) -> None:
        self._real.check(request)

    def dispute(self, dispute_id: str) -> DisputeObservation:
        return self.seen[dispute_id]

    def disputes_of(self, intent_id: str) -> list[DisputeObservation]:
        return [one for one in self.seen.values() if one.intent_id == intent_id]

    def hold(self, kind: HoldKind, hold_id: str) -> HoldObservation:
        return self.holds[hold_id]

    def evidence_request(self, evidence: dict[str, Any], *, submit: bool) -> ProviderRequest:
        return self._real.evidence_request(evidence, submit=submit)

    def send_evidence(self, dispute_id: str, request: ProviderRequest, key: str) -> DisputeObservation:
        self.check(request)
        if self.refusal is not None:
            raise RequestRefusedError(self.refusal, None, Failure("internal_error"), is_missing=False)
        if key not in self.evidence:
            self.evidence[key] = request.params
            seen = self.seen[dispute_id]
            submitted = seen.submissions + (1 if request.params["submit"] else 0)
            status = DisputeStatus.UNDER_REVIEW if submitted else seen.status
            self.seen[dispute_id] = replace(seen, has_evidence=True, submissions=submitted, status=status)
        self._answer()
        return self.seen[dispute_id]

    def reversal_request(self, order: TransferOrder) -> ProviderRequest:
        return self._real.reversal_request(order)

    def return_request(self, order: TransferOrder) -> ProviderRequest:
        return self._real.return_request(order)

    def transfer_of(self, charge_id: str) -> str | None:
        return f"tr_{charge_id}"

    def reverse_transfer(self, transfer_id: str, request: ProviderRequest, key: str) -> str | None:
        return self._move(request, key, -1)

    def return_transfer(self, request: ProviderRequest, key: str) -> str | None:
        return self._move(request, key, 1)

    def disputes_reversed(self, transfer_id: str) -> frozenset[str]:
        return self._named(OperationKind.REVERSE_TRANSFER)

    def disputes_returned(self, booking_id: str) -> frozenset[str]:
        return self._named(OperationKind.RETURN_TRANSFER)

    def _named(self, kind: OperationKind) -> frozenset[str]:
        return frozenset(name for one, name in self.named if one is kind)

    def _move(self, request: ProviderRequest, key: str, sign: int) -> str | None:
        self.check(request)
        if self.refusal is not None:
            raise RequestRefusedError(self.refusal, None, Failure("internal_error"), is_missing=False)
        if self.error == SERVER_ERROR:
            raise OutcomeUnknownError(SERVER_ERROR)
        if not self.keys_last or key not in self.moved:
            self.moved[key if self.keys_last else f"{key} {len(self.moved)}"] = (
                sign * request.params["amount"]
            )
            self.named.append((request.operation, request.params["metadata"]["dispute_id"]))
        self._answer()
        return "req_transfer"

    def _movement(self, seen: DisputeObservation, taken: int, fee: int) -> DisputeMovement:
        currency = seen.amount.currency
        number = len(seen.movements) + 1
        return DisputeMovement(f"txn_{number}_{seen.id}", Money(taken, currency), Money(fee, currency))

    def _answer(self) -> None:
        if not self.answers:
            raise OutcomeUnknownError(self.error)

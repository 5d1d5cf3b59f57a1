"""Disputes, warnings and reviews at Stripe, by the gateway's one way out, read in our form."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from services.payment.clients import standin_capabilities as standin
from services.payment.clients.request_check import check_request
from services.payment.domain.charge import OperationKind, ProviderRequest
from services.payment.domain.charge_limits import money_of, provider_amount
from services.payment.domain.disputes import (
    DisputeMovement,
    DisputeObservation,
    DisputeStatus,
    HoldKind,
    HoldObservation,
    TransferOrder,
)
from services.payment.settings import Mode
from shared.money import Money

Call = Callable[[str, dict[str, Any], Callable[[dict[str, Any]], Any]], Any]
"""(operation, parameters, send) -> Stripe's object; `StripeGateway.call`."""

PAGE = 100
MOST = 1000
_WARNING = "warning_"


class StripeDisputes:
    """A DisputeProvider."""

    def __init__(self, client: Any, mode: Mode, call: Call) -> None:
        self._client = client
        self._mode = mode
        self._call = call

    @property
    def knows_transfers(self) -> bool:
        return standin.knows(self._mode, OperationKind.REVERSE_TRANSFER)

    def check(self, request: ProviderRequest) -> None:
        check_request(request.operation, request.params)

    def dispute(self, dispute_id: str) -> DisputeObservation:
        disputes = self._client.v1.disputes
        found = self._call("retrieve_dispute", {}, lambda sent: disputes.retrieve(dispute_id, sent))
        return observe_dispute(found.to_dict())

    def disputes_of(self, intent_id: str) -> list[DisputeObservation]:
        disputes = self._client.v1.disputes
        listed = self._call(
            "list_disputes",
            {"payment_intent": intent_id, "limit": PAGE},
            lambda sent: list(islice(disputes.list(sent).auto_paging_iter(), MOST)),
        )
        return [observe_dispute(one.to_dict()) for one in listed]

    def hold(self, kind: HoldKind, hold_id: str) -> HoldObservation:
        if kind is HoldKind.REVIEW:
            reviews = self._client.v1.reviews
            review = self._call("retrieve_review", {}, lambda sent: reviews.retrieve(hold_id, sent))
            return observe_review(review.to_dict())
        warnings = self._client.v1.radar.early_fraud_warnings
        warning = self._call("retrieve_fraud_warning", {}, lambda sent: warnings.retrieve(hold_id, sent))
        return observe_warning(warning.to_dict())

    def evidence_request(self, evidence: dict[str, Any], *, submit: bool) -> ProviderRequest:
        params = {"evidence": evidence, "submit": submit}
        return ProviderRequest(OperationKind.SUBMIT_EVIDENCE, None, params)

    def send_evidence(self, dispute_id: str, request: ProviderRequest, key: str) -> DisputeObservation:
        options = {"idempotency_key": key}
        found = self._call(
            request.operation,
            request.params,
            lambda sent: self._client.v1.disputes.update(dispute_id, sent, options),
        )
        return observe_dispute(found.to_dict())

    def reversal_request(self, order: TransferOrder) -> ProviderRequest:
        """The commission stays out of it: it is no part of what the account has."""
        params: dict[str, Any] = {
            "amount": provider_amount(order.amount),
            "metadata": {"payment_id": order.payment_id, "dispute_id": order.dispute_id},
        }
        return ProviderRequest(OperationKind.REVERSE_TRANSFER, None, params)

    def return_request(self, order: TransferOrder) -> ProviderRequest:
        params: dict[str, Any] = {
            "amount": provider_amount(order.amount),
            "currency": order.amount.currency.lower(),
            "destination": order.destination,
            "transfer_group": order.booking_id,
            "metadata": {"payment_id": order.payment_id, "dispute_id": order.dispute_id},
        }
        return ProviderRequest(OperationKind.RETURN_TRANSFER, None, params)

    def transfer_of(self, charge_id: str) -> str | None:
        charges = self._client.v1.charges
        charge = self._call("retrieve_charge", {}, lambda sent: charges.retrieve(charge_id, sent)).to_dict()
        return _id(charge.get("transfer"))

    def disputes_reversed(self, transfer_id: str) -> frozenset[str]:
        reversals = self._client.v1.transfers.reversals
        listed = self._call(
            "list_reversals",
            {"limit": PAGE},
            lambda sent: list(islice(reversals.list(transfer_id, sent).auto_paging_iter(), MOST)),
        )
        return _disputes_named(listed)

    def disputes_returned(self, booking_id: str) -> frozenset[str]:
        transfers = self._client.v1.transfers
        listed = self._call(
            "list_transfers",
            {"transfer_group": booking_id, "limit": PAGE},
            lambda sent: list(islice(transfers.list(sent).auto_paging_iter(), MOST)),
        )
        return _disputes_named(listed)

    def reverse_transfer(self, transfer_id: str, request: ProviderRequest, key: str) -> str | None:
        made = self._call(
            request.operation,
            request.params,
            lambda sent: self._client.v1.transfers.reversals.create(
                transfer_id, sent, {"idempotency_key": key}
            ),
        )
        return _request_id(made)

    def return_transfer(self, request: ProviderRequest, key: str) -> str | None:
        standin.refuse_its_account(request.params["destination"], self._mode)
        made = self._call(
            request.operation,
            request.params,
            lambda sent: self._client.v1.transfers.create(sent, {"idempotency_key": key}),
        )
        return _request_id(made)


def observe_dispute(dispute: dict[str, Any]) -> DisputeObservation:
    """Of a dispute only what decides about money, and until when evidence is taken."""
    amount = money_of(dispute["amount"], dispute["currency"])
    details: dict[str, Any] = dispute.get("evidence_details") or {}
    due_by = details.get("due_by")
    return DisputeObservation(
        id=dispute["id"],
        intent_id=_id(dispute.get("payment_intent")),
        charge_id=_id(dispute["charge"]) or "",
        amount=amount,
        reason=dispute["reason"],
        status=_status(dispute["status"]),
        is_charge_refundable=bool(dispute["is_charge_refundable"]),
        evidence_due_by=_instant(due_by) if due_by else None,
        has_evidence=bool(details.get("has_evidence")),
        submissions=int(details.get("submission_count") or 0),
        opened_at=_instant(dispute["created"]),
        movements=tuple(_movement(one, amount) for one in dispute.get("balance_transactions") or ()),
    )


def observe_warning(warning: dict[str, Any]) -> HoldObservation:
    """`actionable` ends when the charge is refunded or disputed."""
    return HoldObservation(
        warning["id"],
        HoldKind.EARLY_FRAUD_WARNING,
        warning["fraud_type"],
        bool(warning["actionable"]),
        _instant(warning["created"]),
    )


def observe_review(review: dict[str, Any]) -> HoldObservation:
    return HoldObservation(
        review["id"], HoldKind.REVIEW, review["reason"], bool(review["open"]), _instant(review["created"])
    )


def _status(word: str) -> DisputeStatus:
    """A word that is new is none of an end: until somebody has looked, nothing goes out."""
    known = {status.value for status in DisputeStatus}
    if word in known:
        return DisputeStatus(word)
    return DisputeStatus.WARNING_NEEDS_RESPONSE if word.startswith(_WARNING) else DisputeStatus.NEEDS_RESPONSE


def _movement(transaction: dict[str, Any], disputed: Money) -> DisputeMovement:
    """A balance in another currency than the charge's tells the amount after an exchange: what is disputed
    counts then, in the charge's currency."""
    own = money_of(transaction["amount"], transaction["currency"])
    if own.currency == disputed.currency:
        taken = Money(-own.amount, own.currency)
    else:
        taken = disputed if own.amount < 0 else Money(-disputed.amount, disputed.currency)
    return DisputeMovement(transaction["id"], taken, money_of(transaction["fee"], transaction["currency"]))


def _disputes_named(listed: list[Any]) -> frozenset[str]:
    """`metadata` is ours; the charge's own transfer, and what was made by hand, names no dispute."""
    named = ((one.to_dict().get("metadata") or {}).get("dispute_id") for one in listed)
    return frozenset(str(name) for name in named if name)


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _id(value: Any) -> str | None:
    """An object that comes as an id, or whole where it was asked for."""
    found = value["id"] if isinstance(value, dict) else value
    return str(found) if found else None


def _request_id(answer: Any) -> str | None:
    response = answer.last_response
    return None if response is None else response.request_id

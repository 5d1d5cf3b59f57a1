"""What the payment provider tells and takes about disputes: looks, evidence, the transfers behind them."""

from typing import Any, Protocol

from services.payment.domain.charge import ProviderRequest
from services.payment.domain.disputes import DisputeObservation, HoldKind, HoldObservation, TransferOrder


class DisputeProvider(Protocol):
    """Builds without sending, sends under a key, looks. Each call raises ProviderError, `unavailable`."""

    @property
    def knows_transfers(self) -> bool:
        """Whether there are transfers at all; a stand-in lacks them, and nothing about them is sent."""

    def check(self, request: ProviderRequest) -> None:
        """Hold a request that is not sent against the provider's own description of it."""

    def dispute(self, dispute_id: str) -> DisputeObservation: ...

    def disputes_of(self, intent_id: str) -> list[DisputeObservation]: ...

    def hold(self, kind: HoldKind, hold_id: str) -> HoldObservation:
        """A warning or review, by its id."""

    def evidence_request(self, evidence: dict[str, Any], *, submit: bool) -> ProviderRequest: ...

    def send_evidence(self, dispute_id: str, request: ProviderRequest, key: str) -> DisputeObservation:
        """Send once, under this idempotency key."""

    def reversal_request(self, order: TransferOrder) -> ProviderRequest: ...

    def return_request(self, order: TransferOrder) -> ProviderRequest: ...

    def transfer_of(self, charge_id: str) -> str | None:
        """The transfer that a charge made to the provider's account."""

    def disputes_reversed(self, transfer_id: str) -> frozenset[str]:
        """Ids of the disputes for which a transfer was taken back, whole or in part."""

    def disputes_returned(self, booking_id: str) -> frozenset[str]:
        """Ids of the disputes of a booking for which a transfer was given again."""

    def reverse_transfer(self, transfer_id: str, request: ProviderRequest, key: str) -> str | None:
        """Take the provider's part back, once, under this key; returns the request's id."""

    def return_transfer(self, request: ProviderRequest, key: str) -> str | None:
        """Give the provider's part back again, once, under this key; returns the request's id."""

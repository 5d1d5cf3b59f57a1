"""What is to be charged, and a request for it as it is stored before it is sent."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.payment.domain.authorization import CaptureMethod
from shared.money import Money


class OperationKind(StrEnum):
    """What we ask of the provider; written to `payment_op.op` and `provider_op.op`."""

    CREATE = "create"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    CAPTURE = "capture"
    REFUND = "refund"
    REFUND_FEE = "refund_fee"
    CREATE_ACCOUNT = "create_account"
    PAYOUT = "payout"
    REVERSE_TRANSFER = "reverse_transfer"
    RETURN_TRANSFER = "return_transfer"
    SUBMIT_EVIDENCE = "submit_evidence"


@dataclass(frozen=True)
class ChargeOrder:
    """What is to be charged, and where the provider's share goes."""

    payment_id: str
    booking_id: str
    kind: str
    amount: Money
    commission: Money
    destination: str
    payment_method: str
    capture_method: CaptureMethod = CaptureMethod.AUTOMATIC


@dataclass(frozen=True)
class CaptureOrder:
    """What is taken of a hold; the rest is released. `had_commission`: the hold was made with one."""

    intent_id: str
    amount: Money
    commission: Money
    had_commission: bool


@dataclass(frozen=True)
class RefundOrder:
    """What goes back to the customer. `takes_transfer_back`: the provider's account gives it, which it
    does once however often the refund is tried."""

    refund_id: str
    attempt: int
    payment_id: str
    booking_id: str
    intent_id: str
    amount: Money
    takes_transfer_back: bool


@dataclass(frozen=True)
class FeeRefundOrder:
    """What of the commission goes back to the provider's account."""

    refund_id: str
    payment_id: str
    amount: Money


@dataclass(frozen=True)
class ProviderRequest:
    """One request as it is stored before it is sent: a repeat sends exactly this."""

    operation: OperationKind
    intent_id: str | None
    params: dict[str, Any]

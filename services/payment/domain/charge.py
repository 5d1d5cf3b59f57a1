"""What is to be charged, and a request for it as it is stored before it is sent."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.money import Money


class OperationKind(StrEnum):
    """What we ask of an intent; written to `payment_op.op`."""

    CREATE = "create"
    CONFIRM = "confirm"
    CANCEL = "cancel"


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


@dataclass(frozen=True)
class ProviderRequest:
    """One request as it is stored before it is sent: a repeat sends exactly this."""

    operation: OperationKind
    intent_id: str | None
    params: dict[str, Any]

"""What a visit costs, frozen at the hold (rules M3, M20, B4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.booking.domain.refunds import RefundPolicy
from shared.money import Money

SERVICE_LINE = "service"


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """`kind` says where the amount comes from; `name` is in the platform's languages."""

    kind: str
    name: Mapping[str, str]
    amount: Money


@dataclass(frozen=True, slots=True)
class Quote:
    """Lines that add up to `total`; what is refunded of it by the policy valid at `quoted_at`."""

    lines: tuple[QuoteLine, ...]
    total: Money
    quoted_at: datetime
    policy: RefundPolicy


def quote(name: Mapping[str, str], price: Money, policy: RefundPolicy, now: datetime) -> Quote:
    """The price of one visit, rounded to what can be charged, so that what is shown is charged."""
    amount = price.share(Decimal(1))
    return Quote((QuoteLine(SERVICE_LINE, name, amount),), amount, now, policy)

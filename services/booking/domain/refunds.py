"""What is given back when a visit does not take place (rule B1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from shared.money import Money

FULL = 100


@dataclass(frozen=True, slots=True)
class RefundTier:
    """With at least this notice before the start, this percentage of the service is refunded."""

    notice_hours: int
    percent: int


@dataclass(frozen=True, slots=True)
class RefundPolicy:
    """One version of the policy; its tiers in order of falling notice."""

    policy_id: str
    tiers: tuple[RefundTier, ...]

    def percent(self, notice: timedelta) -> int:
        """For so much notice: the first tier that it reaches; none reached: nothing."""
        for tier in self.tiers:
            if notice >= timedelta(hours=tier.notice_hours):
                return tier.percent
        return 0


@dataclass(frozen=True, slots=True)
class Paid:
    """What the customer has paid: the service part and the tip."""

    service: Money
    tip: Money


@dataclass(frozen=True, slots=True)
class Refund:
    """What is due, as percentages and as amounts; the amounts are what counts."""

    percent: int
    tip_percent: int
    service: Money
    tip: Money


def refund_in_full(paid: Paid) -> Refund:
    """Everything back: nothing was paid, or the visit fails through no fault of the customer."""
    return Refund(FULL, FULL, paid.service, paid.tip)


def refund_by_notice(policy: RefundPolicy, paid: Paid, starts_at: datetime, received_at: datetime) -> Refund:
    """The service part by notice (start minus receipt of the request), the tip in full."""
    percent = policy.percent(starts_at - received_at)
    return Refund(percent, FULL, paid.service.share(Decimal(percent) / FULL), paid.tip)

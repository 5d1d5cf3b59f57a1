"""What is given back when a visit does not take place (rule B1)."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from shared.money import Money

FULL = 100
MOST_MOVES = 3
"""What policies say that were frozen before they said it."""


@dataclass(frozen=True, slots=True)
class RefundTier:
    """With at least this notice before the start, this percentage of the service is refunded."""

    notice_hours: int
    percent: int


@dataclass(frozen=True, slots=True)
class RefundPolicy:
    """One version of the policy; its tiers in order of falling notice.

    A visit may be moved by its customer `most_moves` times (rule B2). `no_show_percent` of the service is
    refunded when the customer was not there.
    """

    policy_id: str
    tiers: tuple[RefundTier, ...]
    most_moves: int = MOST_MOVES
    no_show_percent: int = 0

    def tier(self, notice: timedelta) -> RefundTier:
        """For so much notice: the first tier that it reaches; none reached: nothing is refunded."""
        for tier in self.tiers:
            if notice >= timedelta(hours=tier.notice_hours):
                return tier
        return RefundTier(0, 0)


@dataclass(frozen=True, slots=True)
class Paid:
    """What the customer has paid: the service part and the tip."""

    service: Money
    tip: Money

    def less(self, returned: "Paid") -> "Paid":
        """What is left of it; never below nothing."""
        return Paid(_left(self.service, returned.service), _left(self.tip, returned.tip))


@dataclass(frozen=True, slots=True)
class Refund:
    """What is due, as percentages of what was paid and as amounts; the amounts are what counts.

    What was given back before is not in the amounts.
    """

    percent: int
    tip_percent: int
    service: Money
    tip: Money


def refund_in_full(paid: Paid) -> Refund:
    """Everything back: nothing was paid, or the visit fails through no fault of the customer."""
    return Refund(FULL, FULL, paid.service, paid.tip)


def refund_by_notice(policy: RefundPolicy, paid: Paid, returned: Paid, notice: timedelta) -> Refund:
    """The service part by notice (start minus receipt of the request), the tip in full.

    What was given back before counts towards both.
    """
    return _of_service(policy.tier(notice).percent, paid, returned)


def refund_of_no_show(policy: RefundPolicy, paid: Paid, returned: Paid) -> Refund:
    """What the policy leaves of the service part, the tip in full: nobody was there to give it for."""
    return _of_service(policy.no_show_percent, paid, returned)


def _of_service(percent: int, paid: Paid, returned: Paid) -> Refund:
    due = Paid(paid.service.share(Decimal(percent) / FULL), paid.tip).less(returned)
    return Refund(percent, FULL, due.service, due.tip)


def _left(amount: Money, returned: Money) -> Money:
    left = amount - returned
    return left if left.amount > 0 else Money(0, amount.currency)

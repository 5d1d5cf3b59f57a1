"""What is paid out to a provider: whose money, how much of it, and a payout's way (rules M4, M13 and M21)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.money import Money, step

# Amounts of payouts that Stripe takes in whole units only, though the currency has two decimals
# (docs.stripe.com/currencies, "Special cases").
_WHOLE_UNITS = {"HUF": 100, "TWD": 100}


class PayoutState(StrEnum):
    """`created`: written down, and perhaps asked for. The rest is the provider of payments' word."""

    CREATED = "created"
    SENT = "sent"
    PAID = "paid"
    FAILED = "failed"


RANK = {state: rank for rank, state in enumerate(PayoutState)}
"""Their order above; `failed` is last, since a payout can fail after it was paid."""

ACCEPTED = frozenset({PayoutState.SENT, PayoutState.PAID})
"""The money has left what is due to the provider."""

MOVING = frozenset({PayoutState.CREATED, PayoutState.SENT})


@dataclass(frozen=True)
class PayoutLine:
    """One payment's part of a payout: what is due of it, less what is kept for an earlier refund of it."""

    payment_id: str
    due: int
    netted: int


@dataclass(frozen=True)
class PayoutPlan:
    """A payout before it is asked for; `lines` add up to `amount`, which is above zero.

    `kept_too_much`: by payment what earlier payouts kept and the provider does not owe; it is in the lines'
    `due`, once it is posted so.
    """

    lines: tuple[PayoutLine, ...]
    amount: Money
    kept_too_much: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PayoutOrder:
    """What is to be paid out, and from whose account."""

    payout_id: str
    provider_id: str
    account_id: str
    amount: Money


@dataclass(frozen=True)
class PayoutObservation:
    """A payout as the provider of payments sees it. `our_id` is what we wrote into it, if anything.

    `amount` is its number, `currency` its lower-case code.
    """

    provider_payout_id: str
    state: PayoutState
    amount: int
    currency: str
    our_id: str | None
    failure_code: str | None


def payout_step(currency: str) -> int:
    """The smallest difference, in minor units, between two amounts that can be paid out (rule M4)."""
    return max(step(currency), _WHOLE_UNITS.get(currency, 1))


def plan_payout(due: Mapping[str, int], owed: Mapping[str, int], currency: str) -> PayoutPlan | None:
    """Pay what is due by payment, less what the provider owes by payment; None when nothing is left.

    Owed below zero was kept too much: it is due. A bank gave what a payout had kept, and took more of it
    from the service, whose commission is the provider's again.

    What is finer than the currency's payouts allow stays due: it is taken from the last payment that
    has so much. Nothing is kept from a provider who would get nothing.
    """
    kept_too_much = {payment_id: -amount for payment_id, amount in owed.items() if amount < 0}
    due = dict(due) | {one: due.get(one, 0) + amount for one, amount in kept_too_much.items()}
    owed = {payment_id: amount for payment_id, amount in owed.items() if amount > 0}
    total = sum(due.values()) - sum(owed.values())
    rest = total % payout_step(currency)
    if total - rest <= 0:
        return None
    lines = []
    for payment_id in sorted(due.keys() | owed.keys(), reverse=True):
        left = min(rest, max(0, due.get(payment_id, 0)))
        rest -= left
        line = PayoutLine(payment_id, due.get(payment_id, 0) - left, owed.get(payment_id, 0))
        if line.due or line.netted:
            lines.append(line)
    amount = sum(line.due - line.netted for line in lines)
    return PayoutPlan(tuple(reversed(lines)), Money(amount, currency), kept_too_much)


def later(current: PayoutState, observed: PayoutState) -> PayoutState:
    """The state after an observation: the one with the higher rank, so their order does not matter."""
    return observed if RANK[observed] > RANK[current] else current

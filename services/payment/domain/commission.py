"""Which rate a payment's commission has: the most special line that matches, else the set's own rate."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class CommissionLine:
    """A rate for some payments only: of a provider, of a category, from so many bookings on.

    `from_bookings` counts the provider's captured bookings of the calendar month before the one in which
    the price was quoted, in the operator's zone. Whole months, so that the rate of a month is known when it
    begins, does not depend on which of two payments was captured first, and can be computed anew at any
    time; bookings, not amounts, since amounts of several currencies do not add up.
    """

    id: str
    rate: Decimal
    provider_id: str | None = None
    category: str | None = None
    from_bookings: int = 0

    def matches(self, facts: "PaymentFacts", bookings: int) -> bool:
        """Whether all that the line names is so."""
        return (
            self.provider_id in (None, facts.provider_id)
            and self.category in (None, facts.category)
            and self.from_bookings <= bookings
        )

    @property
    def precedence(self) -> tuple[bool, bool, int]:
        """Who names the provider comes before who names the category, then the higher tier.

        No two lines of a set are equal in all that they name, so there is always one that comes first.
        """
        return (self.provider_id is not None, self.category is not None, self.from_bookings)


@dataclass(frozen=True)
class CommissionRules:
    """A version of the rules, valid from an instant until the next one is. `rate` is the default line."""

    id: str
    rate: Decimal
    valid_from: datetime
    lines: tuple[CommissionLine, ...] = ()


@dataclass(frozen=True)
class PaymentFacts:
    """What lines are chosen by. `category` is None where the service was never heard of."""

    provider_id: str
    category: str | None


@dataclass(frozen=True)
class Commission:
    """What was chosen, once for a payment. `line_id` is None for the set's own rate."""

    rules_id: str
    line_id: str | None
    rate: Decimal


def needs_volume(rules: CommissionRules, facts: PaymentFacts) -> bool:
    """Whether a tier decides about this payment, so that the provider's bookings have to be counted."""
    enough = max((line.from_bookings for line in rules.lines), default=0)
    return any(line.from_bookings and line.matches(facts, enough) for line in rules.lines)


def choose(rules: CommissionRules, facts: PaymentFacts, bookings: int) -> Commission:
    """The line that counts for a payment whose provider had so many bookings in the month before."""
    matching = [line for line in rules.lines if line.matches(facts, bookings)]
    if not matching:
        return Commission(rules.id, None, rules.rate)
    line = max(matching, key=lambda one: one.precedence)
    return Commission(rules.id, line.id, line.rate)

"""How a payment is divided: the platform's commission on the service alone, the provider the rest."""

from dataclasses import dataclass
from decimal import Decimal

from shared.money import Money


@dataclass(frozen=True)
class Split:
    """A charge and its two shares: `commission + provider == service + tip`, always (rule M7)."""

    service: Money
    tip: Money
    commission: Money

    @property
    def total(self) -> Money:
        return self.service + self.tip

    @property
    def provider(self) -> Money:
        """What the provider receives: the remainder, with the whole tip."""
        return self.total - self.commission


def divide(service: Money, tip: Money, rate: Decimal) -> Split:
    """Divide a charge. `rate` is the commission rule's, 0 to 1, on the service without tip (rule M8).

    Rounded once, half up to the currency's step (rule M6). Raises ValueError for a rate out of range,
    a negative amount, or a tip in another currency.
    """
    if not 0 <= rate <= 1:
        raise ValueError("a commission rate is between 0 and 1")
    if service.amount < 0 or tip.amount < 0:
        raise ValueError("amounts of a charge are not negative")
    _ = service + tip
    return Split(service, tip, service.share(rate))

"""What the reviews of a provider say in sum; whole numbers, so that nothing drifts."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

PRIOR_COUNT = 5
PRIOR_RATING = 4
"""A provider starts as if it had five reviews of four, so that one review of five does not put it
before a hundred of 4.9. The store's generated column `weighted_thousandths` uses both."""


@dataclass(frozen=True, slots=True)
class Rating:
    """Sum and number of the reviews of one provider, each 1 to 5."""

    total: int
    count: int

    @property
    def average(self) -> Decimal | None:
        """With two decimals, rounded half up; None without reviews."""
        if not self.count:
            return None
        return (Decimal(self.total) / self.count).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)

    @property
    def hundredths(self) -> int:
        """The average as it is shown, times 100; 0 without reviews. Filters and sorting use it."""
        return int((self.average or Decimal(0)) * 100)

    @property
    def weighted_thousandths(self) -> int:
        """The average pulled towards the prior, times 1000; by it relevance breaks ties."""
        weighted = Decimal(self.total + PRIOR_COUNT * PRIOR_RATING) * 1000 / (self.count + PRIOR_COUNT)
        return int(weighted.quantize(Decimal(1), rounding=ROUND_HALF_UP))

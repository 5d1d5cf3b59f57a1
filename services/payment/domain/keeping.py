"""What is taken of a hold of a visit that was cancelled late: what does not go back (rules M7 and M9)."""

from services.payment.domain.charge_limits import is_too_small
from services.payment.domain.refunds import sum_of, with_commission
from services.payment.domain.split import Split
from shared.money import Money


def nothing_of(split: Split) -> Split:
    """The whole hold is released."""
    zero = Money(0, split.total.currency)
    return Split(zero, zero, zero)


def kept_of(split: Split, service_back: Money, tip_back: Money) -> Split:
    """The charge less what would go back of it, with the commission on what is left.

    The commission is what a refund of the same parts would leave, so that it makes no difference
    whether the money was held or taken before. What is too little to be charged is not taken at all.
    """
    back = with_commission(split, sum_of([], split.total.currency), service_back, tip_back)
    kept = Split(split.service - back.service, split.tip - back.tip, split.commission - back.commission)
    return nothing_of(split) if is_too_small(kept.total) else kept

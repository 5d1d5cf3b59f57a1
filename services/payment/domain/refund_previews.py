"""What a refund would move, shown before it is done: who bears it and what is left (rule B3)."""

from dataclasses import dataclass

from services.payment.domain.refunds import RefundParts, with_commission
from services.payment.domain.split import Split
from shared.money import Money


@dataclass(frozen=True)
class RefundPreview:
    """`parts` go back; `left` is what is kept of service and tip after it, and of the commission."""

    payment_id: str
    booking_id: str
    parts: RefundParts
    left: RefundParts


def preview_of(
    payment_id: str, booking_id: str, split: Split, so_far: RefundParts, wanted: tuple[Money, Money]
) -> RefundPreview:
    """The preview of a refund that is known to be refundable; `wanted` are its service and tip part."""
    parts = with_commission(split, so_far, *wanted)
    whole = RefundParts(split.service, split.tip, split.commission)
    return RefundPreview(payment_id, booking_id, parts, whole - so_far - parts)


def shared_out(amount: Money, split: Split, so_far: RefundParts) -> tuple[Money, Money]:
    """An amount as service and tip part: from the service first, since a tip is the provider's alone."""
    service_left = split.service - so_far.service
    service = Money(min(amount.amount, service_left.amount), amount.currency)
    return service, amount - service

"""What cancelling a booking gives back, shown before it is done (promise C6, rule B3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.booking.domain.booking import Booking
from services.booking.domain.refunds import Paid, Refund, refund_by_notice, refund_in_full

LAST_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class RefundQuote:
    """What cancelling gives back up to and including `valid_until`.

    `notice_hours` is the notice that this percentage asks for.
    """

    booking_id: str
    refund: Refund
    notice_hours: int
    valid_until: datetime


def quote_refund(booking: Booking, returned: Paid, now: datetime) -> RefundQuote:
    """For a cancellation that is received now; `returned` is what was given back of it before.

    Valid as long as time alone doesn't change it: to the edge of the tier, at most to the start,
    from which on a customer can't cancel. By the policy frozen with the quote (rules B1 and B4); all of it
    while its provider has not accepted it.
    """
    start = booking.visit.start
    last = start - LAST_INSTANT
    if booking.payment is None or booking.awaits_answer:
        whole = refund_in_full(booking.paid.less(returned))
        answer_by = booking.hold.ends_at if booking.awaits_answer and booking.hold else start
        return RefundQuote(booking.booking_id, whole, 0, min(last, answer_by - LAST_INSTANT))
    policy, notice = booking.quote.policy, booking.notice(now)
    refund = refund_by_notice(policy, booking.paid, returned, notice)
    hours = policy.tier(notice).notice_hours
    return RefundQuote(booking.booking_id, refund, hours, min(start - timedelta(hours=hours), last))

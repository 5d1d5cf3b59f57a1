"""A booking as a hold makes it, for tests of what may happen to it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from services.booking.domain.booking import Booking, Payment
from services.booking.domain.holds import Hold
from services.booking.domain.local_time import Interval, LocalInstant
from services.booking.domain.quotes import quote
from services.booking.domain.refunds import Paid, RefundPolicy, RefundTier
from services.booking.domain.states import PendingFor, State
from shared.money import Money

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
START = datetime(2026, 6, 12, 14, tzinfo=UTC)
POLICY = RefundPolicy("policy-1", (RefundTier(24, 100), RefundTier(2, 75), RefundTier(0, 50)))
PAYMENT = Payment("payment-1", Paid(Money(10000, "USD"), Money(500, "USD")))
PRICE = Money(int(Decimal(10000)), "USD")


def held_booking(version: int = 1) -> Booking:
    """Pending, for 15 minutes, two days before its visit in New York."""
    visit = Interval(START, START + timedelta(hours=1))
    local = START.replace(tzinfo=None) - timedelta(hours=4)
    return Booking(
        booking_id="booking-1",
        version=version,
        state=State.PENDING,
        customer_id="customer-1",
        provider_id="provider-1",
        service_id="service-1",
        staff_id="staff-1",
        service_name={"en": "Massage"},
        visit=visit,
        blocked=visit,
        time_zone="America/New_York",
        start=LocalInstant(START, local, timedelta(hours=-4)),
        quote=quote({"en": "Massage"}, PRICE, POLICY, NOW),
        created_at=NOW,
        pending_for=PendingFor.PAYMENT,
        hold=Hold(NOW + timedelta(minutes=15)),
        held_from="digest",
    )

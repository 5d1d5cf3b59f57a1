"""Payments as tests need them: paid in one step, or waiting for the customer's bank."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from services.payment.usecases.desk import Desk
from services.payment.usecases.process_payment import process_payment
from tests.integration.payment.bookings import TOO_FAR_TO_HOLD, Booked, Bookings

CREATE, CONFIRM = "POST /v1/payment_intents", "POST /v1/payment_intents/{id}/confirm"
REFUND = "POST /v1/refunds"
"""Operations of Stripe's API as the proxy counts them."""
WITH_3DS = "pm_card_threeDSecure2Required"


def pay(desk: Desk, booked: Booked, tip: str | None = None) -> dict[str, Any]:
    """Pay in one step; answers the payment."""
    request = booked.request(tip=Decimal(tip) if tip else None)
    return process_payment(desk, request, booked.customer)


def ask_for_3ds(
    desk: Desk, bookings: Bookings, tip: str | None = None, ahead: timedelta = TOO_FAR_TO_HOLD
) -> tuple[Booked, dict[str, Any]]:
    """A held booking, and its payment that waits for the customer's bank."""
    booked = bookings.hold(ahead=ahead)
    request = booked.request(WITH_3DS, tip=Decimal(tip) if tip else None)
    return booked, process_payment(desk, request, booked.customer)

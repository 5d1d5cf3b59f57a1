"""Without a key payments are off: refused, never pretended."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from services.payment.settings import Mode
from services.payment.usecases.desk import Desk
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.read_payments import confirm_payment, get_payment_mode, list_payments
from services.payment.usecases.webhooks import receive_webhook
from shared.errors import ServiceError
from tests.integration.payment.bookings import Booked, Bookings
from tests.integration.payment.records import rows
from tests.integration.payment.standin import StandIn

COMMANDS: list[Callable[[Desk, Booked], object]] = [
    lambda desk, booked: process_payment(desk, booked.request(), booked.customer),
    lambda desk, booked: confirm_payment(desk, "pi_1", booked.customer),
    lambda desk, booked: receive_webhook(desk, "e30=", "t=1,v1=x"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_payments_that_are_off_are_refused(
    command: Callable[[Desk, Booked], object],
    desk: Desk,
    bookings: Bookings,
    owner: Engine,
    standin: StandIn,
) -> None:
    """promise D7: `payments_not_configured`; nothing is written, nobody is called."""
    off = replace(desk, mode=Mode.OFF, provider=None)
    with pytest.raises(ServiceError, match="payments_not_configured"):
        command(off, bookings.hold())
    assert rows(owner, "SELECT 1 FROM payment UNION ALL SELECT 1 FROM webhook_event") == []
    assert bookings.asked == 0
    assert standin.calls() == {}


def test_what_was_paid_before_can_still_be_seen(desk: Desk, bookings: Bookings) -> None:
    booked = bookings.hold()
    paid = process_payment(desk, booked.request(), booked.customer)
    off = replace(desk, mode=Mode.OFF, provider=None)
    assert [one["payment_id"] for one in list_payments(off, 10, None, booked.customer)["payments"]] == [
        paid["payment_id"]
    ]
    assert get_payment_mode(off) == {"mode": "off", "banner": None}
    assert "no money moves" in get_payment_mode(desk)["banner"]

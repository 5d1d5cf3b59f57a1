"""What booking says is due when a visit does not take place, as payment keeps it."""

from datetime import datetime
from typing import Any

from services.payment.store.rows import Cancellation
from shared.messages.envelope import Event


def cancellation_of(event: Event, cause: str | None, over_at: datetime) -> Cancellation:
    """The amounts are booking's; the share of what is left waits from `over_at` on."""
    data: dict[str, Any] = event.data
    return Cancellation(
        booking_id=data["booking_id"],
        version=event.aggregate_version,
        cause=cause,
        currency=data["service_refund"]["currency"],
        refund_percent=data["refund_percent"],
        tip_percent=data["tip_percent"],
        service_refund=data["service_refund"]["amount"],
        tip_refund=data["tip_refund"]["amount"],
        cancelled_at=over_at,
    )

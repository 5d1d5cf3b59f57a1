"""What notify knows of a booking, as booking's events tell it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What an entry is about; the values are those of the contract."""

    HELD = "booking_held"
    ANSWER_DUE = "booking_answer_due"
    PAYMENT_DUE = "booking_payment_due"
    CONFIRMED = "booking_confirmed"
    RESCHEDULED = "booking_rescheduled"
    CANCELLED = "booking_cancelled"
    EXPIRED = "booking_expired"
    NO_SHOW = "booking_no_show"
    CONTESTED = "booking_contested"
    NO_SHOW_STANDS = "booking_no_show_stands"
    REFUNDED = "payment_refunded"
    REFUND_FAILED = "payment_refund_failed"
    TAKEN = "payment_captured"


@dataclass(frozen=True)
class Visit:
    """One booking at the moment of an event.

    `starts_at` and `hold_expires_at` are instants in UTC; `day`, `time` (HH:MM) and `utc_offset`
    (`-05:00`) are local to `time_zone`, where the visit takes place, as booking computed them.
    """

    booking_id: str
    customer_id: str
    provider_id: str
    service_names: dict[str, str]
    starts_at: datetime
    day: date
    time: str
    utc_offset: str
    time_zone: str
    hold_expires_at: datetime | None
    cancel_cause: str | None

"""What a provider offers at one moment: everything that a hold or a list of free times needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.booking.domain.calendar import Calendar
from services.booking.domain.quotes import Quote, quote
from services.booking.domain.refunds import RefundPolicy
from shared.money import Money


@dataclass(frozen=True, slots=True)
class Offering:
    """One service with its provider's calendar, the staff that does it, and the policy valid `now`."""

    now: datetime
    provider_id: str
    service_id: str
    service_name: Mapping[str, str]
    duration: timedelta
    price: Money
    calendar: Calendar
    staff_ids: tuple[str, ...]
    policy: RefundPolicy

    def quote(self) -> Quote:
        """The price at this moment."""
        return quote(self.service_name, self.price, self.policy, self.now)

"""What a provider offers at one moment: everything that a hold or a list of free times needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.booking.domain.booking import Place
from services.booking.domain.quotes import Quote, quote
from services.booking.domain.refunds import RefundPolicy
from services.booking.domain.supply import Supply
from shared.money import Money


class Acceptance(StrEnum):
    """Whether a paid visit is agreed at once, or its provider is asked first (promise C9)."""

    INSTANT = "instant"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Offering:
    """One service with its supply and its price, and the policy valid `now`.

    `answer_hours`: the provider is asked first, and has so long to answer; None: booked at once (promise C9).
    """

    now: datetime
    provider_id: str
    service_id: str
    service_name: Mapping[str, str]
    price: Money
    supply: Supply
    policy: RefundPolicy
    places: tuple[Place, ...] = (Place.PROVIDER,)
    answer_hours: int | None = None

    @property
    def staff_ids(self) -> tuple[str, ...]:
        """Who does the service."""
        return tuple(worker.staff_id for worker in self.supply.workers)

    def quote(self) -> Quote:
        """The price at this moment."""
        return quote(self.service_name, self.price, self.policy, self.now)

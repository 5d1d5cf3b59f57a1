"""What a provider offers at one moment: everything that a hold or a list of free times needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.booking.domain.booking import Place
from services.booking.domain.quotes import Quote, quote
from services.booking.domain.refunds import RefundPolicy
from services.booking.domain.supply import Supply
from shared.money import Money


@dataclass(frozen=True, slots=True)
class Offering:
    """One service with its supply and its price, and the policy valid `now`."""

    now: datetime
    provider_id: str
    service_id: str
    service_name: Mapping[str, str]
    price: Money
    supply: Supply
    policy: RefundPolicy
    places: tuple[Place, ...] = (Place.PROVIDER,)

    @property
    def staff_ids(self) -> tuple[str, ...]:
        """Who does the service."""
        return tuple(worker.staff_id for worker in self.supply.workers)

    def quote(self) -> Quote:
        """The price at this moment."""
        return quote(self.service_name, self.price, self.policy, self.now)

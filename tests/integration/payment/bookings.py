"""Booking as payment sees it: prepared payments and events, by the contract and nothing more."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_events import on_provider_published, on_service_published
from shared.contracts import booking as contract
from shared.contracts import booking_events, search
from shared.contracts import booking_no_show as no_show
from shared.contracts.declaration import Caller, read, write
from shared.errors import not_found
from shared.ids import new_id
from shared.messages.envelope import Event
from shared.money import Money

VISIT = timedelta(hours=1)
TOO_FAR_TO_HOLD = timedelta(days=10)
NEAR = timedelta(days=3)
"""The card is charged when a visit so far ahead is booked, and held until after one that is near."""
ENDS = {
    "cancelled": booking_events.BOOKING_CANCELLED,
    "expired": booking_events.BOOKING_EXPIRED,
    "completed": booking_events.BOOKING_COMPLETED,
    "no_show": no_show.BOOKING_NO_SHOW,
    "contested": no_show.BOOKING_CONTESTED,
    "stands": no_show.BOOKING_NO_SHOW_STANDS,
}


class Booked:
    """One held booking of one customer."""

    def __init__(self, price: Money, provider_id: str, ahead: timedelta) -> None:
        self.id = new_id()
        self.customer = Caller(user_id=new_id())
        self.provider_id = provider_id
        self.service_id = new_id()
        self.price = price
        self.hold = timedelta(minutes=15)
        self.starts_at = datetime.now(UTC) + ahead
        self.quoted_at = datetime.now(UTC)
        self.lines = [price]

    def request(
        self,
        payment_method: str | None = "pm_card_visa",
        tip: Any = None,
        key: str = "",
        method: str = "card",
    ) -> dict[str, Any]:
        return {
            "booking_id": self.id,
            "payment_method_id": payment_method,
            "method": method,
            "tip": tip,
            "idempotency_key": key or new_id(),
        }

    def quote(self) -> dict[str, Any]:
        names = {"en": "Massage", "ar": None}
        return {
            "lines": [{"kind": "service", "name": names, "amount": line.to_wire()} for line in self.lines],
            "total": self.price.to_wire(),
            "quoted_at": self.quoted_at,
            "refund_policy_id": new_id(),
            "refund_tiers": [{"notice_hours": 24, "percent": 100}],
        }


class Bookings:
    """Answers `booking.prepare_payment`, strictly by its contract, and counts how often it was asked."""

    def __init__(self) -> None:
        self.provider_id = new_id()
        self.asked = 0
        self._booked: dict[str, Booked] = {}
        self.refusal: Exception | None = None
        self.tells_everyone = False
        self.grace = timedelta(days=1)
        self.says_by_when = True

    def hold(
        self,
        amount: int = 10000,
        currency: str = "USD",
        provider_id: str | None = None,
        ahead: timedelta = TOO_FAR_TO_HOLD,
    ) -> Booked:
        booked = Booked(Money(amount, currency), provider_id or self.provider_id, ahead)
        self._booked[booked.id] = booked
        return booked

    def prepare(self, booking_id: str, caller: Caller) -> dict[str, Any]:
        self.asked += 1
        if self.refusal is not None:
            raise self.refusal
        booked = self._booked.get(booking_id)
        if booked is None or not (self.tells_everyone or booked.customer.user_id == caller.user_id):
            raise not_found()
        answer = {
            "booking_id": booked.id,
            "customer_id": booked.customer.user_id,
            "provider_id": booked.provider_id,
            "service_id": booked.service_id,
            "quote": booked.quote(),
            "starts_at": booked.starts_at,
            "ends_at": booked.starts_at + VISIT,
            "done_by": booked.starts_at + VISIT + self.grace if self.says_by_when else None,
            "hold_expires_at": datetime.now(UTC) + booked.hold,
        }
        return read(contract.PREPARE_PAYMENT.answer, write(contract.PREPARE_PAYMENT.answer, answer))

    def publish_provider(
        self, desk: Desk, provider_id: str = "", *, payable: bool = True, version: int = 1
    ) -> None:
        on_provider_published(desk, published(provider_id or self.provider_id, payable, version))

    def publish_service(self, desk: Desk, booked: Booked, category: str, version: int = 1) -> None:
        data = {
            "service_id": booked.service_id,
            "provider_id": booked.provider_id,
            "category": category,
            "name": {"en": "Massage", "ar": None},
            "duration_minutes": 60,
            "list_price": booked.price.to_wire(),
        }
        kind, now = search.SERVICE_PUBLISHED, datetime.now(UTC)
        event = Event(kind, booked.service_id, version, booked.provider_id, None, data, now)
        on_service_published(desk, Event.from_wire(kind, event.to_wire()))


def published(provider_id: str, payable: bool, version: int, city: str = "New York") -> Event:
    data = {
        "provider_id": provider_id,
        "name": {"en": "Ann", "ar": None},
        "city": city,
        "country": "US",
        "time_zone": "America/New_York",
        "currency": "USD",
        "location": {"latitude": 40.7, "longitude": -74.0},
        "payable": payable,
    }
    return Event(search.PROVIDER_PUBLISHED, provider_id, version, provider_id, None, data, datetime.now(UTC))


def ended(booked: Booked, state: str, at: datetime | None = None, **more: Any) -> Event:
    """`booking_expired`, `booking_completed`, `booking_rescheduled`; `booking_cancelled` or `booking_no_show`
    with what is due, and what was said of the latter. `version` is that of the booking."""
    version = more.pop("version", 3)
    data = {
        "booking_id": booked.id,
        "version": version,
        "state": "no_show" if state in ("contested", "stands") else state,
        "customer_id": booked.customer.user_id,
        "provider_id": booked.provider_id,
        "service_id": new_id(),
        "staff_id": new_id(),
        "service_name": {"en": "Massage", "ar": None},
        "starts_at": booked.starts_at,
        "ends_at": booked.starts_at + VISIT,
        "time_zone": "America/New_York",
        "local_date": "2027-01-15",
        "local_time": "10:00",
        "utc_offset": "-05:00",
        "quote": booked.quote(),
        "hold_expires_at": None,
        "notes": None,
        "cancel_cause": "customer" if state == "cancelled" else None,
        "created_at": datetime.now(UTC),
        **more,
    }
    kind = ENDS.get(state, booking_events.BOOKING_RESCHEDULED)
    at = at or datetime.now(UTC)
    event = Event(kind, booked.id, version, booked.provider_id, booked.customer.user_id, data, at)
    return Event.from_wire(kind, event.to_wire())


def moved(
    booked: Booked, version: int, ahead: timedelta, service_refund: int, unpaid_price: int | None = None
) -> Event:
    """`booking_rescheduled`: to a start so far ahead, where it costs so much less; done a day after its
    end. Not paid yet where it has a price."""
    starts_at = datetime.now(UTC) + ahead
    event = ended(
        booked,
        "confirmed" if unpaid_price is None else "pending",
        version=version,
        starts_at=starts_at,
        ends_at=starts_at + VISIT,
        previous_starts_at=booked.starts_at,
        previous_ends_at=booked.starts_at + VISIT,
        service_refund=Money(service_refund, booked.price.currency).to_wire(),
        done_by=starts_at + VISIT + timedelta(days=1),
    )
    if unpaid_price is not None:
        event.data["pending_for"] = "payment"
        event.data["quote"] = event.data["quote"] | {
            "total": Money(unpaid_price, booked.price.currency).to_wire()
        }
    return event


def due(booked: Booked, percent: int, service: int, tip: int) -> dict[str, Any]:
    currency = booked.price.currency
    return {
        "refund_percent": percent,
        "tip_percent": 100,
        "service_refund": Money(service, currency).to_wire(),
        "tip_refund": Money(tip, currency).to_wire(),
    }

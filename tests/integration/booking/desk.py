"""What customers do, in few words: makes providers, asks for free times, holds, pays, cancels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.booking.settings import BookingSettings
from services.booking.usecases.answer_booking import accept_booking, decline_booking
from services.booking.usecases.availability import get_availability
from services.booking.usecases.calendar_import import import_calendar
from services.booking.usecases.cancel_booking import cancel_booking
from services.booking.usecases.change_notes import change_notes
from services.booking.usecases.hold_slot import create_booking
from services.booking.usecases.payment_outcomes import (
    apply_payment_ended,
    apply_payment_processing,
    apply_payment_refunded,
    apply_payment_succeeded,
)
from services.booking.usecases.prepare_payment import prepare_payment
from services.booking.usecases.read_bookings import list_provider_bookings, read_booking
from services.booking.usecases.refund_quote import get_refund_quote
from services.booking.usecases.reschedule import get_reschedule_quote, reschedule_booking
from services.booking.usecases.visit_commands import cancel_for_provider, complete_booking, start_booking
from shared import clock
from shared.contracts import booking as contract
from shared.contracts import payment as payment_contract
from shared.contracts.booking_forms import (
    CancelBookingRequestSchema,
    HoldRequestSchema,
)
from shared.contracts.booking_times_forms import AvailabilityRequestSchema
from shared.contracts.declaration import Caller, EventType, Post, RpcMethod, read, write
from shared.database.transaction import Transaction
from shared.ids import new_id
from shared.messages.envelope import Event

LENGTHS = (60, 90)
ADDRESS: dict[str, Any] = {
    "lines": ["350 5th Avenue", "Floor 7"],
    "city": "New York",
    "latitude": 40.7484,
    "longitude": -73.9857,
}
PRICE = 10000


@dataclass(frozen=True)
class Provider:
    """Open every day from 09:00 to 18:00 unless told otherwise; service number 0 takes 60 minutes."""

    provider_id: str
    services: tuple[str, ...]
    staff: tuple[str, ...]
    zone: str


@dataclass
class Desk:
    """Use cases with requests read by their contracts, as the service's door does it."""

    transaction: Transaction
    settings: BookingSettings
    day: date = field(default_factory=lambda: clock.now().date() + timedelta(days=10))

    def open_provider(self, staff: int = 1, zone: str = "Africa/Abidjan", **rules: Any) -> Provider:
        """Make a provider that nobody has booked; `rules` replace members of the calendar's file."""
        made = Provider(
            new_id(), tuple(new_id() for _ in LENGTHS), tuple(new_id() for _ in range(staff)), zone
        )
        content = {"format": 1, "providers": [calendar_entry(made, **rules)], "past_bookings": []}
        import_calendar(self.transaction, content)
        return made

    def availability(
        self,
        provider: Provider,
        day: date | None = None,
        *,
        service: int = 0,
        staff_id: str | None = None,
        **members: Any,
    ) -> dict[str, Any]:
        request = {
            "provider_id": provider.provider_id,
            "service_id": provider.services[service],
            "date": (day or self.day).isoformat(),
            "staff_id": staff_id,
            **members,
        }
        return get_availability(self.transaction, read(AvailabilityRequestSchema, request))

    def free_times(self, provider: Provider, day: date | None = None, **options: Any) -> list[str]:
        return [slot["local_time"] for slot in self.availability(provider, day, **options)["slots"]]

    def hold(
        self, provider: Provider, start: str = "10:00", caller: Caller | None = None, **members: Any
    ) -> dict[str, Any]:
        """Hold a slot as somebody who has none; `service` is a number."""
        request = {
            "provider_id": provider.provider_id,
            "service_id": provider.services[members.pop("service", 0)],
            "booking_date": self.day.isoformat(),
            "start_time": start,
            "idempotency_key": new_id(),
            **members,
        }
        values = read(HoldRequestSchema, request)
        return create_booking(self.transaction, self.settings, values, caller or somebody())

    def look(self, booking: dict[str, Any], caller: Caller | None = None) -> dict[str, Any]:
        """What this caller, or the customer, sees of the booking."""
        request = {"booking_id": booking["booking_id"]}
        answer = read_booking(self.transaction, request, caller or customer_of(booking))
        return read(contract.GET_BOOKING.answer, write(contract.GET_BOOKING.answer, answer))

    def note(
        self,
        booking: dict[str, Any],
        side: str,
        notes: str | None,
        caller: Caller | None = None,
        **members: Any,
    ) -> dict[str, Any]:
        request = {
            "booking_id": booking["booking_id"],
            "side": side,
            "notes": notes,
            "idempotency_key": new_id(),
            **members,
        }
        method = contract.CHANGE_NOTES
        values = read(method.request, request)
        answer = change_notes(self.transaction, values, caller or customer_of(booking))
        return write(method.answer, answer)

    def prepare(self, booking: dict[str, Any], caller: Caller | None = None) -> dict[str, Any]:
        request = {"booking_id": booking["booking_id"]}
        return prepare_payment(self.transaction, self.settings, request, caller or customer_of(booking))

    def cancel(self, booking: dict[str, Any], caller: Caller | None = None, **members: Any) -> dict[str, Any]:
        request = {"booking_id": booking["booking_id"], "idempotency_key": new_id(), **members}
        values = read(CancelBookingRequestSchema, request)
        return cancel_booking(self.transaction, values, caller or customer_of(booking))

    def start(self, booking: dict[str, Any], caller: Caller, **members: Any) -> dict[str, Any]:
        return self._say(contract.START_BOOKING, start_booking, booking, caller, members)

    def complete(self, booking: dict[str, Any], caller: Caller, **members: Any) -> dict[str, Any]:
        return self._say(contract.COMPLETE_BOOKING, complete_booking, booking, caller, members)

    def accept(self, booking: dict[str, Any], caller: Caller, **members: Any) -> dict[str, Any]:
        return self._say(contract.ACCEPT_BOOKING, accept_booking, booking, caller, members)

    def decline(self, booking: dict[str, Any], caller: Caller, **members: Any) -> dict[str, Any]:
        return self._say(contract.DECLINE_BOOKING, decline_booking, booking, caller, members)

    def reschedule_quote(
        self, booking: dict[str, Any], start: str, caller: Caller | None = None, **members: Any
    ) -> dict[str, Any]:
        method = contract.GET_RESCHEDULE_QUOTE
        request = read(method.request, self._new_time(booking, start, members))
        answer = get_reschedule_quote(self.transaction, request, caller or customer_of(booking))
        return read(method.answer, write(method.answer, answer))

    def reschedule(
        self, booking: dict[str, Any], start: str, caller: Caller | None = None, **members: Any
    ) -> dict[str, Any]:
        method = contract.RESCHEDULE_BOOKING
        request = read(
            method.request, {"idempotency_key": new_id(), **self._new_time(booking, start, members)}
        )
        who = caller or customer_of(booking)
        answer = reschedule_booking(self.transaction, self.settings, request, who)
        return read(method.answer, write(method.answer, answer))

    def _new_time(self, booking: dict[str, Any], start: str, members: dict[str, Any]) -> dict[str, Any]:
        day = self.day.isoformat()
        return {"booking_id": booking["booking_id"], "booking_date": day, "start_time": start, **members}

    def cancel_for_provider(self, booking: dict[str, Any], caller: Caller, **members: Any) -> dict[str, Any]:
        return self._say(contract.CANCEL_FOR_PROVIDER, cancel_for_provider, booking, caller, members)

    def provider_bookings(self, provider: Provider, caller: Caller, **members: Any) -> dict[str, Any]:
        request = {"provider_id": provider.provider_id, **members}
        method = contract.LIST_PROVIDER_BOOKINGS
        answer = list_provider_bookings(self.transaction, read(method.request, request), caller)
        return read(method.answer, write(method.answer, answer))

    def _say(
        self,
        method: RpcMethod,
        say: Callable[..., dict[str, Any]],
        booking: dict[str, Any],
        caller: Caller,
        members: dict[str, Any],
    ) -> dict[str, Any]:
        request = {"booking_id": booking["booking_id"], "idempotency_key": new_id(), **members}
        answer = say(self.transaction, read(method.request, request), caller)
        return read(method.answer, write(method.answer, answer))

    def refund_quote(self, booking: dict[str, Any], caller: Caller | None = None) -> dict[str, Any]:
        request = {"booking_id": booking["booking_id"]}
        return get_refund_quote(self.transaction, request, caller or customer_of(booking))

    def payment_succeeds(self, booking: dict[str, Any], **members: Any) -> Event:
        event = payment_event(payment_contract.PAYMENT_SUCCEEDED, booking, **members)
        apply_payment_succeeded(self.transaction, event)
        return event

    def payment_processing(self, booking: dict[str, Any], **members: Any) -> Event:
        event = payment_event(payment_contract.PAYMENT_PROCESSING, booking, **members)
        apply_payment_processing(self.transaction, event)
        return event

    def payment_fails(self, booking: dict[str, Any], **members: Any) -> Event:
        event = payment_event(payment_contract.PAYMENT_FAILED, booking, **members)
        apply_payment_ended(self.transaction, event)
        return event

    def payment_refunded(self, booking: dict[str, Any], service: int, tip: int, **members: Any) -> Event:
        """So much was given back so far; `for_moves` of the service because it costs less where it is now."""
        for_moves = members.pop("for_moves", 0)
        event = payment_event(payment_contract.PAYMENT_REFUNDED, booking, **members)
        currency = booking["quote"]["total"]["currency"]
        amounts = {"service": service, "tip": tip, "for_moves": for_moves}
        so_far = {part: {"amount": amount, "currency": currency} for part, amount in amounts.items()}
        event.data["refunded_so_far"] = so_far
        apply_payment_refunded(self.transaction, event)
        return event


def somebody(address: str = "") -> Caller:
    """A customer whom nobody has seen before."""
    return Caller(user_id=new_id(), client_address=address)


def member_of(provider: Provider) -> Caller:
    """The owner of the provider."""
    return _acting_for(provider, Post(provider.provider_id, "owner"))


def one_of_staff(provider: Provider, number: int = 0) -> Caller:
    """An account of one of the provider's staff."""
    return _acting_for(provider, Post(provider.provider_id, "staff", provider.staff[number]))


def _acting_for(provider: Provider, post: Post) -> Caller:
    return Caller(user_id=new_id(), memberships=(provider.provider_id,), posts=(post,))


def customer_of(booking: dict[str, Any]) -> Caller:
    return Caller(user_id=booking["customer_id"])


def payment_event(event_type: EventType, booking: dict[str, Any], **members: Any) -> Event:
    """A payment's fact: 100.00 and a tip of 5.00."""
    version = members.pop("version", 1)
    payment_id = members.pop("payment_id", None) or new_id()
    currency = booking["quote"]["total"]["currency"]

    def money(amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": currency}

    service, tip = booking["quote"]["total"]["amount"], members.pop("tip", 500)
    data = {
        "payment_id": payment_id,
        "booking_id": booking["booking_id"],
        "kind": members.pop("kind", "booking"),
        "customer_id": booking["customer_id"],
        "provider_id": booking["provider_id"],
        "status": event_type.name.removeprefix("payment_"),
        "amount": money(service + tip),
        "service_amount": money(service),
        "tip_amount": money(tip),
        "platform_commission": money(service // 10),
        "provider_amount": money(service + tip - service // 10),
        "captured": True,
        "failure_code": None,
        "simulated": True,
    }
    return Event(
        event_type, payment_id, version, booking["provider_id"], booking["customer_id"], data, clock.now()
    )


def calendar_entry(provider: Provider, **rules: Any) -> dict[str, Any]:
    """A provider in the form of the calendar's file; all staff do all services."""
    entry = {
        "provider_id": provider.provider_id,
        "time_zone": provider.zone,
        "slot_grid_minutes": 15,
        "minimum_notice_minutes": 0,
        "window_days": 90,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "opening_hours": windows("09:00", "18:00"),
        "staff": [
            {"id": staff_id, "name": {"en": "Sam", "ar": "سام"}, "service_ids": list(provider.services)}
            for staff_id in provider.staff
        ],
        "time_off": [],
        "services": [
            {
                "id": service_id,
                "duration_minutes": minutes,
                "price": {"amount": PRICE, "currency": "USD"},
                "name": {"en": "Massage", "ar": "تدليك"},
            }
            for service_id, minutes in zip(provider.services, LENGTHS, strict=True)
        ],
    }
    return {**entry, **rules}


def windows(opens: str, closes: str, days: Sequence[int] = range(1, 8)) -> list[dict[str, Any]]:
    return [{"weekday": weekday, "opens": opens, "closes": closes} for weekday in days]


def at(day: date, local: str) -> datetime:
    """An instant in a zone without an offset."""
    return datetime.combine(day, datetime.strptime(local, "%H:%M").replace(tzinfo=UTC).timetz())

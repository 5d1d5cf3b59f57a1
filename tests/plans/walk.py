"""Everything that booking is asked, once each, by name: whose statements' plans are kept."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import event, text

from services.booking.usecases.availability import get_availability
from services.booking.usecases.expiry import sweep_expired_holds
from services.booking.usecases.explanations import explain_availability
from services.booking.usecases.free_providers import find_free_providers
from services.booking.usecases.measure import measure_holds
from services.booking.usecases.read_bookings import list_bookings, read_booking
from services.booking.usecases.read_visits import get_visit, list_visits
from shared.contracts import booking as contract
from shared.contracts.booking_times_forms import AvailabilityRequestSchema, ExplainRequestSchema
from shared.contracts.declaration import read
from shared.database.transaction import Database, Transaction
from shared.errors import ServiceError
from tests.integration.booking.desk import Desk, Provider, customer_of, member_of, somebody
from tests.integration.booking.provider_desk import NAME, ProviderDesk, every_day

Statement = tuple[str, Any]
FREE = "16:30"
"""When the staff of `million` have no visit."""


def walk(
    database: Database, desk: Desk, provider: Provider, others: Sequence[Provider]
) -> dict[str, list[Statement]]:
    """The statements of each question and command, in the order in which they were sent."""
    sent: dict[str, list[Statement]] = {}
    with _listening(database) as heard:
        for name, ask in _questions(database, desk, provider, others):
            heard.clear()
            ask()
            sent[name] = list(heard)
    return sent


@contextlib.contextmanager
def _listening(database: Database) -> Iterator[list[Statement]]:
    heard: list[Statement] = []

    def note(*arguments: Any) -> None:
        if "SAVEPOINT" not in arguments[2]:
            heard.append((arguments[2], arguments[3]))

    event.listen(database._engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(database._engine, "before_cursor_execute", note)


def _questions(
    database: Database, desk: Desk, provider: Provider, others: Sequence[Provider]
) -> Iterator[tuple[str, Callable[[], Any]]]:
    transaction, mine = database.transaction, ProviderDesk(database.transaction, provider)
    held: list[dict[str, Any]] = []
    yield "availability_of_a_day", lambda: desk.availability(provider)
    yield "availability_of_62_days", lambda: get_availability(transaction, month_of(desk, provider, 62))
    yield "explain", lambda: explain_availability(transaction, _explain(desk, provider))
    yield "free_of_50_providers", lambda: find_free_providers(transaction, who_is_free(desk, others))
    yield (
        "hold",
        lambda: held.append(desk.hold(provider, FREE, somebody("192.0.2.7"), staff_id=provider.staff[0])),
    )
    yield "hold_anyone", lambda: held.append(desk.hold(provider, FREE))
    yield "hold_refused", lambda: _refused(desk, provider)
    yield "prepare_payment", lambda: desk.prepare(held[0])
    yield "sweep", lambda: sweep_expired_holds(transaction)
    yield "measure", lambda: measure_holds(transaction)
    yield (
        "get_booking",
        lambda: read_booking(transaction, {"booking_id": held[0]["booking_id"]}, customer_of(held[0])),
    )
    yield (
        "list_bookings",
        lambda: list_bookings(transaction, {"limit": 20, "cursor": None}, customer_of(held[0])),
    )
    yield (
        "get_visit",
        lambda: get_visit(transaction, {"booking_id": held[0]["booking_id"]}, member_of(provider)),
    )
    yield "list_visits", lambda: list_visits(transaction, _workplaces(provider), member_of(provider))
    yield "payment_succeeded", lambda: desk.payment_succeeds(held[0])
    yield "cancel", lambda: desk.cancel(held[0])
    yield "get_supply", lambda: mine.supply()
    yield "change_hours", lambda: mine.hours(every_day("08:00", "18:00"))
    room: list[str] = []
    tomorrow = (desk.day + timedelta(days=1)).isoformat()
    yield "put_resource", lambda: room.append(mine.rooms(2))
    yield "put_staff", lambda: mine.do(contract.PUT_STAFF, name=NAME, day_cap=8)
    rules = {"capacity": 4, "day_cap": 20, "staff_count": 2}
    yield (
        "change_service_rules",
        lambda: mine.service_rules(**rules, needs=[{"resource_id": room[0]}]),
    )
    yield "hold_in_a_session", lambda: held.append(desk.hold(provider, FREE, booking_date=tomorrow))
    yield "join_a_session", lambda: held.append(desk.hold(provider, FREE, booking_date=tomorrow))
    late = desk.hold(provider, FREE, booking_date=tomorrow)
    _end_hold(transaction, late)
    yield "late_payment_of_a_seat", lambda: desk.payment_succeeds(late)
    yield "availability_of_sessions", lambda: desk.availability(provider)


def month_of(desk: Desk, provider: Provider, days: int) -> dict[str, Any]:
    """A question about so many days."""
    last = desk.day + timedelta(days=days - 1)
    return read(
        AvailabilityRequestSchema,
        {
            "provider_id": provider.provider_id,
            "service_id": provider.services[0],
            "from": desk.day.isoformat(),
            "to": last.isoformat(),
        },
    )


def who_is_free(desk: Desk, providers: Sequence[Provider]) -> dict[str, Any]:
    """A question about many providers."""
    wanted = [{"provider_id": one.provider_id, "service_ids": list(one.services)} for one in providers]
    return {"date": desk.day.isoformat(), "wanted": wanted}


def _end_hold(transaction: Transaction, booking: dict[str, Any]) -> None:
    with transaction() as connection:
        past = text("UPDATE booking SET hold_ends_at = app_now() - interval '1 s' WHERE id = :id")
        connection.execute(past, {"id": booking["booking_id"]})
    sweep_expired_holds(transaction)


def _explain(desk: Desk, provider: Provider) -> dict[str, Any]:
    request = {
        "provider_id": provider.provider_id,
        "service_id": provider.services[0],
        "date": desk.day.isoformat(),
        "time": "11:00",
    }
    return read(ExplainRequestSchema, request)


def _workplaces(provider: Provider) -> dict[str, Any]:
    return {"workplaces": [{"provider_id": provider.provider_id, "staff_id": None}]}


def _refused(desk: Desk, provider: Provider) -> None:
    try:
        desk.hold(provider, FREE, staff_id=provider.staff[0])
    except ServiceError:
        return
    raise AssertionError("the slot was taken")

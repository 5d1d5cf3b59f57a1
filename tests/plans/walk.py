"""Everything that booking is asked, once each, by name: whose statements' plans are kept."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from services.booking.usecases.availability import get_availability
from services.booking.usecases.complete_overdue import complete_overdue
from services.booking.usecases.expiry import sweep_expired_holds
from services.booking.usecases.explanations import explain_availability
from services.booking.usecases.forget import forget_old
from services.booking.usecases.free_providers import find_free_providers
from services.booking.usecases.measure import measure_holds
from services.booking.usecases.read_bookings import list_bookings, read_booking
from services.booking.usecases.read_history import read_history
from services.booking.usecases.read_visits import get_visit, list_visits
from services.booking.usecases.rebuild import rebuild
from services.booking.usecases.tell_payment_due import tell_payment_due
from shared.contracts.booking import FIND_FREE_PROVIDERS
from shared.contracts.booking_times_forms import AvailabilityRequestSchema, ExplainRequestSchema
from shared.contracts.declaration import Caller, Post, read
from shared.database.transaction import Database, Transaction
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.desk import Desk, Provider, customer_of, member_of, one_of_staff, somebody
from tests.plans.listening import Asking, Statement, statements_of
from tests.plans.walk_of_no_shows import no_shows
from tests.plans.walk_of_providers import catalogue_events, supply_commands
from tests.plans.walk_of_repeating import series_and_lines
from tests.plans.walk_of_visits import agreed_visits, moves_of_seats

FREE = "16:30"
"""When the staff of `million` have no visit."""


def walk(
    database: Database, desk: Desk, provider: Provider, others: Sequence[Provider]
) -> dict[str, list[Statement]]:
    """The statements of each question and command, in the order in which they were sent."""
    return statements_of(database, _questions(database, desk, provider, others))


def _questions(
    database: Database, desk: Desk, provider: Provider, others: Sequence[Provider]
) -> Iterator[Asking]:
    held: list[dict[str, Any]] = []
    yield from _free_times(database, desk, provider, others)
    yield from _holds(database, desk, provider, held)
    yield from _payments(desk, held)
    yield from agreed_visits(desk, provider)
    yield from no_shows(desk, provider)
    yield from supply_commands(desk, provider)
    tomorrow = (desk.day + timedelta(days=1)).isoformat()
    yield "hold_in_a_session", lambda: held.append(desk.hold(provider, FREE, booking_date=tomorrow))
    yield "join_a_session", lambda: held.append(desk.hold(provider, FREE, booking_date=tomorrow))
    late = desk.hold(provider, FREE, booking_date=tomorrow)
    _end_hold(database.transaction, late)
    yield "late_payment_of_a_seat", lambda: desk.payment_succeeds(late)
    yield "availability_of_sessions", lambda: desk.availability(provider)
    yield from moves_of_seats(desk, provider, tomorrow)
    yield from series_and_lines(desk, others[0])
    yield from catalogue_events(desk, others[-1])


def _free_times(
    database: Database, desk: Desk, provider: Provider, others: Sequence[Provider]
) -> Iterator[Asking]:
    transaction = database.transaction
    yield "availability_of_a_day", lambda: desk.availability(provider)
    yield "availability_of_62_days", lambda: get_availability(transaction, month_of(desk, provider, 62))
    yield "explain", lambda: explain_availability(transaction, _explain(desk, provider))
    yield "free_of_50_providers", lambda: find_free_providers(transaction, who_is_free(desk, others))
    posts = tuple(Post(one.provider_id, "owner") for one in others)
    caller = Caller(user_id=new_id(), memberships=tuple(post.provider_id for post in posts), posts=posts)
    yield "list_visits_of_50_providers", lambda: list_visits(transaction, _workplaces(*others), caller)


def _holds(
    database: Database, desk: Desk, provider: Provider, held: list[dict[str, Any]]
) -> Iterator[Asking]:
    transaction = database.transaction
    address = somebody("192.0.2.7")
    yield "hold", lambda: held.append(desk.hold(provider, FREE, address, staff_id=provider.staff[0]))
    yield "hold_anyone", lambda: held.append(desk.hold(provider, FREE))
    yield "hold_refused", lambda: _refused(desk, provider)
    yield "prepare_payment", lambda: desk.prepare(held[0])
    yield "sweep", lambda: sweep_expired_holds(transaction)
    yield "measure", lambda: measure_holds(transaction)
    yield "forget", lambda: forget_old(transaction)
    asked = {"booking_id": held[0]["booking_id"]}
    yield "get_booking", lambda: read_booking(transaction, asked, customer_of(held[0]))
    booking_id = held[0]["booking_id"]
    yield "get_booking_history", lambda: read_history(transaction, booking_id, customer_of(held[0]))
    yield "rebuild", lambda: rebuild(transaction, booking_id)
    page = {"limit": 20, "cursor": None}
    yield "list_bookings", lambda: list_bookings(transaction, page, customer_of(held[0]))
    yield "get_visit", lambda: get_visit(transaction, asked, member_of(provider))
    yield "get_visit_as_staff", lambda: get_visit(transaction, asked, one_of_staff(provider))
    yield "list_visits", lambda: list_visits(transaction, _workplaces(provider), member_of(provider))
    member = member_of(provider)
    yield "list_provider_bookings_to_come", lambda: desk.provider_bookings(provider, member)
    yield "list_provider_bookings_past", lambda: desk.provider_bookings(provider, member, visits="past")
    yield "complete_overdue", lambda: complete_overdue(transaction, timedelta(days=1))
    yield "tell_payment_due", lambda: tell_payment_due(transaction)


def _payments(desk: Desk, held: list[dict[str, Any]]) -> Iterator[Asking]:
    paid, failed = {"payment_id": new_id()}, {"payment_id": new_id()}
    yield "payment_processing", lambda: desk.payment_processing(held[1], **failed)
    yield "payment_ended", lambda: desk.payment_fails(held[1], **failed, version=2)
    yield "payment_succeeded", lambda: desk.payment_succeeds(held[0], **paid)
    yield "payment_refunded", lambda: desk.payment_refunded(held[0], 1000, 0, **paid, version=2)
    yield "get_refund_quote", lambda: desk.refund_quote(held[0])
    yield "cancel", lambda: desk.cancel(held[0])


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
    request = {"date": desk.day.isoformat(), "wanted": wanted}
    return read(FIND_FREE_PROVIDERS.request, request)


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


def _workplaces(*providers: Provider) -> dict[str, Any]:
    return {"workplaces": [{"provider_id": one.provider_id, "staff_id": None} for one in providers]}


def _refused(desk: Desk, provider: Provider) -> None:
    try:
        desk.hold(provider, FREE, staff_id=provider.staff[0])
    except ServiceError:
        return
    raise AssertionError("the slot was taken")

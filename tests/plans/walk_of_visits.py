"""What booking is asked about agreed visits, once each: answered, moved, replaced, carried out."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from services.booking.usecases.service_terms import get_service_terms
from shared.contracts.booking_terms import GET_SERVICE_TERMS
from shared.contracts.declaration import read
from shared.database.transaction import read_app_now
from tests.integration.booking.desk import ADDRESS, Desk, Provider, customer_of, member_of, one_of_staff
from tests.integration.booking.provider_desk import ProviderDesk
from tests.plans.listening import Asking

START = "16:30"
"""When the staff of `million` have no visit."""
ANSWERED, MOVED, REPLACED, AT_HOME, OVER = range(2, 7)
"""Days after the desk's, so that no part takes another's time: two of staff have one such start each."""
DEARER = 2000
DOOR = {"latitude": 40.7486, "longitude": -73.9857, "accuracy_m": 8.0}


def agreed(desk: Desk, provider: Provider, day: int) -> dict[str, Any]:
    """A visit that is paid."""
    booking = desk.hold(provider, START, booking_date=date_of(desk, day))
    desk.payment_succeeds(booking)
    return booking


def date_of(desk: Desk, day: int) -> str:
    return (desk.day + timedelta(days=day)).isoformat()


def begin(desk: Desk, *visits: dict[str, Any]) -> None:
    """They began an hour ago, and are just over."""
    with desk.transaction() as connection:
        now = read_app_now(connection)
        for visit in visits:
            connection.execute(
                _BEGUN, {"id": visit["booking_id"], "start": now - timedelta(hours=1), "end": now}
            )


_BEGUN = text(
    "UPDATE booking SET visit = tstzrange(:start, :end), blocked = tstzrange(:start, :end) WHERE id = :id"
)


def agreed_visits(desk: Desk, provider: Provider) -> Iterator[Asking]:
    """In the end, the service asks nobody first and costs what it did."""
    rules = ProviderDesk(desk.transaction, provider)
    asked = read(GET_SERVICE_TERMS.request, {"service_ids": list(provider.services)})
    yield "get_service_terms", lambda: get_service_terms(desk.transaction, asked)
    rules.service_rules(acceptance="provider", answer_hours=10, places=["provider", "customer"])
    yield from _answers(desk, provider)
    rules.service_rules(places=["provider", "customer"])
    yield from _moves(desk, provider)
    yield from _replacement(desk, provider)
    yield from _home_visit(desk, provider)
    rules.service_rules()


def moves_of_seats(desk: Desk, provider: Provider, day: str) -> Iterator[Asking]:
    """Of a service that customers share: out of one session into another."""
    seat = desk.hold(provider, START, booking_date=day)
    desk.payment_succeeds(seat)
    other: dict[str, Any] = {"booking_date": date_of(desk, OVER)}
    yield "get_reschedule_quote_of_a_seat", lambda: desk.reschedule_quote(seat, START, **other)
    yield "reschedule_a_seat", lambda: desk.reschedule(seat, START, **other)


def _answers(desk: Desk, provider: Provider) -> Iterator[Asking]:
    owner, day = member_of(provider), date_of(desk, ANSWERED)
    first, second = (desk.hold(provider, START, booking_date=day) for _ in range(2))
    yield "payment_of_who_asks_first", lambda: desk.payment_succeeds(first)
    desk.payment_succeeds(second)
    yield "accept_booking", lambda: desk.accept(first, owner)
    yield "decline_booking", lambda: desk.decline(second, owner, reason="ill")


def _moves(desk: Desk, provider: Provider) -> Iterator[Asking]:
    visit = agreed(desk, provider, ANSWERED)
    later: dict[str, Any] = {"booking_date": date_of(desk, MOVED)}
    yield "get_reschedule_quote", lambda: desk.reschedule_quote(visit, START, **later)
    yield "reschedule_booking", lambda: desk.reschedule(visit, START, **later)
    yield "cancel_for_provider", lambda: desk.cancel_for_provider(visit, member_of(provider))


def _replacement(desk: Desk, provider: Provider) -> Iterator[Asking]:
    """By a visit at a time that costs more than the agreed one did."""
    old, made = agreed(desk, provider, MOVED), list[dict[str, Any]]()
    place = {"booking_date": date_of(desk, REPLACED), "replaces_booking_id": old["booking_id"]}
    _raise_price(desk, provider, DEARER)
    customer = customer_of(old)
    yield "hold_in_place_of_a_visit", lambda: made.append(desk.hold(provider, START, customer, **place))
    yield "prepare_payment_of_a_replacement", lambda: desk.prepare(made[0])
    yield "replacement_paid", lambda: desk.payment_succeeds(made[0])
    _raise_price(desk, provider, -DEARER)


def _home_visit(desk: Desk, provider: Provider) -> Iterator[Asking]:
    made, doer = list[dict[str, Any]](), one_of_staff(provider)
    wish: dict[str, Any] = {"booking_date": date_of(desk, AT_HOME), "staff_id": provider.staff[0]}
    at_home = wish | {"place": "customer", "address": ADDRESS}
    yield "hold_at_an_address", lambda: made.append(desk.hold(provider, START, **at_home))
    [visit] = made
    desk.payment_succeeds(visit)
    yield "change_notes_of_a_customer", lambda: desk.note(visit, "customer", "the bell is broken")
    yield "change_notes_of_a_provider", lambda: desk.note(visit, "provider", "second floor", doer)
    begin(desk, visit)
    yield "start_booking", lambda: desk.start(visit, doer, position=DOOR)
    yield "complete_booking", lambda: desk.complete(visit, doer, position=DOOR)


def _raise_price(desk: Desk, provider: Provider, by: int) -> None:
    with desk.transaction() as connection:
        statement = text("UPDATE service SET price_amount = price_amount + :by WHERE id = :id")
        connection.execute(statement, {"by": by, "id": provider.services[0]})

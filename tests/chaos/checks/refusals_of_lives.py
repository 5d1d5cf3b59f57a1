"""Causes of refusals around what is moved, asked first, repeated, waited for or missed."""

from collections.abc import Callable

from tests.chaos.checks.causes import MOVES, Index
from tests.chaos.checks.reading import seconds
from tests.chaos.facts import Row
from tests.chaos.history import Exchange

MOST_MOVES = 3


def answer_too_late(index: Index, exchange: Exchange) -> str:
    """The time to answer was over."""
    deadlines = [
        seconds(row["facts"]["hold_ends_at"])
        for row in _changes(index, exchange)
        if row["facts"]["pending_for"] == "provider"
    ]
    return "" if deadlines and deadlines[-1] <= exchange.answered else "there was time to answer"


def too_many_moves(index: Index, exchange: Exchange) -> str:
    """It had been moved as often as it may be."""
    moves = sum(row["reason"] == "rescheduled" for row in _changes(index, exchange))
    return "" if moves >= MOST_MOVES else f"it was moved {moves} times"


def not_contestable(index: Index, exchange: Exchange) -> str:
    """It had been contested before; or nothing was contested that could be decided."""
    contested = any(
        row["reason"] == "no_show_contested" and row["committed"] <= exchange.answered
        for row in _changes(index, exchange)
    )
    is_contest = exchange.action == "contest"
    return "" if contested == is_contest else f"it was {'' if contested else 'not '}contested"


def validation_failed(index: Index, exchange: Exchange) -> str:
    """The visit was at that time already; of nothing else a customer of a run is mistaken."""
    if exchange.action not in MOVES:
        return "nothing was wrong with it"
    asked = index.wish_of(exchange)
    wanted = f"{asked['bookingDate']}T{asked['startTime']}"
    was_there = any(row["facts"]["local_start"].startswith(wanted) for row in _changes(index, exchange))
    return "" if was_there else "it was never at that time"


def already_waiting(index: Index, exchange: Exchange) -> str:
    """The customer had joined that line before, by another key."""
    for other in index.facts.exchanges:
        is_same = other.action == "join" and other.customer == exchange.customer and other.key != exchange.key
        if is_same and other.is_success and _line(other) == _line(exchange):
            return ""
    return "they had never joined that line"


def already_booked(index: Index, exchange: Exchange) -> str:
    """The customer had paid for a visit of that service that day."""
    for row in index.bookings.values():
        is_theirs = str(row["notes"]).split("-")[0] == exchange.key.split("-")[0]
        is_that = (row["service_id"], row["local_start"][:10]) == _line(exchange)
        if is_theirs and is_that and row["payment_id"] is not None:
            return ""
    return "they had paid for no visit of it that day"


def costs_more(index: Index, exchange: Exchange) -> str:
    """The service had been published with a higher price than was agreed."""
    booking = index.bookings[index.booking_of(exchange)]
    agreed = booking["quote"]["total"]["amount"] if "total" in booking["quote"] else 0
    for event in index.facts.events:
        is_price = event["type"] == "service_published" and event["aggregate_id"] == booking["service_id"]
        if is_price and event["data"]["list_price"]["amount"] > agreed:
            return ""
    return f"it never cost more than {agreed}"


def not_waiting(index: Index, exchange: Exchange) -> str:
    """Something had been offered."""
    entry = _entry(index, exchange)
    return "" if entry["state"] != "waiting" else "they wait still"


def no_offer(index: Index, exchange: Exchange) -> str:
    """What was offered was over, or paid."""
    booking_id = _entry(index, exchange)["booking_id"]
    if booking_id is None:
        return "" if _entry(index, exchange)["state"] != "offered" else "there was an offer"
    ended = index.states_in(booking_id, exchange.sent, exchange.answered) - {"pending"}
    promised = seconds(index.changes[booking_id][0]["facts"]["hold_ends_at"])
    return "" if ended or promised <= exchange.answered else "the offer was alive all the time"


def nothing_to_cancel(index: Index, exchange: Exchange) -> str:
    """No visit that was meant could be cancelled all the time."""
    alive = [
        row["id"]
        for row in _of_series(index, exchange)
        if _is_meant(index, exchange, row["id"])
        and not index.states_in(row["id"], exchange.sent, exchange.answered) - {"pending", "confirmed"}
    ]
    return f"{alive} could be cancelled" if alive else ""


def series_quote_changed(index: Index, exchange: Exchange) -> str:
    """A visit of the series had changed since its customer was told what goes back."""
    path = exchange.path.rpartition("/")[0]
    quotes = [
        other
        for other in index.facts.exchanges
        if other.action == "series_quote" and other.path.startswith(path) and other.sent < exchange.sent
    ]
    if not quotes:
        return "nobody was told what goes back"
    for row in _of_series(index, exchange):
        for change in index.changes[row["id"]]:
            if quotes[-1].sent <= change["committed"] <= exchange.answered:
                return ""
    return "nothing has changed what goes back"


def quote_of_move_changed(index: Index, exchange: Exchange) -> str:
    """The price, or the booking, had changed since its customer was told what a move means."""
    booking_id = index.booking_of(exchange)
    quotes = [
        other
        for other in index.facts.exchanges
        if other.action == "reschedule_quote"
        and other.path.split("/")[2] == booking_id
        and other.is_success
        and other.sent < exchange.sent
    ]
    if not quotes:
        return "nobody was told what a move means"
    service_id, since = index.bookings[booking_id]["service_id"], quotes[-1].sent
    for event in index.facts.events:
        is_price = event["type"] == "service_published" and event["aggregate_id"] == service_id
        # Booking copies it after it was told.
        if is_price and seconds(event["time"]) <= exchange.answered:
            return ""
    if any(since <= change["committed"] <= exchange.answered for change in index.changes[booking_id]):
        return ""
    return "nothing has changed what it means"


def _changes(index: Index, exchange: Exchange) -> list[Row]:
    """What the booking had become by the answer."""
    changes = index.changes.get(index.booking_of(exchange), [])
    return [row for row in changes if row["committed"] <= exchange.answered]


def _line(exchange: Exchange) -> tuple[str, str]:
    return exchange.body["serviceId"], exchange.body["date"]


def _entry(index: Index, exchange: Exchange) -> Row:
    entry_id = exchange.path.split("/")[2]
    return next(row for row in index.facts.rows["booking.waitlist_entry"] if row["id"] == entry_id)


def _of_series(index: Index, exchange: Exchange) -> list[Row]:
    series_id = exchange.path.split("/")[2]
    return [row for row in index.bookings.values() if row["series_id"] == series_id]


def _is_meant(index: Index, exchange: Exchange, booking_id: str) -> bool:
    asked = exchange.body
    position = next(
        row["position"]
        for row in index.facts.rows["booking.series_instance"]
        if row["booking_id"] == booking_id
    )
    if asked["scope"] == "all":
        return True
    return bool(position == asked["position"] if asked["scope"] == "one" else position >= asked["position"])


CAUSES: dict[str, Callable[[Index, Exchange], str]] = {
    "answer_too_late": answer_too_late,
    "too_many_moves": too_many_moves,
    "not_contestable": not_contestable,
    "validation_failed": validation_failed,
    "already_booked": already_booked,
    "already_waiting": already_waiting,
    "costs_more": costs_more,
    "not_waiting": not_waiting,
    "no_offer": no_offer,
    "nothing_to_cancel": nothing_to_cancel,
    "series_quote_changed": series_quote_changed,
}

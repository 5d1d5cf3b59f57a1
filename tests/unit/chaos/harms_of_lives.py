"""What the checks of moved, asked, repeated, awaited and missed visits are there to notice."""

from collections.abc import Callable
from typing import Any

from tests.chaos.facts import Facts, Row
from tests.unit.chaos.sound_facts import CUSTOMER, PROVIDER, SERVICE, START, change, exchange, instant

Harm = Callable[[Facts], object]


def _changed(facts: Facts, version: int, states: tuple[str, str], reason: str, **kept: Any) -> None:
    """booking-1 has one change more."""
    row = change(1, version, states, reason)
    row["facts"].update(kept)
    facts.rows["booking.booking_history"].append(row)


def _moved_by_nobody(facts: Facts) -> None:
    _changed(facts, 3, ("confirmed", "confirmed"), "rescheduled")


def _never_answered(facts: Facts) -> None:
    _changed(facts, 3, ("confirmed", "pending"), "paid", pending_for="provider", hold_ends_at=instant(40))


def _told(action: str) -> Harm:
    data = {"data": {"bookingId": "booking-1", "version": 2, "state": "confirmed"}}
    path = f"provider/bookings/booking-1/{action}"
    return lambda facts: facts.exchanges.append(exchange(17, action, path, action, 200, answer=data))


def entry(number: int, state: str, booking_id: str | None = None) -> Row:
    """Somebody in line for ten o'clock; each of them joined a second later than the one before."""
    return {
        "id": f"entry-{number}", "customer_id": CUSTOMER, "provider_id": PROVIDER, "service_id": SERVICE,
        "staff_id": None, "day": "2026-12-24", "from_time": "10:00:00", "to_time": "10:00:00",
        "state": state, "booking_id": booking_id, "created_at": instant(number), "committed": START + number,
    }  # fmt: skip


def _forgotten(facts: Facts) -> None:
    facts.rows["booking.waitlist_entry"] = [entry(1, "waiting")]
    facts.lines = [{"entry": "entry-1", "free": ["10:00"]}]


def _passed_by(facts: Facts) -> None:
    facts.rows["booking.waitlist_entry"] = [entry(1, "waiting"), entry(40, "offered", "booking-1")]
    facts.rows["booking.booking"][0].update(created_at=instant(45), waitlist_id="entry-40")
    joined = {"data": {"waitlistId": "entry-1"}}
    facts.exchanges.append(exchange(1, "join", "customer/waitlist", "j", 201, answer=joined))


def _half_booked(facts: Facts) -> None:
    facts.rows["booking.series_instance"] = [
        {"series_id": "series-1", "position": 1, "outcome": "open", "booking_id": None, "committed": START}
    ]


def _ended_apart(facts: Facts) -> None:
    """Both visits of a series expired, the holds of which ended at two instants."""
    facts.rows["booking.series"] = [{"id": "series-1", "kept_at": None}]
    history = facts.rows["booking.booking_history"] = []
    for number, row in enumerate(facts.rows["booking.booking"], 1):
        row.update(series_id="series-1", payment_id=None)
        held = change(number, 1, (None, "pending"), "held")
        held["facts"]["hold_ends_at"] = instant(50 + number)
        history += [held, change(number, 2, ("pending", "expired"), "hold_ended")]


def _series_not_moved(facts: Facts) -> None:
    """Its customer was told another time than its history has."""
    instance = {
        "outcome": "moved", "wantedDate": "2026-12-24", "wantedTime": "10:00",
        "booking": {"bookingId": "booking-1"},
    }  # fmt: skip
    told, path = {"data": {"instances": [instance]}}, "customer/series/series-1/reschedule"
    facts.exchanges.append(exchange(17, "reschedule_series", path, "s", 200, answer=told))


def _paid_with_its_series(facts: Facts) -> None:
    """By the payment of another visit."""
    made = {"paymentId": "payment-2", "status": "succeeded", "amount": 100.0}
    told = {"position": 1, "bookingId": "booking-1", "code": None, "payment": made}
    paid, path = {"data": {"visits": [told]}}, "customer/series/series-1/pay"
    facts.exchanges.append(exchange(17, "pay_series", path, "s", 200, answer=paid))


def _in_place(facts: Facts) -> Row:
    """booking-1 takes the place of booking-2."""
    row: Row = facts.rows["booking.booking"][0]
    row.update(replaces_id="booking-2")
    return row


def _not_all_back(facts: Facts) -> None:
    """A part of the money of a visit that was given up is kept."""
    _in_place(facts)
    facts.rows["booking.booking"][1].update(cancel_cause="replaced")
    facts.rows["payment.payment"][1].update(refunded_amount=9000)


HARMS_OF_LIVES: dict[str, Harm] = {
    "lives.every_move_told_is_done": _moved_by_nobody,
    "lives.every_question_was_answered": _never_answered,
    "lives.everything_said_of_a_visit_is_so": _told("accept"),
    "lives.every_carer_was_where_they_said": _told("start"),
    "lives.every_contest_was_decided": lambda facts: facts.rows["booking.booking"][0].update(contest="open"),
    "series.no_series_is_half_booked": _half_booked,
    "series.a_series_ends_together_until_one_is_paid": _ended_apart,
    "series.every_move_told_is_done": _series_not_moved,
    "series.every_visit_told_to_be_paid_is": _paid_with_its_series,
    "replacements.each_is_given_up_for_one": _in_place,
    "replacements.what_is_kept_is_the_dearer_price": _not_all_back,
    "lines.nobody_in_line_is_forgotten": _forgotten,
    "lines.each_offer_is_one_persons": lambda facts: facts.rows.update(
        {"booking.waitlist_entry": [entry(1, "offered", "booking-1")]}
    ),
    "lines.nobody_is_passed_by": _passed_by,
}
"""By check."""

"""Series: none is half booked, each visit is one of them, all end together until one is paid, and move."""

from tests.chaos.checks.money import was_secured
from tests.chaos.checks.reading import by, grouped, histories
from tests.chaos.facts import Facts, Violation

BOOKED, OPEN = "booked", "open"
ALREADY_PAID = "already_paid"


def no_series_is_half_booked(facts: Facts) -> list[Violation]:
    """promise C6: every instance is decided, and no visit of a series is in none of its instances."""
    found = []
    bookings = by(facts.rows.get("booking.booking", []), "id")
    visits = {row["id"]: row["series_id"] for row in bookings.values() if row.get("series_id")}
    for one in facts.rows.get("booking.series_instance", []):
        name = f"visit {one['position']} of series {one['series_id']}"
        if one["outcome"] == OPEN:
            found.append(Violation("promise C6", f"{name} was never decided", one["committed"]))
        elif one["outcome"] == BOOKED and visits.pop(one["booking_id"], None) != one["series_id"]:
            text = f"{name} is booked as {one['booking_id']}, which is none of it, or twice"
            found.append(Violation("promise C6", text, one["committed"]))
    found += [Violation("promise C6", f"{visit} is no instance of its series") for visit in sorted(visits)]
    return found


def a_series_ends_together_until_one_is_paid(facts: Facts) -> list[Violation]:
    """promise C6: the holds of a series of which nothing was ever paid ended at one instant."""
    found = []
    changes = histories(facts)
    of_series = grouped(
        [row for row in facts.rows.get("booking.booking", []) if row.get("series_id")], "series_id"
    )
    for series_id, visits in of_series.items():
        if any(row["payment_id"] for row in visits) or _was_kept(facts, series_id):
            continue
        ended = [changes[row["id"]] for row in visits if changes[row["id"]][-1]["reason"] == "hold_ended"]
        ends = {rows[-2]["facts"]["hold_ends_at"] for rows in ended}
        if len(ends) > 1:
            text = f"the holds of series {series_id} ended at {sorted(ends)}"
            found.append(Violation("promise C6", text, ended[0][-1]["committed"]))
    return found


def _was_kept(facts: Facts, series_id: str) -> bool:
    rows = by(facts.rows.get("booking.series", []), "id")
    return rows[series_id]["kept_at"] is not None


def every_move_told_is_done(facts: Facts) -> list[Violation]:
    """rules C8 and T17: a visit that was told to be moved with its series was, by one change to that time."""
    found = []
    changes = histories(facts)
    for exchange in facts.exchanges:
        if exchange.action != "reschedule_series" or not exchange.is_success:
            continue
        for told in exchange.data["instances"]:
            if told["outcome"] != "moved":
                continue
            booking_id, wanted = told["booking"]["bookingId"], f"{told['wantedDate']}T{told['wantedTime']}"
            moves = [row for row in changes[booking_id] if row["reason"] == "rescheduled"]
            if sum(row["facts"]["local_start"].startswith(wanted) for row in moves) != 1:
                text = f"booking {booking_id} was told to be at {wanted}; its history says otherwise"
                found.append(Violation("rule C8", text, exchange.answered))
    return found


def every_visit_told_to_be_paid_is(facts: Facts) -> list[Violation]:
    """promise C6 and rule C13: what was paid together is paid visit by visit, each by one payment under one
    key, however often the command was given; `already_paid` was paid."""
    found = []
    payments = grouped(facts.rows.get("payment.payment", []), "booking_id")
    of_keys: dict[tuple[str, str], set[str]] = {}
    for exchange in facts.exchanges:
        if exchange.action != "pay_series" or not exchange.is_success:
            continue
        for told in exchange.data["visits"]:
            booking_id = told["bookingId"]
            known = payments.get(booking_id, [])
            if told["payment"]:
                of_keys.setdefault((exchange.key, booking_id), set()).add(told["payment"]["paymentId"])
                is_so = told["payment"]["paymentId"] in {row["id"] for row in known}
            else:
                is_so = told["code"] != ALREADY_PAID or any(map(was_secured, known))
            if not is_so:
                text = f"booking {booking_id} was told to be paid with its series, by no payment of its own"
                found.append(Violation("promise C6", text, exchange.answered))
    found += [
        Violation("rule C13", f"booking {booking_id} was paid under {key} by {sorted(ids)}")
        for (key, booking_id), ids in of_keys.items()
        if len(ids) > 1
    ]
    return found


CHECKS = (
    no_series_is_half_booked,
    a_series_ends_together_until_one_is_paid,
    every_move_told_is_done,
    every_visit_told_to_be_paid_is,
)

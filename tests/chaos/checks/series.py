"""Series: none is half booked, each visit is one of them, and all end together until one is paid."""

from tests.chaos.checks.reading import by, grouped, histories
from tests.chaos.facts import Facts, Violation

BOOKED, OPEN = "booked", "open"


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


CHECKS = (no_series_is_half_booked, a_series_ends_together_until_one_is_paid)

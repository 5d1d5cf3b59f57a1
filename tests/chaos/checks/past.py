"""The history of a booking says what the booking is."""

from tests.chaos.checks.reading import by, grouped, histories
from tests.chaos.facts import Facts, Violation


def the_history_says_what_the_booking_is(facts: Facts) -> list[Violation]:
    """promise C4: each change has kept what the booking was after it; the last of them is its row."""
    found = []
    bookings = by(facts.rows.get("booking.booking", []), "id")
    further = grouped(facts.rows.get("booking.further_resource", []), "booking_id")
    for booking_id, changes in histories(facts).items():
        for change in changes:
            kept = change["facts"]
            if kept is None or (kept["version"], kept["state"]) != (change["version"], change["to_state"]):
                text = f"booking {booking_id}: the facts of version {change['version']} are not its own"
                found.append(Violation("promise C4", text, change["committed"]))
        taken = sorted(row["resource_id"] for row in further.get(booking_id, []))
        today = bookings[booking_id] | {"further_ids": taken}
        last = changes[-1]["facts"] or {}
        differ = sorted(name for name, value in last.items() if today[name] != value)
        if differ:
            text = f"booking {booking_id} is not what its history says: {', '.join(differ)}"
            found.append(Violation("promise C4", text, changes[-1]["committed"]))
    return found


CHECKS = (the_history_says_what_the_booking_is,)

"""Waiting lists: none in line is forgotten, nothing is offered to two, nobody is passed by."""

from tests.chaos.checks.reading import OCCUPYING, by, seconds
from tests.chaos.facts import Facts, Row, Violation

WAITING, OFFERED = "waiting", "offered"


def nobody_in_line_is_forgotten(facts: Facts) -> list[Violation]:
    """promise C6: at rest no line waits to be looked at, and nothing is free of what somebody waits for who
    has no visit that day."""
    found = [
        Violation("promise C6", f"the line of {row['provider_id']} was not looked at", row["committed"])
        for row in facts.rows.get("booking.waitlist_call", [])
    ]
    entries = by(facts.rows.get("booking.waitlist_entry", []), "id")
    for line in facts.lines:
        entry = entries[line["entry"]]
        if line["free"] and not _has_visit(facts, entry):
            text = (
                f"{entry['customer_id']} waits ({entry['id']}) while {line['free']} on {entry['day']} is free"
            )
            found.append(Violation("promise C6", text, seconds(entry["created_at"])))
    return found


def each_offer_is_one_persons(facts: Facts) -> list[Violation]:
    """promise C6: an entry that was offered something names its offer, which is its customer's; an offer is
    named by one entry."""
    found = []
    bookings = by(facts.rows.get("booking.booking", []), "id")
    offers = {row["id"] for row in bookings.values() if row.get("waitlist_id")}
    for entry in facts.rows.get("booking.waitlist_entry", []):
        booking = bookings.get(entry["booking_id"]) if entry["booking_id"] else None
        if (entry["state"] == OFFERED) != (booking is not None):
            found.append(_wrong(entry, f"is {entry['state']} with the offer {entry['booking_id']}"))
        elif booking is not None:
            is_its = (booking["customer_id"], booking.get("waitlist_id")) == (
                entry["customer_id"],
                entry["id"],
            )
            if not is_its or booking["id"] not in offers:
                found.append(_wrong(entry, f"was offered {booking['id']}, which is another's"))
            offers.discard(booking["id"])
    found += [Violation("promise C6", f"nobody was offered {booking_id}") for booking_id in sorted(offers)]
    return found


def nobody_is_passed_by(facts: Facts) -> list[Violation]:
    """promise C6: who still waits was in line before nobody who was offered the same."""
    found = []
    bookings = by(facts.rows.get("booking.booking", []), "id")
    entries = facts.rows.get("booking.waitlist_entry", [])
    joined = {
        exchange.data["waitlistId"]: exchange.answered
        for exchange in facts.exchanges
        if exchange.action == "join" and exchange.is_success
    }
    for entry in (row for row in entries if row["state"] == WAITING and row["id"] in joined):
        for other in entries:
            is_same = other["state"] == OFFERED and _wish(other) == _wish(entry)
            if not is_same or _has_visit(facts, entry):
                continue
            offered = seconds(bookings[other["booking_id"]]["created_at"])
            if seconds(other["created_at"]) > joined[entry["id"]] and offered > joined[entry["id"]]:
                found.append(_wrong(entry, f"came before {other['id']}, who was offered the same"))
    return found


def _wrong(entry: Row, what: str) -> Violation:
    return Violation("promise C6", f"waiting {entry['id']} {what}", entry["committed"])


def _wish(entry: Row) -> tuple[str, ...]:
    names = ("provider_id", "service_id", "staff_id", "day", "from_time", "to_time")
    return tuple(str(entry[name]) for name in names)


def _has_visit(facts: Facts, entry: Row) -> bool:
    """They had, at some time, a visit that day: whoever has what they wait for, or has to be elsewhere, is
    passed by."""
    return any(
        row["customer_id"] == entry["customer_id"]
        and row["local_start"][:10] == entry["day"]
        and (row["payment_id"] is not None or row["state"] in OCCUPYING)
        for row in facts.rows.get("booking.booking", [])
    )


CHECKS = (nobody_in_line_is_forgotten, each_offer_is_one_persons, nobody_is_passed_by)

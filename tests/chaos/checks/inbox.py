"""People's inboxes: each person has each entry once."""

from collections import Counter

from tests.chaos.checks.balances import CAPTURED
from tests.chaos.checks.reading import by, grouped, ours
from tests.chaos.facts import Facts, Row, Violation

KINDS = frozenset(
    {
        "booking_held",
        "booking_answer_due",
        "booking_confirmed",
        "booking_rescheduled",
        "booking_cancelled",
        "booking_expired",
        "booking_no_show",
        "booking_contested",
        "booking_no_show_stands",
    }
)


def each_person_was_told_once(facts: Facts) -> list[Violation]:
    """rule C16: the customer and each member of the provider have one entry for each fact."""
    has: Counter[tuple[str, str]] = Counter(
        (row["event_id"], row["person_id"]) for row in facts.rows.get("notify.notification", [])
    )
    members = grouped(facts.rows.get("notify.membership", []), "provider_id")
    active = {row["id"] for row in facts.rows.get("notify.account", []) if row["active"]}
    bookings = by(ours(facts), "id")
    found = []
    for fact_id, (kind, booking) in _facts_told(facts, bookings).items():
        people = {row["account_id"] for row in members.get(booking["provider_id"], [])} & active
        for person in people | {booking["customer_id"]}:
            if has[fact_id, person] != 1:
                text = f"{person} has {has[fact_id, person]} entries of {kind} {fact_id} ({booking['id']})"
                found.append(Violation("rule C16", text, booking["committed"]))
    return found


def _facts_told(facts: Facts, bookings: dict[str, Row]) -> dict[str, tuple[str, Row]]:
    """What inboxes tell: each event of a booking, each refund of more than nothing once, and what
    was taken of a hold for a cancelled or a missed visit."""
    told: dict[str, tuple[str, Row]] = {}
    for event in facts.events:
        if event["type"] in KINDS and event["aggregate_id"] in bookings:
            told[event["id"]] = (event["type"], bookings[event["aggregate_id"]])
    payments = by(facts.rows.get("payment.payment", []), "id")
    for refund in facts.rows.get("payment.refund", []):
        booking = bookings.get(payments[refund["payment_id"]]["booking_id"])
        if booking is not None and refund["status"] == "succeeded":
            told[refund["id"]] = ("payment_refunded", booking)
    for payment in payments.values():
        booking = bookings.get(payment["booking_id"])
        was_taken = payment["capture_cause"] in ("cancelled", "no_show") and payment["state"] in CAPTURED
        if booking is not None and was_taken:
            told[payment["id"]] = ("payment_captured", booking)
    return told


CHECKS = (each_person_was_told_once,)

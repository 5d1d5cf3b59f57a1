"""What happened to bookings in a run beside being held, paid and cancelled: each kind is to happen."""

from collections import Counter

from tests.chaos.checks.reading import ours
from tests.chaos.facts import Facts

OF_HISTORY = {
    "rescheduled": "moved",
    "accepted": "accepted",
    "declined": "declined",
    "unanswered": "never answered",
    "started": "begun",
    "completed": "completed",
    "notes_changed": "notes changed",
    "nobody_came": "missed",
    "no_show_contested": "contested",
    "no_show_stands": "contest lost",
    "no_show_overturned": "contest won",
    "series_paid": "kept with its series",
    "payment_due": "told that it is unpaid",
    "replaced": "given up for a dearer one",
    "not_replaced": "dearer one paid in vain",
}
"""A change's reason and what it is called."""
SCOPES = ("one", "following", "all")
OF_OFFERS = {"taken": "offer taken", "cancelled": "offer declined", "expired": "offer missed"}
ACTS = (
    *OF_HISTORY.values(),
    "cancelled while asked",
    "series booked",
    "series paid together",
    *(f"series cancelled: {scope}" for scope in SCOPES),
    "line joined",
    "line left",
    *OF_OFFERS.values(),
)
"""All that is to happen."""


def acts(facts: Facts) -> dict[str, int]:
    """How often each kind happened."""
    counted: Counter[str] = Counter()
    mine = {row["id"] for row in ours(facts)}
    for change in facts.rows.get("booking.booking_history", []):
        if change["booking_id"] in mine and change["reason"] in OF_HISTORY:
            counted[OF_HISTORY[change["reason"]]] += 1
    for row in ours(facts):
        if row["state"] == "cancelled" and row.get("pending_for") == "provider":
            counted["cancelled while asked"] += row["cancel_cause"] == "customer"
        if row.get("waitlist_id"):
            counted[OF_OFFERS.get("taken" if row["payment_id"] else row["state"], "")] += 1
    for exchange in facts.exchanges:
        if exchange.is_success and exchange.action == "cancel_series":
            counted[f"series cancelled: {exchange.body['scope']}"] += 1
    counted["series paid together"] = len(
        {one.key for one in facts.exchanges if one.action == "pay_series" and one.is_success}
    )
    counted["series booked"] = len(facts.rows.get("booking.series", []))
    entries = Counter(row["state"] for row in facts.rows.get("booking.waitlist_entry", []))
    counted["line joined"], counted["line left"] = entries.total(), entries["left"]
    return {kind: counted[kind] for kind in ACTS}


def never(facts: Facts) -> list[str]:
    """Kinds that did not happen at all."""
    return [kind for kind, number in acts(facts).items() if not number]

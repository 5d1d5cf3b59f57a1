"""Visits that were given up for dearer ones: never both paid for, never neither, and what is kept adds up."""

from tests.chaos.checks.balances import CAPTURED
from tests.chaos.checks.money import LIVE
from tests.chaos.checks.reading import by, grouped, histories
from tests.chaos.facts import Facts, Row, Violation

REPLACED = "replaced"
SECURED = frozenset({"paid", "paid_late"})


def each_is_given_up_for_one(facts: Facts) -> list[Violation]:
    """promise C6: a visit is given up in the commit in which the one in its place is agreed, for that alone;
    none is agreed in place of another that stands."""
    found = []
    bookings, changes = by(facts.rows.get("booking.booking", []), "id"), histories(facts)
    replacements = grouped([row for row in bookings.values() if row.get("replaces_id")], "replaces_id")
    for old_id, rows in replacements.items():
        given_up = [row["committed"] for row in changes[old_id] if row["reason"] == REPLACED]
        agreed = [commit for row in rows for commit in _agreed_at(changes[row["id"]])]
        if agreed != given_up or len(given_up) > 1:
            text = (
                f"booking {old_id} was given up at {given_up}, in place of it others were agreed at {agreed}"
            )
            found.append(Violation("promise C6", text, bookings[old_id]["committed"]))
    for row in bookings.values():
        if row.get("cancel_cause") == REPLACED and row["id"] not in replacements:
            text = f"booking {row['id']} was given up for none"
            found.append(Violation("promise C6", text, row["committed"]))
    return found


def what_is_kept_is_the_dearer_price(facts: Facts) -> list[Violation]:
    """promise C6 and rule B2: of a visit that was given up all money went back, and of one that takes place
    instead its own price and tip are kept or held: together its customer has paid the difference."""
    found = []
    bookings = by(facts.rows.get("booking.booking", []), "id")
    payments = grouped(facts.rows.get("payment.payment", []), "booking_id")
    for row in bookings.values():
        old = bookings.get(row.get("replaces_id") or "")
        if old is None or old["cancel_cause"] != REPLACED or row["state"] not in LIVE:
            continue
        of_both = [*payments.get(old["id"], ()), *payments.get(row["id"], ())]
        kept = sum(map(_kept, of_both))
        its = [one for one in of_both if one["id"] == row["payment_id"]]
        due = sum(one["service_amount"] + one["tip_amount"] for one in its)
        if kept != due or len(its) != 1:
            text = f"of bookings {old['id']} and {row['id']} {kept} is kept, the latter costs {due}"
            found.append(Violation("promise C6", text, row["committed"]))
    return found


def _agreed_at(changes: list[Row]) -> list[float]:
    """The commits in which payment has made it an agreed visit."""
    return [
        row["committed"] for row in changes if row["reason"] in SECURED and row["to_state"] == "confirmed"
    ]


def _kept(payment: Row) -> int:
    """What is taken and did not go back, or is held."""
    if payment["state"] in CAPTURED:
        return int(payment["captured_amount"] - payment["refunded_amount"])
    return int(payment["service_amount"] + payment["tip_amount"]) if payment["state"] == "authorized" else 0


CHECKS = (each_is_given_up_for_one, what_is_kept_is_the_dearer_price)

"""Whose the money is: each payment belongs to a live booking or went back in full; none twice, none lost."""

from tests.chaos.checks.balances import ACCEPTED, CAPTURED, Money, money_of
from tests.chaos.checks.reading import by, grouped
from tests.chaos.facts import Facts, Row, Violation

SECURED = CAPTURED | {"authorized"}
SECURED_INTENTS = frozenset({"succeeded", "requires_capture"})
LIVE = frozenset({"confirmed", "in_progress", "completed"})
WHOLE = 100
BESIDE = frozenset({"administrator", "rescheduled"})
"""Causes of refunds that leave the booking as it is."""
CLOSED_INTENTS = frozenset({"succeeded", "canceled"})


def _captured(facts: Facts) -> list[Row]:
    return [row for row in facts.rows.get("payment.payment", []) if row["state"] in CAPTURED]


def _secured(facts: Facts) -> list[Row]:
    """Taken, or held until after the visit."""
    return [row for row in facts.rows.get("payment.payment", []) if row["state"] in SECURED]


def was_secured(payment: Row) -> bool:
    """Taken, held, or held and released."""
    return payment["state"] in SECURED or payment["capture_cause"] is not None


def every_payment_has_its_booking_or_went_back(facts: Facts) -> list[Violation]:
    """rules W5 and M15: what succeeded pays exactly one live booking, or is refunded in full; what is held of
    a booking that ended was released, or taken in part. Beside that administrators give back, and banks."""
    found = []
    money = money_of(facts)
    cancellations = by(facts.rows.get("payment.booking_cancellation", []), "booking_id")
    bookings = by(facts.rows.get("booking.booking", []), "id")
    for payment in _secured(facts):
        booking = bookings.get(payment["booking_id"])
        is_its = payment["kind"] == "tip" or (booking or {}).get("payment_id") == payment["id"]
        belongs = booking is not None and booking["state"] in LIVE and is_its and not payment["paid_twice"]
        is_settled = belongs or payment["capture_cause"] == "cancelled"
        one = money[payment["id"]]
        ended = cancellations.get(payment["booking_id"])
        due = _beside(one) if is_settled else _due(one, ended)
        is_forgotten = payment["state"] == "authorized" and not belongs
        if payment["refunded_amount"] != due or is_forgotten:
            state = booking["state"] if booking else "unknown"
            text = (
                f"payment {payment['id']} of {payment['captured_amount']}: booking {payment['booking_id']}"
                f" is {state}, {payment['refunded_amount']} went back, due is {due}"
            )
            found.append(Violation("rule W5", text, payment["committed"]))
    return found


def every_live_booking_is_paid_once(facts: Facts) -> list[Violation]:
    """rules W15 and W9: a confirmed booking has exactly one payment that was kept, of its quote."""
    found = []
    of_bookings = [row for row in _secured(facts) if row["kind"] == "booking"]
    kept = grouped([row for row in of_bookings if row["state"] != "refunded"], "booking_id")
    for booking in facts.rows.get("booking.booking", []):
        if booking["state"] not in LIVE or not booking["notes"]:
            continue
        payments = kept.get(booking["id"], [])
        if [row["id"] for row in payments] != [booking["payment_id"]]:
            text = f"booking {booking['id']} is {booking['state']}, paid by {[row['id'] for row in payments]}"
            found.append(Violation("rule W9", text, booking["committed"]))
        elif payments[0]["service_amount"] != booking["paid_service"]:
            text = f"booking {booking['id']} knows {booking['paid_service']} as paid, not what was taken"
            found.append(Violation("rule M5", text, booking["committed"]))
    return found


def stripe_took_each_payment_once(facts: Facts) -> list[Violation]:
    """rule W7: of one payment at most one intent succeeded; of one booking at most one was kept, and of its
    tips that were given later."""
    found = []
    succeeded = [intent for intent in facts.intents if intent["status"] in SECURED_INTENTS]
    payments = by(facts.rows.get("payment.payment", []), "id")
    groups: dict[str, list[Row]] = {}
    kept: dict[str, list[Row]] = {}
    for intent in succeeded:
        payment_id = intent["metadata"].get("payment_id", "")
        groups.setdefault(payment_id, []).append(intent)
        payment = payments.get(payment_id)
        paid_for = f"{payment['kind']} of {payment['booking_id']}" if payment else payment_id
        if not _refunded(intent) or _refunded(intent) < intent["amount_received"]:
            kept.setdefault(paid_for, []).append(intent)
    for what, sets in (("payment", groups), ("the", kept)):
        for number, intents in sets.items():
            if len(intents) > 1:
                text = f"{what} {number} was charged by {[intent['id'] for intent in intents]}"
                found.append(Violation("rule W7", text, float(intents[-1]["created"])))
    return found


def each_payment_was_made_once(facts: Facts) -> list[Violation]:
    """rule W7: a creation that is sent again makes no second intent, also none that is never confirmed."""
    made: dict[str, list[Row]] = {}
    for intent in facts.intents:
        made.setdefault(intent["metadata"].get("payment_id", ""), []).append(intent)
    return [
        Violation(
            "rule W7",
            f"payment {payment_id} was made as {[intent['id'] for intent in intents]}",
            float(intents[-1]["created"]),
        )
        for payment_id, intents in made.items()
        if len(intents) > 1
    ]


def what_stripe_took_is_known_here(facts: Facts) -> list[Violation]:
    """rule W13: each intent that succeeded is a captured payment of the same amount, and the reverse."""
    found = []
    payments = by(facts.rows.get("payment.payment", []), "id")
    intents = by(facts.intents, "id")
    for intent in facts.intents:
        payment = payments.get(intent["metadata"].get("payment_id", ""))
        if intent["status"] not in SECURED_INTENTS:
            continue
        known_as = CAPTURED if intent["status"] == "succeeded" else {"authorized"}
        if payment is None or payment["state"] not in known_as or payment["intent_id"] != intent["id"]:
            state = payment["state"] if payment else "unknown"
            text = f"Stripe says {intent['status']} of {intent['id']}; the payment here is {state}"
            found.append(Violation("rule W13", text, float(intent["created"])))
        elif payment["captured_amount"] != intent["amount_received"]:
            amounts = f"{payment['captured_amount']}, at Stripe {intent['amount_received']}"
            text = f"payment {payment['id']}: {amounts}"
            found.append(Violation("rule M5", text, payment["committed"]))
    for payment in _secured(facts):
        known = intents.get(payment["intent_id"] or "")
        wanted = "succeeded" if payment["state"] in CAPTURED else "requires_capture"
        if known is None or known["status"] != wanted:
            text = f"payment {payment['id']} is {payment['state']}, its intent is {known and known['status']}"
            found.append(Violation("rule W13", text, payment["committed"]))
    return found


def what_went_back_is_known_here(facts: Facts) -> list[Violation]:
    """rule M11: Stripe gave back exactly what the payment says, and no more than was taken."""
    found = []
    payments = {row["intent_id"]: row for row in facts.rows.get("payment.payment", []) if row["intent_id"]}
    for intent in facts.intents:
        payment, back = payments.get(intent["id"]), _refunded(intent)
        known = payment["refunded_amount"] if payment else 0
        if back != known or back > intent["amount_received"]:
            of = intent["amount_received"]
            text = f"intent {intent['id']}: Stripe gave {back} of {of} back, {known} is known here"
            found.append(Violation("rule M11", text, payment["committed"] if payment else None))
    return found


def no_intent_is_left_open(facts: Facts) -> list[Violation]:
    """rule W6: the intents of ended bookings are cancelled; nobody can pay for nothing. Held is what is known
    to be."""
    payments = facts.rows.get("payment.payment", [])
    known = {row["intent_id"] for row in payments if row["intent_id"] and row["state"] != "authorized"}
    return [
        Violation("rule W6", f"intent {intent['id']} is still {intent['status']}", float(intent["created"]))
        for intent in facts.intents
        if intent["id"] in known and intent["status"] not in CLOSED_INTENTS
    ]


def reconcile_finds_nothing(facts: Facts) -> list[Violation]:
    """promise D10: `make reconcile` finds no difference."""
    return [Violation("promise D10", f"make reconcile: {line}") for line in facts.reconciliation]


def _due(one: Money, cancellation: Row | None) -> int:
    """All of it, unless booking said that a part is kept; what a bank gave counts as given."""
    payment = one.payment
    most = int(payment["captured_amount"] - one.lost)
    if cancellation is None or payment["kind"] == "tip" or payment["paid_twice"]:
        return most
    whole = {"service": one.service, "tip": payment["captured_amount"] - one.service}
    due: int = sum(
        whole[part] if cancellation[percent] == WHOLE else cancellation[f"{part}_refund"]
        for part, percent in (("service", "refund_percent"), ("tip", "tip_percent"))
    )
    return min(most, _beside(one) + max(due - one.lost, 0))


def _beside(one: Money) -> int:
    """What went back of a payment that pays its booking: by administrators, and because a moved visit costs
    less."""
    given = (row for row in one.refunds if row["cause"] in BESIDE and row["status"] in ACCEPTED)
    return int(sum(row["service_amount"] + row["tip_amount"] for row in given))


def _refunded(intent: Row) -> int:
    return sum(
        refund["amount"] for refund in intent["refunds"] if refund["status"] in ("succeeded", "pending")
    )


CHECKS = (
    every_payment_has_its_booking_or_went_back,
    every_live_booking_is_paid_once,
    stripe_took_each_payment_once,
    each_payment_was_made_once,
    what_stripe_took_is_known_here,
    what_went_back_is_known_here,
    no_intent_is_left_open,
    reconcile_finds_nothing,
)

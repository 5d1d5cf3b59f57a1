"""Events: each change was told once, nothing was told that is not true, each consumer applied all."""

from collections import Counter

from tests.chaos.checks.balances import CAPTURED, COVERED
from tests.chaos.checks.money import was_secured
from tests.chaos.checks.reading import by, ours, seconds
from tests.chaos.facts import Facts, Row, Violation
from tests.chaos.faults.record import near

EVENT_OF = {
    "held": "booking_held",
    "accepted": "booking_confirmed",
    "declined": "booking_cancelled",
    "unanswered": "booking_cancelled",
    "rescheduled": "booking_rescheduled",
    "payment_due": "booking_payment_due",
    "replaced": "booking_cancelled",
    "not_replaced": "booking_cancelled",
    "customer_cancelled": "booking_cancelled",
    "provider_cancelled": "booking_cancelled",
    "started": "booking_started",
    "completed": "booking_completed",
    "nobody_objected": "booking_completed",
    "hold_ended": "booking_expired",
    "nobody_came": "booking_no_show",
    "no_show_contested": "booking_contested",
    "no_show_stands": "booking_no_show_stands",
    "no_show_overturned": "booking_cancelled",
    "paid_after_cancellation": "booking_cancelled",
}
"""A change's reason and the event that tells it."""
PAID = frozenset({"paid", "paid_late"})
"""Money confirms, or asks the provider first; late it may cancel."""
OF_PAID = {
    "confirmed": "booking_confirmed",
    "pending": "booking_answer_due",
    "cancelled": "booking_cancelled",
}

HANDLERS = {
    "provider_published": ("booking.provider_published", "payment.on_provider_published"),
    "service_published": ("booking.service_published", "payment.on_service_published"),
    "payment_succeeded": ("booking.payment_succeeded",),
    "payment_processing": ("booking.payment_processing",),
    "payment_failed": ("booking.payment_failed",),
    "payment_cancelled": ("booking.payment_cancelled",),
    "payment_refunded": ("booking.payment_refunded", "notify.on_payment_refunded"),
    "payment_captured": ("notify.on_payment_captured",),
    "booking_held": ("notify.on_booking_held",),
    "booking_answer_due": ("notify.on_booking_answer_due",),
    "booking_payment_due": ("notify.on_booking_payment_due",),
    "booking_confirmed": ("notify.on_booking_confirmed",),
    "booking_rescheduled": ("notify.on_booking_rescheduled", "payment.on_booking_rescheduled"),
    "booking_cancelled": ("notify.on_booking_cancelled", "payment.on_booking_cancelled"),
    "booking_expired": ("notify.on_booking_expired", "payment.on_booking_expired"),
    "booking_completed": ("payment.on_booking_completed",),
    "booking_no_show": ("notify.on_booking_no_show", "payment.on_booking_no_show"),
    "booking_contested": ("notify.on_booking_contested", "payment.on_booking_contested"),
    "booking_no_show_stands": ("notify.on_booking_no_show_stands", "payment.on_booking_no_show_stands"),
}
"""Who notes which event in its inbox. Accounts are copied by version, without one."""

PARKING_SECONDS = 60.0
"""An event is parked at most so long after its first failure: four waits of a second, and its attempts."""


def every_change_was_told_once(facts: Facts) -> list[Violation]:
    """rule C17: each change of a booking has exactly one event, however often it was sent."""
    found = []
    told: dict[tuple[str, str, int], set[str]] = {}
    for event in facts.events:
        told.setdefault((event["type"], event["aggregate_id"], event["aggregate_version"]), set()).add(
            event["id"]
        )
    mine = by(ours(facts), "id")
    for row in facts.rows.get("booking.booking_history", []):
        name = OF_PAID[row["to_state"]] if row["reason"] in PAID else EVENT_OF.get(row["reason"])
        if not name or row["booking_id"] not in mine:
            continue
        ids = told.get((name, row["booking_id"], row["version"]), set())
        if len(ids) != 1:
            text = f"{name} of booking {row['booking_id']} version {row['version']}: {len(ids)} events"
            found.append(Violation("rule C17", text, row["committed"]))
    return found


def everything_told_is_true(facts: Facts) -> list[Violation]:
    """rule C17: no event speaks of a change that was not committed."""
    found = []
    changes = {
        (row["booking_id"], row["version"]): row["to_state"]
        for row in facts.rows.get("booking.booking_history", [])
    }
    payments = by(facts.rows.get("payment.payment", []), "id")
    for event in _once(facts):
        if event["type"].startswith("booking_"):
            known = changes.get((event["aggregate_id"], event["aggregate_version"]))
            if known != event["data"]["state"]:
                text = f"{event['type']} {event['id']} of {event['aggregate_id']}: its history says {known}"
                found.append(Violation("rule C17", text, seconds(event["time"])))
        elif event["type"] == "payment_succeeded":
            payment = payments.get(event["aggregate_id"])
            if payment is None or not was_secured(payment):
                state = payment["state"] if payment else "unknown"
                text = f"{event['type']} {event['id']}: payment {event['aggregate_id']} is {state}"
                found.append(Violation("rule C17", text, seconds(event["time"])))
    return found


def every_payment_was_told_once(facts: Facts) -> list[Violation]:
    """rule C17: one payment_succeeded for each that was taken or held, one payment_captured for each that was
    held and taken, at least one payment_refunded for each refund. What pays a second time tells its refund
    alone; what a bank gave instead of us is no refund."""
    found = []
    told: dict[str, Counter[str]] = {"payment_succeeded": Counter(), "payment_captured": Counter()}
    refunds: set[str] = set()
    for event in _once(facts):
        if event["type"] in told:
            told[event["type"]][event["aggregate_id"]] += 1
        elif event["type"] == "payment_refunded":
            refunds.add(event["data"]["refund_id"])
    for row in facts.rows.get("payment.payment", []):
        was_held = row["capture_cause"] is not None and row["state"] in CAPTURED
        pays = was_secured(row) and not row["paid_twice"]
        for name, wanted in (("payment_succeeded", pays), ("payment_captured", was_held)):
            if told[name][row["id"]] != wanted:
                text = f"payment {row['id']} is {row['state']}: {told[name][row['id']]} {name}"
                found.append(Violation("rule C17", text, row["committed"]))
    found += [
        Violation("rule C17", f"refund {row['id']} ({row['status']}) was never told", row["committed"])
        for row in facts.rows.get("payment.refund", [])
        if row["id"] not in refunds and row["status"] != COVERED
    ]
    return found


def every_consumer_applied_every_event(facts: Facts) -> list[Violation]:
    """rule C16: each handler of each event has noted it in its inbox, in the transaction of the effect."""
    noted = {
        (row["event_id"], row["handler"])
        for service in ("booking", "payment", "notify")
        for row in facts.rows.get(f"{service}.inbox", [])
    }
    return [
        Violation(
            "rule C16", f"{handler} has not applied {event['type']} {event['id']}", seconds(event["time"])
        )
        for event in _once(facts)
        for handler in HANDLERS.get(event["type"], ())
        if (event["id"], handler) not in noted
    ]


def every_account_was_told(facts: Facts) -> list[Violation]:
    """rule C17: notify has every account of gateway, at its version."""
    copies = by(facts.rows.get("notify.account", []), "id")
    found = []
    for row in facts.rows.get("gateway.account", []):
        copy = copies.get(row["id"])
        if copy is None or (copy["version"], copy["active"]) != (row["version"], row["active"]):
            found.append(Violation("rule C17", f"notify does not have account {row['id']}", row["committed"]))
    return found


def every_parked_event_was_parked_by_a_fault(facts: Facts) -> list[Violation]:
    """promise E6: what was put aside was put aside because of an injected fault."""
    return [
        Violation("promise E6", f"{parked_text(facts, row)}", _instant(row["parked_at"]))
        for row in facts.parked
        if not near(facts.faults, _instant(row["parked_at"]), before=PARKING_SECONDS)
    ]


def nothing_is_parked_after_the_replay(facts: Facts) -> list[Violation]:
    """promise E6: sent back to its handler, every event is applied."""
    return [Violation("promise E6", f"parked again: {parked_text(facts, row)}") for row in facts.parked_after]


def parked_text(facts: Facts, row: Row) -> str:
    """A parked event with the faults that may have parked it."""
    faults = near(facts.faults, _instant(row["parked_at"]), before=PARKING_SECONDS)
    causes = ", ".join(str(fault) for fault in faults[-4:]) or "no fault was near"
    return (
        f"{row['type']} {row['event_id']} in {row['queue']} ({row['reason']}) at {row['parked_at']}: {causes}"
    )


def _instant(text: str) -> float:
    return seconds(text) if "T" in text or "-" in text else float(text)


def _once(facts: Facts) -> list[Row]:
    """Every event once, however often it was sent."""
    return list({event["id"]: event for event in facts.events}.values())


CHECKS = (
    every_change_was_told_once,
    everything_told_is_true,
    every_payment_was_told_once,
    every_consumer_applied_every_event,
    every_account_was_told,
    every_parked_event_was_parked_by_a_fault,
    nothing_is_parked_after_the_replay,
)

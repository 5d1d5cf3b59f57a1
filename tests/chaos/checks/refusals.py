"""Every refusal that a customer was told had its cause: looked up by the code's own condition."""

from collections.abc import Callable

from tests.chaos.checks import refusals_of_lives
from tests.chaos.checks.causes import MOVES, Index
from tests.chaos.checks.reading import OCCUPYING, by, ends_of, seconds
from tests.chaos.facts import Facts, Row, Violation
from tests.chaos.faults.record import near
from tests.chaos.history import Exchange

HOLDS_PER_CUSTOMER = 5
HELD_OR_AGREED = frozenset({"pending", "confirmed", "in_progress"})
PAYABLE, AGREED = frozenset({"pending"}), frozenset({"confirmed"})
CANCELLABLE = PAYABLE | AGREED
ALLOWED = {
    "cancel": CANCELLABLE,
    "refund_quote": CANCELLABLE,
    **dict.fromkeys((*MOVES, "create"), AGREED),
    "start": AGREED,
    "complete": AGREED | {"in_progress"},
    "no_show": AGREED,
    "contest": frozenset({"no_show"}),
    "decide": frozenset({"no_show"}),
}
"""By command: the states in which it is not refused for the state; of others those that can be paid."""
DECLINING_CARDS = frozenset({"pm_card_chargeCustomerFail"})
LIMITED, SIGNED_OUT = 429, 401
ENDS_A_DELIVERY = frozenset({"fault_point", "kill", "cut", "rabbitmq"})
NOTICED_WITHIN = 0.5
"""Seconds from a death to the fault's line about it."""
NOT_OURS = frozenset({"authenticate"})
"""The bank's page: whose intent was cancelled meanwhile is refused there."""


def slot_taken(index: Index, exchange: Exchange) -> str:
    """Each of the staff who could do it had an overlapping allocation between sending and answer."""
    asked = index.wish_of(exchange)
    service = by(index.facts.rows["booking.service"], "id")[asked["serviceId"]]
    wanted = _blocked(index, asked, service)
    if wanted is None:
        return "no booking shows when this local time is"
    own = index.booking_of(exchange) if exchange.action in MOVES else ""
    for resource in _staff(index, asked["providerId"], asked["serviceId"], wanted):
        if not any(
            span.resource == resource
            and span.key != exchange.key
            and span.booking_id != own
            and span.blocks(*wanted)
            and span.lived_in(exchange.sent, exchange.answered)
            for span in index.spans
        ):
            return f"{resource} was free all the time"
    return ""


def _blocked(index: Index, asked: Row, service: Row) -> tuple[float, float] | None:
    """The blocked range of a request: the local time in the provider's offset of that day, with buffers."""
    provider = asked["providerId"]
    that_day = [
        row
        for row in index.bookings.values()
        if row["provider_id"] == provider and row["local_start"][:10] == asked["bookingDate"]
    ]
    if not that_day:
        return None
    start = seconds(f"{asked['bookingDate']}T{asked['startTime']}:00{that_day[0]['utc_offset']}")
    calendar = by(index.facts.rows["booking.calendar"], "provider_id").get(provider)
    before = calendar["buffer_before_minutes"] * 60 if calendar else 0
    after = calendar["buffer_after_minutes"] * 60 if calendar else 0
    return start - before, start + service["duration_minutes"] * 60 + after


def _staff(index: Index, provider_id: str, service_id: str, wanted: tuple[float, float]) -> list[str]:
    """Who works for the provider, does this service and is not away then."""
    rows = index.facts.rows
    does = {row["staff_id"] for row in rows["booking.staff_service"] if row["service_id"] == service_id}
    away = {
        row["staff_id"]
        for row in rows["booking.time_off"]
        if seconds(row["period_from"]) < wanted[1] and wanted[0] < seconds(row["period_to"])
    }
    return [
        row["id"]
        for row in rows["booking.staff"]
        if row["provider_id"] == provider_id
        and row["active"]
        and (row["all_services"] or row["id"] in does)
        and row["id"] not in away
    ]


def too_many_holds(index: Index, exchange: Exchange) -> str:
    """The customer had as many unpaid holds as are allowed."""
    customer = next(
        (row["customer_id"] for row in index.bookings.values() if row["notes"] and _is_of(row, exchange)), ""
    )
    mine = [row["id"] for row in index.bookings.values() if row["customer_id"] == customer]
    held = sum("pending" in index.states_in(one, exchange.sent, exchange.answered) for one in mine)
    return "" if held >= HOLDS_PER_CUSTOMER else f"only {held} holds were alive"


def customer_in_two_places(index: Index, exchange: Exchange) -> str:
    """The visit that was named is the customer's own, overlaps, and was held or agreed at that time."""
    named = index.bookings.get(str((exchange.answer or {}).get("details", {}).get("bookingId")))
    if named is None or not _is_of(named, exchange):
        return "no visit of the customer was named"
    asked = index.wish_of(exchange)
    service = by(index.facts.rows["booking.service"], "id")[asked["serviceId"]]
    wanted = _blocked(index, asked, service)
    if wanted is None:
        return "no booking shows when this local time is"
    if not any(began < wanted[1] and wanted[0] < ended for began, ended in _visits(index, named)):
        return "the visit that was named is at another time"
    alive = index.states_in(named["id"], exchange.sent, exchange.answered) & HELD_OR_AGREED
    return "" if alive else "the visit that was named had ended"


def _visits(index: Index, booking: Row) -> list[tuple[float, float]]:
    """When a booking was, at any of its times."""
    kept = [change["facts"] or {} for change in index.changes[booking["id"]]]
    texts = [ends_of(facts["visit"]) for facts in kept if "visit" in facts]
    return [
        (seconds(began), seconds(ended))
        for began, ended in (*texts, (booking["visit_from"], booking["visit_to"]))
    ]


def _is_of(row: Row, exchange: Exchange) -> bool:
    """Keys begin with the customer's number; a question has none."""
    number = exchange.key.split("-")[0] or exchange.customer.rpartition("-")[2]
    return str(row["notes"]).split("-")[0] == number


def booking_state_conflict(index: Index, exchange: Exchange) -> str:
    """The booking had a state in which this is not possible, or the one had that it is to replace."""
    booking_id = index.booking_of(exchange)
    states = index.states_in(booking_id, exchange.sent, exchange.answered)
    allowed = ALLOWED.get(exchange.action, PAYABLE)
    replaced = index.bookings.get(booking_id, {}).get("replaces_id")
    if replaced and index.states_in(replaced, exchange.sent, exchange.answered) - AGREED:
        return ""
    return "" if states - allowed else f"it was {sorted(states)} all the time"


def hold_expired(index: Index, exchange: Exchange) -> str:
    """The booking had ended, or its hold's first end had passed."""
    booking_id = index.booking_of(exchange)
    if index.states_in(booking_id, exchange.sent, exchange.answered) - OCCUPYING:
        return ""
    promised = [
        seconds(event["data"]["hold_expires_at"])
        for event in index.facts.events
        if event["type"] == "booking_held" and event["aggregate_id"] == booking_id
    ]
    return "" if promised and promised[0] <= exchange.answered else "its hold was alive all the time"


def already_paid(index: Index, exchange: Exchange) -> str:
    """Money for this booking had been taken, or was held."""
    paid = [
        row
        for row in index.payments_of.get(index.booking_of(exchange), [])
        if row["captured_amount"] or row["capture_before"]
    ]
    return "" if paid else "no payment of this booking succeeded"


def not_captured(index: Index, exchange: Exchange) -> str:
    """Nothing of this payment had been taken: it was held, or not paid."""
    rows = index.payments_of.get(index.booking_of(exchange), [])
    asked = [row for row in rows if row["id"] == exchange.body["paymentId"]]
    taken_at = asked[0]["captured_at"] if asked else None
    is_taken = taken_at is not None and seconds(taken_at) < exchange.sent
    return "its money had been taken" if is_taken else ""


def request_in_progress(index: Index, exchange: Exchange) -> str:
    """The same command was under way, or may have been; or a payment of this booking was."""
    for other in index.exchanges_of_key[exchange.customer, exchange.key]:
        is_other = other.number != exchange.number
        if is_other and other.sent <= exchange.answered and _may_still_run(other, exchange.sent):
            return ""
    if _was_delivered_again(index, exchange):
        return ""
    if exchange.action not in ("pay", "confirm"):
        return "no other request under this key could be in work"
    begun = [
        row
        for row in index.payments_of.get(index.booking_of(exchange), [])
        if seconds(row["created_at"]) <= exchange.answered
    ]
    return "" if begun else "no payment of this booking had begun"


def _was_delivered_again(index: Index, exchange: Exchange) -> bool:
    """Whether what had the request died of it: the broker gives it to another process, maybe before the
    database has noticed, which keeps the key for the first one until then."""
    lasted = exchange.answered - exchange.sent
    meanwhile = near(index.facts.faults, exchange.sent, before=0.0, after=lasted + NOTICED_WITHIN)
    return any(fault.kind in ENDS_A_DELIVERY for fault in meanwhile)


def _may_still_run(other: Exchange, instant: float) -> bool:
    return other.answered >= instant or not other.is_outcome_known


def idempotency_key_reused(index: Index, exchange: Exchange) -> str:
    """The key had been used with another request."""
    others = index.exchanges_of_key[exchange.customer, exchange.key]
    return "" if any(other.body != exchange.body for other in others) else "the key had this request only"


def card_declined(index: Index, exchange: Exchange) -> str:
    """The card that was asked declines, or its owner failed to authenticate."""
    body = exchange.body if isinstance(exchange.body, dict) else {}
    if body.get("paymentMethodId") in DECLINING_CARDS:
        return ""
    booking_id = index.booking_of(exchange)
    intents = {row["intent_id"] for row in index.payments_of.get(booking_id, [])}
    for other in index.facts.exchanges:
        is_refused = other.action == "authenticate" and other.body == {"success": False}
        if is_refused and other.path.split("/")[1] in intents:
            return ""
    return "nothing shows that a card was declined"


def email_taken(index: Index, exchange: Exchange) -> str:
    """Registering knows no key: an earlier request of the same person, which got no answer, has made it."""
    for other in index.exchanges_of_key[exchange.customer, exchange.key]:
        if other.action == "register" and other.sent < exchange.sent and not other.is_outcome_known:
            return ""
    return "nobody had asked for an account with this address"


def quote_changed(index: Index, exchange: Exchange) -> str:
    """While the customer read what goes back, booking heard that the payment had succeeded."""
    if exchange.action == "reschedule":
        return refusals_of_lives.quote_of_move_changed(index, exchange)
    booking_id = index.booking_of(exchange)
    quotes = [
        other
        for other in index.facts.exchanges
        if other.action == "refund_quote" and other.path.split("/")[2] == booking_id and other.is_success
    ]
    if not quotes:
        return "nobody was told what goes back"
    seen = index.states_in(booking_id, quotes[-1].sent, exchange.answered)
    return "" if {"pending", "confirmed"} <= seen else "nothing has changed what goes back"


CAUSES: dict[str, Callable[[Index, Exchange], str]] = {
    **refusals_of_lives.CAUSES,
    "slot_taken": slot_taken,
    "too_many_holds": too_many_holds,
    "customer_in_two_places": customer_in_two_places,
    "booking_state_conflict": booking_state_conflict,
    "hold_expired": hold_expired,
    "already_paid": already_paid,
    "not_captured": not_captured,
    "request_in_progress": request_in_progress,
    "idempotency_key_reused": idempotency_key_reused,
    "card_declined": card_declined,
    "email_taken": email_taken,
    "quote_changed": quote_changed,
}
"""By code: answers what speaks against the refusal; empty when its cause was there."""

RULES = {
    "slot_taken": "promise C2",
    "too_many_holds": "rule C18",
    "customer_in_two_places": "rule C19",
    "card_declined": "promise D6",
}


def every_refusal_had_its_cause(facts: Facts) -> list[Violation]:
    """promise C2, rules C13, C18, W9: no customer was refused without the code's own cause."""
    found = []
    index = Index.of(facts)
    for exchange in facts.exchanges:
        is_refusal = 400 <= exchange.status < 500 and exchange.status not in (LIMITED, SIGNED_OUT)
        if not is_refusal or exchange.action in NOT_OURS:
            continue
        cause = CAUSES.get(exchange.code)
        against = cause(index, exchange) if cause else "nobody should hear this code"
        if against:
            text = (
                f"{exchange.customer} was told {exchange.status} {exchange.code} by {exchange.action}"
                f" {exchange.path} (key {exchange.key}, no. {exchange.number}): {against}"
            )
            found.append(Violation(RULES.get(exchange.code, "rule C13"), text, exchange.answered))
    return found


CHECKS = (every_refusal_had_its_cause,)

"""What becomes of agreed visits: each move is done or not, each question answered, each contest decided."""

from collections.abc import Iterator

from tests.chaos.checks.reading import by, grouped, histories, ours, seconds
from tests.chaos.facts import Facts, Violation
from tests.chaos.history import Exchange

WHOLE = 100
BY_CUSTOMER = frozenset({"customer_cancelled", "replaced", "not_replaced"})
ANSWERS = BY_CUSTOMER | {"accepted", "declined", "unanswered", "provider_cancelled"}
IN_FULL = frozenset({"declined", "unanswered"})
SAID = {
    "accept": "accepted",
    "decline": "declined",
    "start": "started",
    "complete": "completed",
    "no_show": "nobody_came",
    "contest": "no_show_contested",
}
"""What was said, and the change that it is."""


def every_move_told_is_done(facts: Facts) -> list[Violation]:
    """rule C8: a move that was told is one change to that time; there is none that nobody asked for."""
    found = []
    changes = histories(facts)
    keys: dict[str, set[str]] = {}
    for booking_id, exchange in _moves(facts):
        keys.setdefault(booking_id, set()).add(exchange.key)
        if exchange.action == "reschedule" and exchange.is_success:
            wanted = f"{exchange.body['bookingDate']}T{exchange.body['startTime']}"
            known = {row["version"]: row for row in changes[booking_id]}[exchange.data["version"]]
            if known["reason"] != "rescheduled" or not known["facts"]["local_start"].startswith(wanted):
                text = f"booking {booking_id} was told to be at {wanted}; its history says otherwise"
                found.append(Violation("rule C8", text, exchange.answered))
    for booking_id, rows in changes.items():
        moves = [row for row in rows if row["reason"] == "rescheduled"]
        if len(moves) > len(keys.get(booking_id, ())):
            text = f"booking {booking_id} was moved {len(moves)} times, by fewer commands"
            found.append(Violation("rule C13", text, moves[-1]["committed"]))
    return found


def _moves(facts: Facts) -> Iterator[tuple[str, Exchange]]:
    """Every visit with each command that has moved it, or may have: it alone, or its series."""
    of_series = grouped([row for row in ours(facts) if row.get("series_id")], "series_id")
    for exchange in facts.exchanges:
        if not exchange.is_success and exchange.is_outcome_known:
            continue
        named = exchange.path.split("/")[2:3]
        if exchange.action == "reschedule":
            yield from ((booking_id, exchange) for booking_id in named)
        elif exchange.action == "reschedule_series":
            yield from ((row["id"], exchange) for one in named for row in of_series.get(one, []))


def every_question_was_answered(facts: Facts) -> list[Violation]:
    """promise C9: what was paid and waited for its provider was answered in time, or is over and goes back in
    full."""
    found = []
    bookings = by(facts.rows.get("booking.booking", []), "id")
    for booking_id, rows in histories(facts).items():
        for number, row in enumerate(rows):
            if row["to_state"] != "pending" or (row["facts"] or {}).get("pending_for") != "provider":
                continue
            answers = [one for one in rows[number + 1 :] if one["reason"] in ANSWERS]
            if not answers:
                text = f"booking {booking_id} was never answered: {bookings[booking_id]['state']}"
                found.append(Violation("promise C9", text, row["committed"]))
                continue
            answer, due = answers[0], seconds(row["facts"]["hold_ends_at"])
            is_late = seconds(answer["at"]) >= due
            if (answer["reason"] == "unanswered") != is_late and answer["reason"] not in BY_CUSTOMER:
                text = f"booking {booking_id} was {answer['reason']} at {answer['at']}, due until {due:.3f}"
                found.append(Violation("promise C9", text, answer["committed"]))
            refund = bookings[booking_id]["refund"] or {}
            if answer["reason"] in IN_FULL and refund["percent"] != WHOLE:
                text = f"booking {booking_id} was {answer['reason']} and gives back {refund}"
                found.append(Violation("promise C9", text, answer["committed"]))
            break
    return found


def everything_said_of_a_visit_is_so(facts: Facts) -> list[Violation]:
    """promise C4: what its provider, its customer or an administrator was told to be done is one change."""
    found = []
    changes = histories(facts)
    for exchange in facts.exchanges:
        reason = SAID.get(exchange.action)
        if exchange.action == "decide" and exchange.is_success:
            reason = f"no_show_{exchange.body['outcome']}"
        if reason is None or not exchange.is_success:
            continue
        reasons = [row["reason"] for row in changes[exchange.data["bookingId"]]]
        if reasons.count(reason) != 1:
            text = f"booking {exchange.data['bookingId']} was told to be {reason}; its history: {reasons}"
            found.append(Violation("promise C4", text, exchange.answered))
    return found


def every_carer_was_where_they_said(facts: Facts) -> list[Violation]:
    """promise C10: who began or completed a visit and said where they were is checked in or out once."""
    found = []
    kept = {(row["booking_id"], row["moment"]) for row in facts.rows.get("booking.presence", [])}
    kinds = {"start": "check_in", "complete": "check_out"}
    for exchange in facts.exchanges:
        kind = kinds.get(exchange.action)
        if kind and exchange.is_success and (exchange.data["bookingId"], kind) not in kept:
            text = f"no {kind} of booking {exchange.data['bookingId']} is kept"
            found.append(Violation("promise C10", text, exchange.answered))
    return found


def every_contest_was_decided(facts: Facts) -> list[Violation]:
    """rule B6: what an administrator was told to have decided stands with the booking; nothing else is."""
    found = []
    changes = histories(facts)
    for row in ours(facts):
        reasons = [change["reason"] for change in changes[row["id"]]]
        wanted = (
            "overturned"
            if "no_show_overturned" in reasons
            else "stands"
            if "no_show_stands" in reasons
            else "open"
            if "no_show_contested" in reasons
            else None
        )
        if row.get("contest") != wanted:
            text = f"the contest of booking {row['id']} is {row.get('contest')}, its history: {reasons}"
            found.append(Violation("rule B6", text, row["committed"]))
    return found


CHECKS = (
    every_move_told_is_done,
    every_question_was_answered,
    everything_said_of_a_visit_is_so,
    every_carer_was_where_they_said,
    every_contest_was_decided,
)

"""What customers were told: every 200 and 201 is still true, and every key had one effect."""

from collections.abc import Iterator

from tests.chaos.checks.money import was_secured
from tests.chaos.checks.reading import by, grouped, histories, ours, seconds
from tests.chaos.facts import Facts, Row, Violation
from tests.chaos.history import Exchange

PAGE = 100


def _bookings_told(exchange: Exchange) -> list[Row]:
    data = exchange.data
    if "bookingId" in data and "version" in data and "state" in data:
        return [data]
    listed = data.get("bookings")
    return listed if isinstance(listed, list) else []


def _payments_told(exchange: Exchange) -> list[Row]:
    data = exchange.data
    if "paymentId" in data and "status" in data:
        return [data]
    if exchange.action == "pay_series":
        return [one["payment"] for one in data["visits"] if one["payment"]]
    listed = data.get("payments")
    return listed if isinstance(listed, list) else []


def _successes(facts: Facts, *actions: str) -> Iterator[Exchange]:
    for exchange in facts.exchanges:
        if exchange.is_success and (not actions or exchange.action in actions):
            yield exchange


def every_booking_told_was_so(facts: Facts) -> list[Violation]:
    """rule C13: a booking that a customer saw at a version has this state at this version in its history."""
    found = []
    states = {
        (row["booking_id"], row["version"]): row["to_state"]
        for row in facts.rows.get("booking.booking_history", [])
    }
    for exchange in _successes(facts):
        for told in _bookings_told(exchange):
            known = states.get((told["bookingId"], told["version"]))
            if known != told["state"]:
                text = (
                    f"{exchange.customer} was told that booking {told['bookingId']} is {told['state']}"
                    f" at version {told['version']}; its history says {known}"
                )
                found.append(Violation("rule C13", text, exchange.answered))
    return found


def every_booking_made_is_there(facts: Facts) -> list[Violation]:
    """promise C2: each 201 was a booking of this customer, this time and this note."""
    found = []
    bookings = by(facts.rows.get("booking.booking", []), "id")
    changes = histories(facts)
    for exchange in _successes(facts, "create"):
        told = exchange.data
        row = bookings.get(told["bookingId"])
        if row is None:
            text = f"{exchange.customer} was told of booking {told['bookingId']}, which is not there"
            found.append(Violation("promise C2", text, exchange.answered))
            continue
        wanted = f"{exchange.body['bookingDate']}T{exchange.body['startTime']}"
        first, *later = changes[row["id"]]
        made_for = (first["facts"] or row)["local_start"]
        has_note = row["notes"] == exchange.body["notes"] or any(
            change["reason"] == "notes_changed" for change in later
        )
        if not made_for.startswith(wanted) or not has_note:
            text = f"booking {row['id']} is not the one that {exchange.customer} asked for: {exchange.body}"
            found.append(Violation("promise C2", text, exchange.answered))
    return found


def every_hold_lasted(facts: Facts) -> list[Violation]:
    """promise C5: no hold ended before the instant that its customer was told.

    While a payment is in work the slot is kept until its outcome; what was told then ends with it. A visit of
    a series of which all that was paid is given back is kept as long as that change says.
    """
    found = []
    kept, kept_no_longer = _versions_with_a_payment_in_work(facts), _kept_no_longer(facts)
    ends = {
        row["booking_id"]: row
        for row in facts.rows.get("booking.booking_history", [])
        if row["reason"] == "hold_ended"
    }
    for exchange in _successes(facts):
        for told in _bookings_told(exchange):
            end = ends.get(told["bookingId"])
            promised = told.get("holdExpiresAt")
            if (told["bookingId"], told["version"]) in kept:
                continue
            if not end or end["version"] < told["version"]:
                # It came back after its end, by late money, and was told anew.
                continue
            unpaid = kept_no_longer.get(told["bookingId"])
            if promised and unpaid and told["version"] < unpaid["version"]:
                promised = min(promised, unpaid["facts"]["hold_ends_at"], key=seconds)
            if promised and seconds(end["at"]) < seconds(promised):
                text = f"the hold of booking {told['bookingId']} ended at {end['at']}, promised: {promised}"
                found.append(Violation("promise C5", text, end["committed"]))
    return found


def _kept_no_longer(facts: Facts) -> dict[str, Row]:
    """The change by which each visit of a series got a hold like any other (promise C6)."""
    rows = facts.rows.get("booking.booking_history", [])
    return {row["booking_id"]: row for row in rows if row["reason"] == "series_unpaid"}


def _versions_with_a_payment_in_work(facts: Facts) -> set[tuple[str, int]]:
    found = set()
    for booking_id, changes in histories(facts).items():
        is_in_work = False
        for change in changes:
            if change["reason"] in ("payment_processing", "payment_ended"):
                is_in_work = change["reason"] == "payment_processing"
            if is_in_work:
                found.add((booking_id, change["version"]))
    return found


def every_cancellation_told_is_done(facts: Facts) -> list[Violation]:
    """rule B3: the booking is cancelled, and gives back what was told unless money came later."""
    found = []
    bookings = by(facts.rows.get("booking.booking", []), "id")
    changes = histories(facts)
    for exchange in _successes(facts, "cancel"):
        told = exchange.data
        row = bookings[told["bookingId"]]
        reasons = [change["reason"] for change in changes[row["id"]]]
        wanted = "provider_cancelled" if exchange.path.startswith("provider/") else "customer_cancelled"
        if row["state"] != "cancelled" or reasons.count(wanted) != 1:
            text = f"booking {row['id']} was told to be cancelled; it is {row['state']}: {reasons}"
            found.append(Violation("rule B3", text, exchange.answered))
    return found


def every_payment_told_was_made(facts: Facts) -> list[Violation]:
    """promise D1: a payment that a customer saw succeed was taken or held, with the amount that was shown."""
    found = []
    payments = by(facts.rows.get("payment.payment", []), "id")
    for exchange in _successes(facts):
        for told in _payments_told(exchange):
            row = payments.get(told["paymentId"])
            if row is None:
                text = f"{exchange.customer} was told of payment {told['paymentId']}, which is not there"
                found.append(Violation("promise D1", text, exchange.answered))
            elif told["status"] == "succeeded" and not was_secured(row):
                text = f"payment {row['id']} was told to have succeeded; it is {row['state']}"
                found.append(Violation("promise D1", text, exchange.answered))
            elif round(told["amount"] * 100) != row["service_amount"] + row["tip_amount"]:
                text = f"payment {row['id']} was shown as {told['amount']}, not what it is"
                found.append(Violation("promise D1", text, exchange.answered))
    return found


def what_was_made_is_listed(facts: Facts) -> list[Violation]:
    """promise A3: a list that was asked for after a 201 has that booking in it."""
    found = []
    made: dict[str, list[tuple[float, str]]] = {}
    for exchange in _successes(facts, "create"):
        told_at = exchange.answered_monotonic
        made.setdefault(exchange.customer, []).append((told_at, exchange.data["bookingId"]))
    for exchange in _successes(facts, "bookings"):
        listed = {told["bookingId"] for told in exchange.data["bookings"]}
        before = [booking for at, booking in made.get(exchange.customer, ()) if at < exchange.sent_monotonic]
        missing = [booking for booking in before if booking not in listed]
        if missing and len(listed) < PAGE:
            text = f"{exchange.customer} did not find {missing} in the list of its bookings"
            found.append(Violation("promise A3", text, exchange.answered))
    return found


def every_key_had_one_effect(facts: Facts) -> list[Violation]:
    """rule C13: under one key at most one booking, one payment, one answer."""
    found = []
    # A series is many bookings of one note: series.py looks at those.
    single = [row for row in ours(facts) if not row.get("series_id")]
    for key, rows in grouped(single, "notes").items():
        if len(rows) > 1:
            text = f"key {key} made bookings {[row['id'] for row in rows]}"
            found.append(Violation("rule C13", text, rows[-1]["committed"]))
    answers: dict[tuple[str, str], set[str]] = {}
    for exchange in _successes(facts, "create", "pay", "create_series", "join"):
        ids = (exchange.data.get(name) for name in ("paymentId", "seriesId", "waitlistId", "bookingId"))
        told = next(filter(None, ids), "")
        answers.setdefault((exchange.action, exchange.key), set()).add(told)
    for (action, key), told_ids in answers.items():
        if len(told_ids) > 1:
            found.append(Violation("rule C13", f"{action} under key {key} was answered with {told_ids}"))
    return found


def nothing_was_made_in_secret(facts: Facts) -> list[Violation]:
    """rule C13: every booking that was asked for alone was told to its customer, or its customer never heard
    an outcome."""
    told = {exchange.data["bookingId"] for exchange in _successes(facts, "create")}
    last: dict[str, Exchange] = {
        exchange.key: exchange for exchange in facts.exchanges if exchange.action == "create"
    }
    found = []
    for row in ours(facts):
        if row.get("series_id") or row.get("waitlist_id"):
            continue
        exchange = last.get(row["notes"])
        is_open = exchange is not None and not exchange.is_outcome_known
        if row["id"] not in told and not is_open:
            outcome = f"{exchange.status} {exchange.code}" if exchange else "nothing"
            text = f"booking {row['id']} was made under key {row['notes']}; its customer was told {outcome}"
            found.append(Violation("rule C13", text, row["committed"]))
    return found


CHECKS = (
    every_booking_told_was_so,
    every_booking_made_is_there,
    every_hold_lasted,
    every_cancellation_told_is_done,
    every_payment_told_was_made,
    what_was_made_is_listed,
    every_key_had_one_effect,
    nothing_was_made_in_secret,
)

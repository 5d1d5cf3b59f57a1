"""Who has which time: no two at once, none without need, none longer than promised."""

from itertools import combinations, pairwise

from tests.chaos.checks.reading import OCCUPYING, by, grouped, histories, ours, seconds, spans
from tests.chaos.facts import Facts, Violation

NOT_THERE = frozenset({"cancelled", "expired", "no_show"})


def no_two_allocations_overlap(facts: Facts) -> list[Violation]:
    """promise C2: of one resource no two allocations overlap."""
    found = []
    allocations = [
        row | {"from": seconds(row["blocked_from"]), "to": seconds(row["blocked_to"])}
        for row in facts.rows.get("booking.allocation", [])
    ]
    for resource, rows in grouped(allocations, "resource_id").items():
        rows.sort(key=lambda row: row["from"])
        for earlier, later in pairwise(rows):
            if later["from"] < earlier["to"]:
                found.append(
                    Violation(
                        "promise C2",
                        f"bookings {earlier['booking_id']} and {later['booking_id']} both have {resource}"
                        f" at {later['blocked_from']}",
                        later["committed"],
                    )
                )
    return found


def no_two_bookings_ever_overlapped(facts: Facts) -> list[Violation]:
    """promise C2: at no moment of the run did two bookings occupy one resource at overlapping times."""
    found = []
    groups: dict[str, list[int]] = {}
    everything = sorted(spans(facts), key=lambda span: span.began)
    for position, span in enumerate(everything):
        for other_position in groups.setdefault(span.resource, []):
            other = everything[other_position]
            # In one transaction an ended hold is released and its time taken: equal commits. A booking that
            # is moved leaves one time and takes another at once.
            is_own = other.booking_id == span.booking_id
            if not is_own and other.ended > span.began and span.blocks(other.blocked_from, other.blocked_to):
                found.append(
                    Violation(
                        "promise C2",
                        f"booking {span.booking_id} took {span.resource} while {other.booking_id} had it",
                        span.began,
                    )
                )
        groups[span.resource].append(position)
    return found


def nobody_is_in_two_places(facts: Facts) -> list[Violation]:
    """rule C19: of one customer's visits that take place or took place no two overlap, unless one was asked
    for as such. Nobody in a run says that somebody else receives the care."""
    found = []
    visits = [row for row in ours(facts) if row["state"] not in NOT_THERE]
    for customer, rows in grouped(visits, "customer_id").items():
        for one, other in combinations(rows, 2):
            overlap = seconds(one["visit_from"]) < seconds(other["visit_to"]) and seconds(
                other["visit_from"]
            ) < seconds(one["visit_to"])
            if overlap and not (one["may_overlap"] or other["may_overlap"]):
                text = f"{customer} is at {one['id']} and {other['id']} at {other['visit_from']}"
                found.append(Violation("rule C19", text, max(one["committed"], other["committed"])))
    return found


def occupied_exactly_while_needed(facts: Facts) -> list[Violation]:
    """rule C14: an ended booking's time is free, a live one's is taken, each by exactly one allocation."""
    found = []
    allocations = grouped(facts.rows.get("booking.allocation", []), "booking_id")
    for row in facts.rows.get("booking.booking", []):
        has = allocations.get(row["id"], [])
        if len(has) != (1 if row["state"] in OCCUPYING else 0):
            text = f"booking {row['id']} is {row['state']} and has {len(has)} allocations"
            found.append(Violation("rule C14", text, row["committed"]))
        elif has and (has[0]["resource_id"], has[0]["blocked_from"], has[0]["blocked_to"]) != (
            row["staff_id"],
            row["blocked_from"],
            row["blocked_to"],
        ):
            text = f"booking {row['id']} has an allocation of another time or resource"
            found.append(Violation("rule C14", text, row["committed"]))
    return found


def no_hold_outlives_its_end(facts: Facts) -> list[Violation]:
    """promise C5: after the stack came to rest nothing is held any more but what a paid series keeps."""
    last = max((row["committed"] for row in facts.rows.get("booking.booking_history", [])), default=0.0)
    return [
        Violation("promise C5", f"booking {row['id']} is held past {row['hold_ends_at']}", row["committed"])
        for row in ours(facts)
        if row["state"] == "pending" and not (row.get("series_id") and seconds(row["hold_ends_at"]) > last)
    ]


def every_change_is_one_step(facts: Facts) -> list[Violation]:
    """promise C4: versions have no gap, each step begins where the last ended, the last is the booking's."""
    found = []
    bookings = by(facts.rows.get("booking.booking", []), "id")
    for booking_id, rows in histories(facts).items():
        before = None
        for number, row in enumerate(rows, rows[0]["version"]):
            if row["version"] != number or (number > 1 and before and row["from_state"] != before):
                text = f"booking {booking_id}: version {row['version']} goes on from {row['from_state']}"
                found.append(Violation("promise C4", text, row["committed"]))
            before = row["to_state"]
        if bookings[booking_id]["state"] != before or bookings[booking_id]["version"] != rows[-1]["version"]:
            text = f"booking {booking_id} is {bookings[booking_id]['state']}, its history says {before}"
            found.append(Violation("promise C4", text, rows[-1]["committed"]))
    return found


CHECKS = (
    no_two_allocations_overlap,
    no_two_bookings_ever_overlapped,
    nobody_is_in_two_places,
    occupied_exactly_while_needed,
    no_hold_outlives_its_end,
    every_change_is_one_step,
)

"""How checks read rows: by id, in time, and the spans in which bookings occupied their resource."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from tests.chaos.facts import Facts, Row

OCCUPYING = frozenset({"pending", "confirmed", "in_progress"})
FOR_EVER = float("inf")


@cache
def seconds(text: str) -> float:
    """An instant's ISO text as seconds since 1970."""
    return datetime.fromisoformat(text).timestamp()


def by(rows: Iterable[Row], name: str) -> dict[str, Row]:
    """Rows by a column that is unique."""
    return {row[name]: row for row in rows}


def grouped(rows: Iterable[Row], name: str) -> dict[str, list[Row]]:
    """Rows by a column."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[name]].append(row)
    return groups


def ours(facts: Facts) -> list[Row]:
    """Bookings that the customers of the run made: they write their key into the notes."""
    return [row for row in facts.rows.get("booking.booking", []) if row["notes"]]


def histories(facts: Facts) -> dict[str, list[Row]]:
    """Each booking's changes in the order of its versions."""
    groups = grouped(facts.rows.get("booking.booking_history", []), "booking_id")
    return {booking: sorted(rows, key=lambda row: row["version"]) for booking, rows in groups.items()}


@dataclass(frozen=True)
class Span:
    """A booking occupied `resource` over [blocked_from, blocked_to), from one commit to another."""

    booking_id: str
    resource: str
    blocked_from: float
    blocked_to: float
    began: float
    ended: float
    key: str

    def blocks(self, other_from: float, other_to: float) -> bool:
        return self.blocked_from < other_to and other_from < self.blocked_to

    def lived_in(self, began: float, ended: float) -> bool:
        return self.began <= ended and began <= self.ended


def spans(facts: Facts) -> list[Span]:
    """When which booking occupied what, by the commits of its history and what it was after each change."""
    found = []
    changes = histories(facts)
    for row in ours(facts):
        held: dict[Taken, float] = {}
        for change in changes.get(row["id"], []):
            now = _taken(row, change) if change["to_state"] in OCCUPYING else frozenset()
            found += [_span(row, left, held.pop(left), change["committed"]) for left in held.keys() - now]
            committed: float = change["committed"]
            held |= dict.fromkeys(now - held.keys(), committed)
        found += [_span(row, taken, began, FOR_EVER) for taken, began in held.items()]
    return found


Taken = tuple[str, float, float]
"""A resource, from when and to when."""


def _taken(row: Row, change: Row) -> frozenset[Taken]:
    """What a booking occupied after a change; of what a release before has written, what it occupies now."""
    kept = change["facts"] or {}
    staff_id, others = kept.get("staff_id", row["staff_id"]), kept.get("further_ids", ())
    blocked = ends_of(kept["blocked"]) if "blocked" in kept else (row["blocked_from"], row["blocked_to"])
    began, ended = map(seconds, blocked)
    return frozenset((resource, began, ended) for resource in (staff_id, *others))


def ends_of(text: str) -> tuple[str, str]:
    """The ends of a range as its text has them: `["2026-11-30 15:00:00+00","2026-11-30 16:00:00+00")`."""
    began, _, ended = text[1:-1].partition(",")
    return began.strip('"'), ended.strip('"')


def _span(row: Row, taken: Taken, began: float, ended: float) -> Span:
    resource, blocked_from, blocked_to = taken
    return Span(row["id"], resource, blocked_from, blocked_to, began, ended, row["notes"])

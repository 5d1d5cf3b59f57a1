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
    """When which booking occupied what, by the commits of its history."""
    found = []
    changes = histories(facts)
    for row in ours(facts):
        began: float | None = None
        for change in changes.get(row["id"], []):
            occupies = change["to_state"] in OCCUPYING
            if occupies and began is None:
                began = change["committed"]
            elif not occupies and began is not None:
                found.append(_span(row, began, change["committed"]))
                began = None
        if began is not None:
            found.append(_span(row, began, FOR_EVER))
    return found


def _span(row: Row, began: float, ended: float) -> Span:
    return Span(
        booking_id=row["id"],
        resource=row["staff_id"],
        blocked_from=seconds(row["blocked_from"]),
        blocked_to=seconds(row["blocked_to"]),
        began=began,
        ended=ended,
        key=row["notes"],
    )

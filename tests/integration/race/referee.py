"""Counts what a round has left in the tables, and how much of the racing was real."""

from collections.abc import Sequence

from tests.integration.booking.ledger import Ledger
from tests.integration.race.contests import Contest
from tests.integration.race.racers import Outcome

_VISITS = """
SELECT count(*) FROM booking
WHERE provider_id = :provider AND (state = 'confirmed' OR state = 'pending' AND hold_ends_at > app_now())
    AND local_start >= CAST(:day AS date) + :hour * interval '1 hour'
    AND local_start < CAST(:day AS date) + (:hour + 2) * interval '1 hour'
"""
_OVERLAPS = """
SELECT count(*) FROM allocation a JOIN allocation b
    ON b.resource_id = a.resource_id AND b.id > a.id AND b.blocked && a.blocked
WHERE a.session_id IS DISTINCT FROM b.session_id OR a.seat = b.seat
"""
_WITHOUT_A_PLACE = """
SELECT count(*) FROM booking
WHERE state IN ('pending', 'confirmed') AND (
    SELECT count(*) FROM allocation WHERE booking_id = booking.id AND allocation.blocked = booking.blocked
) <> 1 + (SELECT count(*) FROM further_resource WHERE booking_id = booking.id)
"""
_LEFT_BEHIND = """
SELECT count(*) FROM allocation JOIN booking ON booking.id = booking_id
WHERE state NOT IN ('pending', 'confirmed')
"""
_TOO_FULL = """
SELECT count(*) FROM (
    SELECT FROM allocation WHERE session_id IS NOT NULL
    GROUP BY session_id, resource_id HAVING count(*) > min(seats)
) AS full_sessions
"""
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def visits(ledger: Ledger, contest: Contest) -> int:
    """Live bookings in the contest's two hours, counted in the database."""
    return int(
        ledger.one(
            _VISITS,
            provider=contest.provider.provider_id,
            day=contest.day.isoformat(),
            hour=contest.hour,
        )
    )


def broken(ledger: Ledger) -> dict[str, int]:
    """Promises of the tables, and by how many rows each is broken."""
    counts = {
        "overlapping": _OVERLAPS,
        "bookings that lack a part of their place": _WITHOUT_A_PLACE,
        "places of nobody": _LEFT_BEHIND,
        "sessions with more than they hold": _TOO_FULL,
    }
    return {name: found for name, query in counts.items() if (found := int(ledger.one(query)))}


def deadlocks(ledger: Ledger) -> int:
    """So many were found by the database since it was made."""
    return int(ledger.one(_DEADLOCKS))


def contended(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Attempts of a round during which another process tried for the same hours."""
    return [
        one
        for one in outcomes
        if any(other is not one and other.began < one.ended and one.began < other.ended for other in outcomes)
    ]

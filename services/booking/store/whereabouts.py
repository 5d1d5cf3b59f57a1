"""Finds what else a customer has at the time of a visit: nobody is in two places (rule C19)."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

from services.booking.domain.care import Whereabouts, is_same
from services.booking.domain.local_time import Interval
from services.booking.store.ended_holds import ended

# No visit is longer than what may be blocked (ck_allocation_length), so that the index of starts finds it.
_THEN = f"""
    FROM booking LEFT JOIN care ON care.booking_id = booking.id
    WHERE booking.customer_id = CAST(:customer_id AS uuid)
        AND booking.state IN ('pending', 'confirmed', 'in_progress') AND NOT ({ended(":now")})
        AND lower(booking.visit) > :visit_from - interval '56 hours' AND lower(booking.visit) < :visit_to
        AND upper(booking.visit) > :visit_from
        AND booking.id <> ALL (CAST(:besides AS uuid[]))
"""
VISITS_THEN = f"""
    SELECT coalesce(jsonb_agg(
        jsonb_build_array(booking.id, care.recipient ->> 'name') ORDER BY lower(booking.visit), booking.id
    ), '[]') {_THEN}
"""
"""Ids and names of the recipients (`care.visit_of_same`), as SQL with the members of `values_of`."""

_VISITS_THEN = text(f"""
    SELECT booking.id::text, care.recipient ->> 'name' AS recipient,
        lower(booking.visit) AS starts_at, upper(booking.visit) AS ends_at
    {_THEN} ORDER BY lower(booking.visit), booking.id
""")


def values_of(there: Whereabouts, now: datetime) -> dict[str, Any]:
    return {
        "customer_id": there.customer_id,
        "visit_from": there.visit.start,
        "visit_to": there.visit.end,
        "besides": list(there.besides),
        "now": now,
    }


def visits_then(connection: Connection, there: Whereabouts, now: datetime) -> dict[str, Interval]:
    """Other visits that are held or agreed for the same person and overlap, by their ids, the first before
    others.

    Call it under the customer's lock (`locks`), else two at once do not see each other.
    """
    rows = connection.execute(_VISITS_THEN, values_of(there, now)).all()
    return {
        row.id: Interval(row.starts_at.astimezone(UTC), row.ends_at.astimezone(UTC))
        for row in rows
        if is_same(there, row.recipient)
    }

"""Reads how far bookings reach into the listings of their providers."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text

from services.booking.domain.touched_days import Reach
from services.booking.domain.ways import FARTHEST

_FARTHEST_MINUTES = FARTHEST // timedelta(minutes=1)
"""A home visit blocks as much besides, where ways count."""

_WINDOWS = " UNION ALL ".join(
    f"SELECT opens, closes FROM {table} WHERE {table}.provider_id = provider.id"
    for table in ("opening_hours", "working_hours", "date_hours")
)

_IS_CAPPED = """(SELECT true WHERE
        EXISTS (SELECT FROM staff WHERE staff.provider_id = provider.id AND staff.{cap} IS NOT NULL)
        OR EXISTS (SELECT FROM service_rules
            WHERE service_rules.provider_id = provider.id AND {cap} IS NOT NULL))"""

# Without hours the default ones hold, which the domain knows.
REACH = f"""
json_build_object(
    'buffer_minutes', coalesce((SELECT {_FARTHEST_MINUTES} FROM calendar
        WHERE calendar.provider_id = provider.id AND travel_speed_kmh IS NOT NULL), 0) + greatest(0,
        (SELECT greatest(buffer_before_minutes, buffer_after_minutes) FROM calendar
            WHERE calendar.provider_id = provider.id),
        (SELECT max(greatest(buffer_before_minutes, buffer_after_minutes)) FROM service_rules
            WHERE service_rules.provider_id = provider.id)
    ),
    'opens', (SELECT min(opens) FROM ({_WINDOWS}) AS windows),
    'closes', (SELECT max(closes) FROM ({_WINDOWS}) AS windows),
    'day_caps', {_IS_CAPPED.format(cap="day_cap")},
    'whole_weeks', {_IS_CAPPED.format(cap="week_cap")}
)
"""

_REACHES = text(f"""
SELECT provider.id::text AS provider_id, provider.time_zone, {REACH} AS reach
FROM provider WHERE provider.id = ANY(CAST(:provider_ids AS uuid[]))
""")


def load_reaches(connection: Connection, provider_ids: Collection[str]) -> dict[str, Reach]:
    """By provider; withdrawn ones too."""
    rows = connection.execute(_REACHES, {"provider_ids": sorted(provider_ids)})
    return {row.provider_id: to_reach(row.time_zone, row.reach) for row in rows}


def to_reach(time_zone: str, known: Mapping[str, Any]) -> Reach:
    """From the column `REACH`; what it does not know is as the domain has it."""
    return Reach(time_zone, **{name: value for name, value in known.items() if value is not None})

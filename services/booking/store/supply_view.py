"""Reads all that a provider has to give, as it is kept."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, text

# Dates and periods that are over are left out.
_SUPPLY = text("""
SELECT provider.time_zone, row_to_json(calendar) AS calendar,
    (SELECT json_agg(json_build_array(weekday, opens, closes) ORDER BY weekday, opens)
        FROM opening_hours WHERE opening_hours.provider_id = provider.id) AS windows,
    (SELECT json_agg(json_build_array(staff_id, service_id, weekday, opens, closes) ORDER BY weekday, opens)
        FROM working_hours WHERE working_hours.provider_id = provider.id) AS own_windows,
    (SELECT json_agg(json_build_array(staff_id, service_id, day, opens, closes) ORDER BY day, opens)
        FROM date_hours WHERE date_hours.provider_id = provider.id AND day >= :today) AS dates,
    (SELECT json_agg(json_build_object(
        'service_id', service.id, 'name', service.name, 'duration_minutes', service.duration_minutes,
        'rules', row_to_json(rules),
        'needs', (SELECT json_agg(json_build_object('resource_id', pool_id, 'count', count) ORDER BY pool_id)
            FROM service_need WHERE service_need.service_id = service.id)
    ) ORDER BY service.id)
    FROM service LEFT JOIN service_rules AS rules ON rules.service_id = service.id
    WHERE service.provider_id = provider.id AND NOT service.withdrawn) AS services,
    (SELECT json_agg(json_build_object(
        'staff_id', staff.id, 'name', staff.name, 'active', staff.active, 'all_services', staff.all_services,
        'day_cap', staff.day_cap, 'week_cap', staff.week_cap,
        'service_ids', (SELECT json_agg(service_id ORDER BY service_id)
            FROM staff_service WHERE staff_service.staff_id = staff.id)
    ) ORDER BY staff.id) FROM staff WHERE staff.provider_id = provider.id) AS staff,
    (SELECT json_agg(json_build_object(
        'resource_id', pool.id, 'kind', pool.kind, 'name', pool.name, 'active', pool.active,
        'units', (SELECT json_agg(json_build_object('unit_id', unit.id, 'name', unit.name,
            'active', unit.active) ORDER BY unit.id)
            FROM resource_unit AS unit WHERE unit.pool_id = pool.id)
    ) ORDER BY pool.id) FROM resource_pool AS pool WHERE pool.provider_id = provider.id) AS resources
FROM provider LEFT JOIN calendar ON calendar.provider_id = provider.id
WHERE provider.id = CAST(:provider_id AS uuid)
""")

_TIME_OFF = text("""
SELECT id::text, staff_id::text, lower(period) AS starts_at, upper(period) AS ends_at, reason
FROM time_off
WHERE provider_id = CAST(:provider_id AS uuid) AND period && tstzrange(:now, NULL)
ORDER BY lower(period), id
""")


def supply_as_kept(connection: Connection, provider_id: str, today: date) -> dict[str, Any] | None:
    """By column; None: the provider was never heard of."""
    row = connection.execute(_SUPPLY, {"provider_id": provider_id, "today": today}).mappings().one_or_none()
    return dict(row) if row is not None else None


def time_off_from(connection: Connection, provider_id: str, now: datetime) -> list[dict[str, Any]]:
    """What is not over, in order."""
    rows = connection.execute(_TIME_OFF, {"provider_id": provider_id, "now": now})
    return [
        {
            "time_off_id": row.id,
            "staff_id": row.staff_id,
            "starts_at": row.starts_at.astimezone(UTC),
            "ends_at": row.ends_at.astimezone(UTC),
            "reason": row.reason,
        }
        for row in rows
    ]

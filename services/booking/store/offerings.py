"""Reads what a provider offers: copy of the catalogue, calendar, staff and policy, in one statement."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from services.booking.domain.calendar import DEFAULT_WINDOWS, Calendar, TimeOff, Window
from services.booking.domain.local_time import Interval
from services.booking.domain.offering import Offering
from services.booking.domain.refunds import RefundPolicy, RefundTier
from shared import clock
from shared.money import Money

ZONE_MARGIN = timedelta(days=2)
"""A local day lies within so much of the same date in UTC, with windows that pass midnight."""

_CALENDAR_COLUMNS = """
    provider.time_zone, calendar.provider_id IS NOT NULL AS has_calendar,
    calendar.slot_step_minutes, calendar.minimum_notice_minutes, calendar.window_days,
    calendar.buffer_before_minutes, calendar.buffer_after_minutes,
    (SELECT json_agg(json_build_array(weekday, opens, closes) ORDER BY weekday, opens)
       FROM opening_hours WHERE opening_hours.provider_id = provider.id) AS windows
"""

_OFFERING = text(f"""
WITH moment AS MATERIALIZED (SELECT app_now() AS now)
SELECT moment.now, service.name, service.duration_minutes, service.price_amount, service.price_currency,
    {_CALENDAR_COLUMNS},
    (SELECT json_agg(json_build_array(staff_id, lower(period), upper(period)))
       FROM time_off WHERE time_off.provider_id = provider.id
        AND period && tstzrange(:days_from, :days_to)) AS time_off,
    (SELECT json_agg(staff.id ORDER BY staff.id)
       FROM staff WHERE staff.provider_id = provider.id AND staff.active
        AND (staff.all_services OR EXISTS (
            SELECT FROM staff_service
             WHERE staff_service.staff_id = staff.id AND staff_service.service_id = service.id
        ))) AS staff_ids,
    policy.id::text AS policy_id, policy.tiers
FROM moment
JOIN service ON service.id = CAST(:service_id AS uuid) AND NOT service.withdrawn
JOIN provider ON provider.id = service.provider_id AND NOT provider.withdrawn
LEFT JOIN calendar ON calendar.provider_id = provider.id
CROSS JOIN LATERAL (
    SELECT id, tiers FROM refund_policy WHERE valid_from <= moment.now ORDER BY valid_from DESC LIMIT 1
) AS policy
WHERE provider.id = CAST(:provider_id AS uuid)
""")

_CALENDARS = text(f"""
SELECT provider.id::text AS provider_id, {_CALENDAR_COLUMNS}
FROM provider LEFT JOIN calendar ON calendar.provider_id = provider.id
WHERE provider.id = ANY(CAST(:provider_ids AS uuid[]))
""")


def load_offering(
    connection: Connection, provider_id: str, service_id: str, first: date, last: date
) -> Offering | None:
    """The offering with the time off around the local days `first` to `last`; None: not on offer."""
    row = connection.execute(
        _OFFERING,
        {
            "provider_id": provider_id,
            "service_id": service_id,
            "days_from": datetime.combine(first, time(), UTC) - ZONE_MARGIN,
            "days_to": datetime.combine(last, time(), UTC) + 2 * ZONE_MARGIN,
        },
    ).one_or_none()
    if row is None:
        return None
    return Offering(
        now=row.now.astimezone(UTC),
        provider_id=provider_id,
        service_id=service_id,
        service_name=row.name,
        duration=timedelta(minutes=row.duration_minutes),
        price=Money(row.price_amount, row.price_currency),
        calendar=_calendar(row, tuple(_time_off(entry) for entry in row.time_off or ())),
        staff_ids=tuple(row.staff_ids or ()),
        policy=RefundPolicy(row.policy_id, tuple(RefundTier(**tier) for tier in row.tiers)),
    )


def load_calendars(connection: Connection, provider_ids: Collection[str]) -> dict[str, Calendar]:
    """Hours and rules by provider, without time off; withdrawn providers too."""
    rows = connection.execute(_CALENDARS, {"provider_ids": sorted(provider_ids)})
    return {row.provider_id: _calendar(row, ()) for row in rows}


def _calendar(row: Row[Any], time_off: tuple[TimeOff, ...]) -> Calendar:
    if not row.has_calendar:
        return Calendar(row.time_zone, DEFAULT_WINDOWS, time_off=time_off)
    return Calendar(
        time_zone=row.time_zone,
        windows=tuple(Window(*window) for window in row.windows or ()),
        slot_step_minutes=row.slot_step_minutes,
        minimum_notice_minutes=row.minimum_notice_minutes,
        window_days=row.window_days,
        buffer_before_minutes=row.buffer_before_minutes,
        buffer_after_minutes=row.buffer_after_minutes,
        time_off=time_off,
    )


def _time_off(entry: list[Any]) -> TimeOff:
    staff_id, start, end = entry
    return TimeOff(staff_id, Interval(clock.from_text(start), clock.from_text(end)))

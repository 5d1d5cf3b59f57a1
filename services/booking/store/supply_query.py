"""The one question about supplies: rules, hours, people, rooms, what is occupied; of many at once."""

from sqlalchemy import TextClause, text

from services.booking.store.ended_holds import counts, ended
from services.booking.store.reaches import REACH
from shared.database.kept_plans import kept

_ENDED = ended("moment.now")

_SERVICES = """
(SELECT json_agg(json_build_object(
    'id', service.id, 'name', service.name, 'duration_minutes', service.duration_minutes,
    'price', json_build_array(service.price_amount, service.price_currency),
    'rules', (SELECT row_to_json(service_rules) FROM service_rules WHERE service_id = service.id),
    'needs', (SELECT json_agg(json_build_array(need.pool_id, need.count, (
            SELECT json_agg(unit.id ORDER BY unit.id) FROM resource_unit AS unit
            WHERE unit.pool_id = need.pool_id AND unit.active
        )) ORDER BY need.pool_id) FROM service_need AS need WHERE need.service_id = service.id),
    'staff_ids', (SELECT json_agg(staff.id ORDER BY staff.id) FROM staff
        WHERE staff.provider_id = provider.id AND staff.active AND (staff.all_services OR EXISTS (
            SELECT FROM staff_service
            WHERE staff_service.staff_id = staff.id AND staff_service.service_id = service.id
        )))
    ) ORDER BY service.duration_minutes, service.id)
FROM service WHERE service.provider_id = provider.id AND {offered}
    AND (CAST(:service_ids AS uuid[]) IS NULL OR service.id = ANY(CAST(:service_ids AS uuid[]))))
"""

_HOURS = """
(SELECT json_agg(json_build_array(weekday, opens, closes) ORDER BY weekday, opens)
    FROM opening_hours WHERE opening_hours.provider_id = provider.id) AS windows,
(SELECT json_agg(json_build_array(staff_id, service_id, weekday, opens, closes) ORDER BY weekday, opens)
    FROM working_hours WHERE working_hours.provider_id = provider.id) AS own_windows,
(SELECT json_agg(json_build_array(staff_id, service_id, day, opens, closes) ORDER BY day, opens)
    FROM date_hours WHERE date_hours.provider_id = provider.id
        AND day BETWEEN CAST(:first AS date) - 2 AND CAST(:last AS date) + 3) AS dates,
(SELECT json_agg(json_build_array(staff_id, lower(period), upper(period)))
    FROM time_off WHERE time_off.provider_id = provider.id
        AND period && tstzrange(:from, :to)) AS time_off
"""

# Blocked ranges by resource, as lists of seconds beside each other: months of many people stay small.
_BUSY = f"""
(SELECT json_object_agg(resource_id, json_build_array(starts, ends)) FROM (
    SELECT allocation.resource_id,
        array_agg(floor(date_part('epoch', lower(allocation.blocked)))::bigint) AS starts,
        array_agg(ceil(date_part('epoch', upper(allocation.blocked)))::bigint) AS ends
    FROM ({{resources}}) AS occupied (id)
    JOIN allocation ON allocation.resource_id = occupied.id
        AND allocation.blocked && tstzrange(:from, :to)
    WHERE allocation.booking_id NOT IN (SELECT booking.id FROM booking WHERE {_ENDED})
    GROUP BY allocation.resource_id
) AS of_resource)
"""

_BUSY_WHY = f"""
(SELECT json_object_agg(
    resource_id, json_build_array(starts, ends, visit_starts, visit_ends, held_until,
        latitudes, longitudes, before, after)
) FROM (
    SELECT allocation.resource_id,
        array_agg(floor(date_part('epoch', lower(allocation.blocked)))::bigint) AS starts,
        array_agg(ceil(date_part('epoch', upper(allocation.blocked)))::bigint) AS ends,
        array_agg(floor(date_part('epoch', lower(booking.visit)))::bigint) AS visit_starts,
        array_agg(ceil(date_part('epoch', upper(booking.visit)))::bigint) AS visit_ends,
        array_agg(CASE WHEN booking.state = 'pending' THEN floor(date_part('epoch',
            greatest(booking.hold_ends_at, booking.processing_until)))::bigint END) AS held_until,
        array_agg(care.latitude) AS latitudes, array_agg(care.longitude) AS longitudes,
        array_agg(allocation.travel_before) AS before, array_agg(allocation.travel_after) AS after
    FROM ({{resources}}) AS occupied (id)
    JOIN allocation ON allocation.resource_id = occupied.id
        AND allocation.blocked && tstzrange(:from, :to)
    JOIN booking ON booking.id = allocation.booking_id AND NOT ({_ENDED})
    LEFT JOIN care ON care.booking_id = booking.id
    GROUP BY allocation.resource_id
) AS of_resource)
"""
_RESOURCES = """
    SELECT staff.id FROM staff WHERE staff.provider_id = provider.id AND staff.active
    UNION ALL SELECT unit.id FROM resource_pool AS pool
        JOIN resource_unit AS unit ON unit.pool_id = pool.id AND unit.active
        WHERE pool.provider_id = provider.id
"""

_SESSIONS = f"""
(SELECT json_agg(json_build_array(service_id, start, until, staff_ids, taken, seats, session_id)) FROM (
    SELECT booking.session_id, booking.service_id,
        min(floor(date_part('epoch', lower(booking.visit)))::bigint) AS start,
        (array_agg(ceil(date_part('epoch', upper(booking.visit)))::bigint
            ORDER BY booking.created_at, booking.id))[1] AS until,
        (array_agg(booking.staff_id))[1:1] || ARRAY(
            SELECT further.resource_id FROM further_resource AS further
            JOIN staff ON staff.id = further.resource_id
            WHERE further.booking_id = (array_agg(booking.id))[1] ORDER BY further.resource_id
        ) AS staff_ids, count(*) AS taken, max(booking.seats) AS seats
    FROM service_rules AS rules
    JOIN booking ON booking.service_id = rules.service_id AND booking.session_id IS NOT NULL
        AND booking.state NOT IN ('cancelled', 'expired')
        AND booking.state IN ('pending', 'confirmed', 'in_progress') AND NOT ({_ENDED})
        AND lower(booking.visit) >= :from AND lower(booking.visit) < :to
    WHERE rules.provider_id = provider.id AND rules.capacity > 1
    GROUP BY booking.session_id, booking.service_id
) AS of_session)
"""

_START = "floor(date_part('epoch', lower(booking.visit)))::bigint"
_COUNTS = counts("moment.now")
_THESE_WEEKS = "lower(booking.visit) >= :weeks_from AND lower(booking.visit) < :weeks_to"

_STAFF_VISITS = f"""
(SELECT json_object_agg(staff.id, visits.starts) FROM staff
CROSS JOIN LATERAL (SELECT array_agg(start) AS starts FROM (
    SELECT {_START} AS start FROM booking
    WHERE booking.staff_id = staff.id AND {_COUNTS} AND {_THESE_WEEKS}
    UNION
    SELECT {_START} FROM further_resource AS further JOIN booking ON booking.id = further.booking_id
    WHERE further.resource_id = staff.id AND {_COUNTS}
        AND further.starts_at >= :weeks_from AND further.starts_at < :weeks_to
) AS of_staff) AS visits
WHERE staff.provider_id = provider.id AND staff.active AND num_nonnulls(staff.day_cap, staff.week_cap) > 0)
"""

_SERVICE_VISITS = f"""
(SELECT json_object_agg(rules.service_id, visits.starts) FROM service_rules AS rules
CROSS JOIN LATERAL (SELECT array_agg(start) AS starts FROM (
    SELECT DISTINCT {_START} AS start, booking.staff_id FROM booking
    WHERE booking.service_id = rules.service_id AND {_COUNTS} AND {_THESE_WEEKS}
) AS of_service) AS visits
WHERE rules.provider_id = provider.id AND num_nonnulls(rules.day_cap, rules.week_cap) > 0)
"""

_INSTANTS = dict.fromkeys(("from", "to", "weeks_from", "weeks_to"), "timestamptz")
_NOTHING = "CAST(NULL AS json)"


# LIMIT keeps the planner from reading all providers once instead of these by their ids.
def supply_query(
    *,
    reach: bool = False,
    busy: bool = False,
    why: bool = False,
    counted: bool = False,
    withdrawn: bool = False,
) -> TextClause:
    """One row for each provider that is on offer; `withdrawn`: or was, with services that are no more.

    `reach`: with how far its bookings reach; `busy`: with blocked ranges; `why`: and with the visits and
    holds behind them; `counted`: with the sessions that customers share and the visits that caps count.
    """
    ranges = (_BUSY_WHY if why else _BUSY).format(resources=_RESOURCES) if busy or why else _NOTHING
    sessions, of_staff, of_service = (
        (_SESSIONS, _STAFF_VISITS, _SERVICE_VISITS) if counted else (_NOTHING, _NOTHING, _NOTHING)
    )
    services = _SERVICES.format(offered="true" if withdrawn else "NOT service.withdrawn")
    statement = f"""
WITH moment AS MATERIALIZED (SELECT app_now() AS now)
SELECT moment.now, provider.id::text AS provider_id, provider.time_zone,
    row_to_json(calendar) AS calendar, policy.id::text AS policy_id, policy.tiers, policy.most_moves,
    policy.no_show_percent, {services} AS services,
    (SELECT json_agg(json_build_array(staff.id, staff.day_cap, staff.week_cap) ORDER BY staff.id)
        FROM staff WHERE staff.provider_id = provider.id AND staff.active) AS staff,
    {_HOURS}, {REACH if reach else _NOTHING} AS reach,
    {ranges} AS busy, {sessions} AS sessions, {of_staff} AS staff_visits, {of_service} AS service_visits
FROM moment
CROSS JOIN unnest(CAST(:provider_ids AS uuid[])) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT * FROM provider WHERE provider.id = wanted.id
        {"" if withdrawn else "AND NOT provider.withdrawn"} LIMIT 1
) AS provider
LEFT JOIN calendar ON calendar.provider_id = provider.id
CROSS JOIN LATERAL (
    SELECT id, tiers, most_moves, no_show_percent FROM refund_policy
    WHERE valid_from <= moment.now ORDER BY valid_from DESC LIMIT 1
) AS policy
"""
    return kept(text(statement), **_INSTANTS)

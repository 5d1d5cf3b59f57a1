"""Writes what a provider has to give."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.dialects.postgresql import insert as upsert

from services.booking.domain.calendar import DEFAULT_WINDOWS, Opening, Window
from services.booking.domain.local_time import Interval
from services.booking.store import tables
from services.booking.store.hours import EVERYBODY, Scope
from shared.ids import new_id

DEFAULT_RULES = {
    "slot_step_minutes": 30,
    "minimum_notice_minutes": 0,
    "window_days": 90,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
}
"""What holds while a provider has no row: the domain's own."""

_OWNED = text("""
SELECT
    (SELECT count(*) FROM staff
        WHERE provider_id = owner.id AND id = ANY(CAST(:staff_ids AS uuid[]))) AS staff,
    (SELECT count(*) FROM service
        WHERE provider_id = owner.id AND id = ANY(CAST(:service_ids AS uuid[]))) AS services,
    (SELECT count(*) FROM resource_pool
        WHERE provider_id = owner.id AND id = ANY(CAST(:pool_ids AS uuid[]))) AS pools
FROM (SELECT CAST(:provider_id AS uuid) AS id) AS owner
""")


def owns(
    connection: Connection,
    provider_id: str,
    staff_ids: Sequence[str],
    service_ids: Sequence[str],
    pool_ids: Sequence[str],
) -> tuple[bool, bool, bool]:
    """Whether all of these people, services and pools are the provider's (rule B11)."""
    wanted = [sorted(set(ids)) for ids in (staff_ids, service_ids, pool_ids)]
    names = ("staff_ids", "service_ids", "pool_ids")
    values = {"provider_id": provider_id, **dict(zip(names, wanted, strict=True))}
    found = connection.execute(_OWNED, values).one()
    return (
        found.staff == len(wanted[0]),
        found.services == len(wanted[1]),
        found.pools == len(wanted[2]),
    )


def ensure_calendar(connection: Connection, provider_id: str) -> None:
    """From now on the provider's own rules and hours count, beginning with the default ones."""
    statement = upsert(tables.calendar).values(provider_id=provider_id, **DEFAULT_RULES)
    made = connection.execute(
        statement.on_conflict_do_nothing(constraint="pk_calendar").returning(tables.calendar.c.provider_id)
    ).one_or_none()
    if made is not None:
        _put_week(connection, provider_id, DEFAULT_WINDOWS)


def change_rules(connection: Connection, provider_id: str, rules: dict[str, Any]) -> None:
    """Columns of `calendar`; it has a row (`ensure_calendar`)."""
    table = tables.calendar
    connection.execute(update(table).where(table.c.provider_id == provider_id).values(rules))


def replace_week(
    connection: Connection, provider_id: str, scope: Scope, windows: Sequence[Window] | None
) -> None:
    """The weekly windows of a scope; None: it has none of its own."""
    if scope == EVERYBODY:
        connection.execute(
            delete(tables.opening_hours).where(tables.opening_hours.c.provider_id == provider_id)
        )
        _put_week(connection, provider_id, windows or ())
        return
    table = tables.working_hours
    connection.execute(delete(table).where(*_in_scope(table, provider_id, scope)))
    if windows is None:
        return
    none_at_all = {"weekday": None, "opens": None, "closes": None}
    rows = [{"weekday": window.weekday, "opens": window.opens, "closes": window.closes} for window in windows]
    _insert(connection, table, provider_id, scope, rows or [none_at_all])


def replace_dates(
    connection: Connection,
    provider_id: str,
    scope: Scope,
    today: date,
    dates: dict[date, list[Opening]],
) -> None:
    """What counts on single dates; those before today stay as they are."""
    table = tables.date_hours
    connection.execute(delete(table).where(*_in_scope(table, provider_id, scope), table.c.day >= today))
    rows: list[dict[str, Any]] = []
    for day, openings in dates.items():
        if day < today:
            continue
        rows.extend({"day": day, "opens": one.opens, "closes": one.closes} for one in openings)
        if not openings:
            rows.append({"day": day, "opens": None, "closes": None})
    if rows:
        _insert(connection, table, provider_id, scope, rows)


def put_service_rules(
    connection: Connection,
    provider_id: str,
    service_id: str,
    rules: dict[str, Any],
    needs: Sequence[tuple[str, int]],
) -> None:
    """Replaces the rules of a service, and what it needs as (pool, count)."""
    statement = upsert(tables.service_rules).values(service_id=service_id, provider_id=provider_id, **rules)
    connection.execute(
        statement.on_conflict_do_update(
            constraint="pk_service_rules", set_={name: statement.excluded[name] for name in rules}
        )
    )
    table = tables.service_need
    connection.execute(delete(table).where(table.c.service_id == service_id))
    rows = [{"service_id": service_id, "pool_id": pool_id, "count": count} for pool_id, count in needs]
    if rows:
        connection.execute(insert(table), rows)


def put_staff(
    connection: Connection,
    provider_id: str,
    staff_id: str,
    member: dict[str, Any],
    service_ids: Sequence[str],
) -> None:
    """Makes or replaces a member of staff, and which services they do."""
    statement = upsert(tables.staff).values(id=staff_id, provider_id=provider_id, **member)
    connection.execute(
        statement.on_conflict_do_update(
            constraint="pk_staff", set_={name: statement.excluded[name] for name in member}
        )
    )
    table = tables.staff_service
    connection.execute(delete(table).where(table.c.staff_id == staff_id))
    rows = [{"staff_id": staff_id, "service_id": service_id} for service_id in service_ids]
    if rows:
        connection.execute(insert(table), rows)


def put_resource(
    connection: Connection,
    provider_id: str,
    pool_id: str,
    pool: dict[str, Any],
    units: Sequence[dict[str, Any]],
) -> None:
    """Makes or replaces a pool; units that are not named any more are used no more."""
    statement = upsert(tables.resource_pool).values(id=pool_id, provider_id=provider_id, **pool)
    connection.execute(
        statement.on_conflict_do_update(
            constraint="pk_resource_pool", set_={name: statement.excluded[name] for name in pool}
        )
    )
    table = tables.resource_unit
    connection.execute(update(table).where(table.c.pool_id == pool_id).values(active=False))
    for unit in units:
        statement = upsert(table).values(pool_id=pool_id, **unit)
        connection.execute(
            statement.on_conflict_do_update(
                constraint="pk_resource_unit",
                set_={name: statement.excluded[name] for name in ("name", "active")},
            )
        )


def units_of(connection: Connection, pool_ids: Sequence[str]) -> dict[str, dict[str, bool]]:
    """The units of pools, by pool; of each whether it is in use still."""
    table = tables.resource_unit
    found: dict[str, dict[str, bool]] = {pool_id: {} for pool_id in pool_ids}
    statement = select(table.c.id, table.c.pool_id, table.c.active).where(table.c.pool_id.in_(pool_ids))
    for row in connection.execute(statement):
        found[row.pool_id][row.id] = row.active
    return found


def add_time_off(
    connection: Connection, provider_id: str, staff_id: str | None, period: Interval, reason: str
) -> str:
    """Returns its id."""
    time_off_id = new_id()
    connection.execute(
        insert(tables.time_off).values(
            id=time_off_id,
            provider_id=provider_id,
            staff_id=staff_id,
            period=Range(period.start, period.end),
            reason=reason,
        )
    )
    return time_off_id


def time_off_of(connection: Connection, provider_id: str, time_off_id: str) -> str | None:
    """Whose time off it is; None: everybody's, or the provider has none such."""
    table = tables.time_off
    found: str | None = connection.execute(
        select(table.c.staff_id).where(table.c.id == time_off_id, table.c.provider_id == provider_id)
    ).scalar_one_or_none()
    return found


def remove_time_off(connection: Connection, provider_id: str, time_off_id: str) -> bool:
    """False: the provider has none such."""
    table = tables.time_off
    gone = delete(table).where(table.c.id == time_off_id, table.c.provider_id == provider_id)
    return connection.execute(gone.returning(table.c.id)).one_or_none() is not None


def _put_week(connection: Connection, provider_id: str, windows: Sequence[Window]) -> None:
    rows = [
        {"provider_id": provider_id, "weekday": one.weekday, "opens": one.opens, "closes": one.closes}
        for one in windows
    ]
    if rows:
        connection.execute(insert(tables.opening_hours), rows)


def _in_scope(table: Table, provider_id: str, scope: Scope) -> list[ColumnElement[bool]]:
    staff_id, service_id = scope
    return [
        table.c.provider_id == provider_id,
        table.c.staff_id.is_not_distinct_from(staff_id),
        table.c.service_id.is_not_distinct_from(service_id),
    ]


def _insert(
    connection: Connection, table: Table, provider_id: str, scope: Scope, rows: Sequence[dict[str, Any]]
) -> None:
    staff_id, service_id = scope
    whose = {"provider_id": provider_id, "staff_id": staff_id, "service_id": service_id}
    connection.execute(insert(table), [{"id": new_id(), **whose, **row} for row in rows])

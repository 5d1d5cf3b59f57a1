"""Writes what of a provider's calendar a bulk import knows, and reads what it needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import Range, insert

from services.booking.domain.refunds import RefundPolicy, RefundTier
from services.booking.store import tables
from shared import clock


@dataclass(frozen=True, slots=True)
class CalendarRows:
    """One provider's calendar: rules by column; windows (weekday, opens, closes in minutes); staff
    `{id, name, service_ids}`; time off `{id, staff_id, starts_at, ends_at, reason}`."""

    provider_id: str
    rules: dict[str, Any]
    windows: Sequence[tuple[int, int, int]]
    staff: Sequence[dict[str, Any]]
    time_off: Sequence[dict[str, Any]]


def import_digests(connection: Connection) -> dict[str, str]:
    """What was imported last, by provider."""
    table = tables.calendar
    rows = connection.execute(select(table.c.provider_id, table.c.import_digest))
    return {row.provider_id: row.import_digest for row in rows if row.import_digest}


def valid_policy(connection: Connection, at: datetime) -> RefundPolicy:
    """The refund policy that is valid at an instant."""
    table = tables.refund_policy
    row = connection.execute(
        select(table).where(table.c.valid_from <= at).order_by(table.c.valid_from.desc()).limit(1)
    ).one()
    tiers = tuple(RefundTier(**tier) for tier in row.tiers)
    return RefundPolicy(row.id, tiers, row.most_moves, row.no_show_percent)


def replace_calendar(connection: Connection, rows: CalendarRows) -> None:
    """Replace the rules that are given, the week of all, staff and time off; the rest stays as it is.

    Staff who are not named any more take no new visits.
    """
    _put_rules(connection, rows)
    _replace_windows(connection, rows)
    _put_staff(connection, rows)
    _replace_time_off(connection, rows)


def _put_rules(connection: Connection, rows: CalendarRows) -> None:
    statement = insert(tables.calendar).values(provider_id=rows.provider_id, **rows.rules)
    connection.execute(
        statement.on_conflict_do_update(
            constraint="pk_calendar", set_={name: statement.excluded[name] for name in rows.rules}
        )
    )


def _replace_windows(connection: Connection, rows: CalendarRows) -> None:
    table = tables.opening_hours
    connection.execute(delete(table).where(table.c.provider_id == rows.provider_id))
    values = [
        {"provider_id": rows.provider_id, "weekday": weekday, "opens": opens, "closes": closes}
        for weekday, opens, closes in rows.windows
    ]
    if values:
        connection.execute(insert(table), values)


def _put_staff(connection: Connection, rows: CalendarRows) -> None:
    table, does = tables.staff, tables.staff_service
    ids = [entry["id"] for entry in rows.staff]
    connection.execute(
        update(table)
        .where(table.c.provider_id == rows.provider_id, table.c.id.not_in(ids))
        .values(active=False)
    )
    if not rows.staff:
        return
    statement = insert(table).values(
        [
            {
                "id": entry["id"],
                "provider_id": rows.provider_id,
                "name": entry["name"],
                "active": True,
                "all_services": False,
            }
            for entry in rows.staff
        ]
    )
    replaced = {name: statement.excluded[name] for name in ("name", "active", "all_services")}
    connection.execute(statement.on_conflict_do_update(constraint="pk_staff", set_=replaced))
    connection.execute(delete(does).where(does.c.staff_id.in_(ids)))
    pairs = [
        {"staff_id": entry["id"], "service_id": service_id}
        for entry in rows.staff
        for service_id in entry["service_ids"]
    ]
    if pairs:
        connection.execute(insert(does), pairs)


def _replace_time_off(connection: Connection, rows: CalendarRows) -> None:
    table = tables.time_off
    connection.execute(delete(table).where(table.c.provider_id == rows.provider_id))
    values = [
        {
            "id": entry["id"],
            "provider_id": rows.provider_id,
            "staff_id": entry["staff_id"],
            "period": Range(clock.from_text(entry["starts_at"]), clock.from_text(entry["ends_at"])),
            "reason": entry["reason"],
        }
        for entry in rows.time_off
    ]
    if values:
        connection.execute(insert(table), values)

"""Reading and writing disputes, their money, and what else holds a payout."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.payment.domain.disputes import (
    AWAITING_EVIDENCE,
    DisputeMovement,
    DisputeStatus,
    HoldObservation,
)
from services.payment.store.dispute_tables import dispute, dispute_movement, payout_hold
from services.payment.store.rows import Dispute
from shared.errors import not_found
from shared.money import Money

_COLUMNS = tuple(dispute.c[field.name] for field in dataclasses.fields(Dispute))

Place = tuple[datetime, str]
"""Where a dispute stands in the list: when it was opened, and its id."""


def add(connection: Connection, new: Dispute) -> None:
    connection.execute(insert(dispute).values(**dataclasses.asdict(new)))


def change(connection: Connection, dispute_id: str, values: Mapping[str, Any], now: datetime) -> Dispute:
    """Write new values of a dispute whose payment is locked."""
    statement = (
        update(dispute)
        .where(dispute.c.id == dispute_id)
        .values(**values, updated_at=now)
        .returning(*_COLUMNS)
    )
    return _read(connection.execute(statement).one())


def find(connection: Connection, dispute_id: str) -> Dispute | None:
    row = connection.execute(select(*_COLUMNS).where(dispute.c.id == dispute_id)).one_or_none()
    return None if row is None else _read(row)


def by_id(connection: Connection, dispute_id: str) -> Dispute:
    """Raises `not_found`."""
    found = find(connection, dispute_id)
    if found is None:
        raise not_found()
    return found


def of_payment(connection: Connection, payment_id: str) -> list[Dispute]:
    """All disputes of a payment, the oldest first."""
    query = select(*_COLUMNS).where(dispute.c.payment_id == payment_id)
    return [_read(row) for row in connection.execute(query.order_by(dispute.c.opened_at, dispute.c.id))]


def page(connection: Connection, *, only_open: bool, before: Place | None, limit: int) -> list[Dispute]:
    """Newest first, older than `before`."""
    query = select(*_COLUMNS).order_by(dispute.c.opened_at.desc(), dispute.c.id.desc()).limit(limit)
    if only_open:
        query = query.where(dispute.c.closed_at.is_(None))
    if before is not None:
        query = query.where(tuple_(dispute.c.opened_at, dispute.c.id) < before)
    return [_read(row) for row in connection.execute(query)]


def open_since(connection: Connection, instant: datetime, limit: int) -> list[Dispute]:
    """Open disputes that nobody has looked at since then, the longest first."""
    query = (
        select(*_COLUMNS)
        .where(dispute.c.closed_at.is_(None), dispute.c.updated_at <= instant)
        .order_by(dispute.c.updated_at)
        .limit(limit)
    )
    return [_read(row) for row in connection.execute(query)]


def add_movement(connection: Connection, dispute_id: str, one: DisputeMovement, now: datetime) -> bool:
    """Keep a movement of money; False when it is kept already."""
    statement = (
        upsert(dispute_movement)
        .values(
            id=one.id,
            dispute_id=dispute_id,
            taken_amount=one.taken.amount,
            fee_amount=one.fee.amount,
            fee_currency=one.fee.currency,
            seen_at=now,
        )
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(dispute_movement.c.id)
    )
    return connection.execute(statement).one_or_none() is not None


def movements_of(connection: Connection, of: Dispute) -> tuple[DisputeMovement, ...]:
    query = select(dispute_movement).where(dispute_movement.c.dispute_id == of.id)
    return tuple(
        DisputeMovement(row.id, Money(row.taken_amount, of.currency), Money(row.fee_amount, row.fee_currency))
        for row in connection.execute(query.order_by(dispute_movement.c.seen_at, dispute_movement.c.id))
    )


def is_open(connection: Connection, payment_id: str) -> bool:
    """Whether some dispute of this payment is not decided."""
    query = select(open_of(payment_id_is(payment_id)))
    return bool(connection.execute(query).scalar_one())


def payment_id_is(payment_id: str) -> ColumnElement[bool]:
    return dispute.c.payment_id == payment_id


def open_of(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """That a dispute which meets `condition` is not decided."""
    return select(dispute.c.id).where(condition, dispute.c.closed_at.is_(None)).exists()


def open_by_status(connection: Connection) -> dict[DisputeStatus, int]:
    """How many are not decided, by their status."""
    query = select(dispute.c.status, func.count()).where(dispute.c.closed_at.is_(None))
    found = connection.execute(query.group_by(dispute.c.status))
    return {DisputeStatus(status): count for status, count in found}


def count_awaiting_evidence_until(connection: Connection, until: datetime) -> int:
    """Those that wait for evidence whose time for it ends before an instant, or has ended."""
    query = select(func.count()).where(
        dispute.c.closed_at.is_(None),
        dispute.c.status.in_(sorted(AWAITING_EVIDENCE)),
        dispute.c.submissions == 0,
        dispute.c.evidence_due_by < until,
    )
    return int(connection.execute(query).scalar_one())


def remember_hold(
    connection: Connection, payment_id: str, seen: HoldObservation, ends_at: datetime | None, now: datetime
) -> None:
    """Keep what is said of a warning, review or contest; a closed one stays closed."""
    values = {
        "id": seen.id,
        "payment_id": payment_id,
        "kind": seen.kind,
        "reason": seen.reason,
        "is_open": seen.is_open,
        "opened_at": seen.opened_at,
        "ends_at": ends_at,
        "updated_at": now,
    }
    connection.execute(
        upsert(payout_hold)
        .values(**values)
        .on_conflict_do_update(
            index_elements=["id"],
            set_={"is_open": seen.is_open, "reason": seen.reason, "updated_at": now},
            where=payout_hold.c.is_open,
        )
    )


def hold_of(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """That a warning or review which meets `condition` still holds the payout."""
    lasts = or_(payout_hold.c.ends_at.is_(None), payout_hold.c.ends_at > func.app_now())
    return select(payout_hold.c.id).where(condition, payout_hold.c.is_open, lasts).exists()


def _read(row: Row[Any]) -> Dispute:
    values = dict(row._mapping)
    return Dispute(**values | {"status": DisputeStatus(values["status"])})

"""Reading and writing what booking cancelled, and the money that is owed for it and goes back."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.payment.domain.refunds import ON_ITS_WAY, RefundStatus
from services.payment.store.rows import Cancellation, Refund
from services.payment.store.tables import booking_cancellation, job, refund
from shared.errors import not_found

COLUMNS = tuple(booking_cancellation.c[field.name] for field in dataclasses.fields(Cancellation))
_CANCELLATION = select(*COLUMNS).where(booking_cancellation.c.booking_id == bindparam("booking"))
_REFUND = tuple(refund.c[field.name] for field in dataclasses.fields(Refund))


def remember_cancellation(connection: Connection, cancellation: Cancellation) -> None:
    """Keep what booking said is due; a later version of the booking replaces it."""
    values = dataclasses.asdict(cancellation)
    connection.execute(
        insert(booking_cancellation)
        .values(**values)
        .on_conflict_do_update(
            index_elements=["booking_id"],
            set_=values,
            where=booking_cancellation.c.version < cancellation.version,
        )
    )


def cancellation_of(connection: Connection, booking_id: str) -> Cancellation | None:
    row = connection.execute(_CANCELLATION, {"booking": booking_id}).one_or_none()
    return None if row is None else Cancellation(**row._mapping)


def add(connection: Connection, new: Refund) -> bool:
    """Write that this is owed; False when it is written already for the same request."""
    values = dataclasses.asdict(new)
    statement = (
        insert(refund)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["payment_id", "request_key"])
        .returning(refund.c.id)
    )
    return connection.execute(statement).one_or_none() is not None


def by_id(connection: Connection, refund_id: str) -> Refund:
    """Raises `not_found`."""
    row = connection.execute(select(*_REFUND).where(refund.c.id == refund_id)).one_or_none()
    if row is None:
        raise not_found()
    return _read(row)


def by_request(connection: Connection, payment_id: str, request_key: str) -> Refund | None:
    query = select(*_REFUND).where(refund.c.payment_id == payment_id, refund.c.request_key == request_key)
    row = connection.execute(query).one_or_none()
    return None if row is None else _read(row)


def of_payment(connection: Connection, payment_id: str) -> list[Refund]:
    """All refunds of a payment, the oldest first."""
    query = select(*_REFUND).where(refund.c.payment_id == payment_id).order_by(refund.c.id)
    return [_read(row) for row in connection.execute(query)]


def page(
    connection: Connection,
    payment_id: str | None,
    status: RefundStatus | None,
    before_id: str | None,
    limit: int,
) -> list[Refund]:
    """Refunds of everybody, newest first, older than `before_id`; ids rise with time."""
    query = select(*_REFUND).order_by(refund.c.id.desc()).limit(limit)
    if payment_id is not None:
        query = query.where(refund.c.payment_id == payment_id)
    if status is not None:
        query = query.where(refund.c.status == status)
    if before_id is not None:
        query = query.where(refund.c.id < before_id)
    return [_read(row) for row in connection.execute(query)]


def payments_with_unsettled_since(connection: Connection, instant: datetime, limit: int) -> list[str]:
    """Ids of payments with a refund on its way that nothing has changed since then, the longest first."""
    query = (
        select(refund.c.payment_id)
        .where(refund.c.status.in_(ON_ITS_WAY), refund.c.updated_at <= instant)
        .group_by(refund.c.payment_id)
        .order_by(func.min(refund.c.updated_at))
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def change(connection: Connection, old: Refund, values: Mapping[str, Any], now: datetime) -> Refund:
    """Write new values of a refund whose payment is locked."""
    statement = (
        update(refund).where(refund.c.id == old.id).values(**values, updated_at=now).returning(*_REFUND)
    )
    return _read(connection.execute(statement).one())


def revive_job(connection: Connection, kind: str, of: Refund, now: datetime) -> bool:
    """Let the parked job of a refund run again from its first attempt; False when none is parked."""
    statement = (
        update(job)
        .where(
            job.c.key == f"{of.id}:{of.attempt}",
            job.c.kind == kind,
            job.c.state == "parked",
        )
        .values(state="waiting", attempts=0, run_at=now, reason="")
        .returning(job.c.id)
    )
    return bool(connection.execute(statement).all())


def _read(row: Row[Any]) -> Refund:
    values = dict(row._mapping)
    values["status"] = RefundStatus(values["status"])
    return Refund(**values)


def references_of(connection: Connection, payment_id: str) -> list[str]:
    """The payment provider's ids of a payment's refunds, as far as they reached us."""
    query = select(refund.c.provider_refund_id).where(
        refund.c.payment_id == payment_id, refund.c.provider_refund_id.is_not(None)
    )
    return list(connection.execute(query).scalars())

"""Reading and writing the providers' shares of payments."""

import dataclasses
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.payment.domain.refunds import RefundStatus
from services.payment.domain.shares import ProviderShare, ShareState
from services.payment.store import disputes
from services.payment.store.dispute_tables import dispute, payout_hold
from services.payment.store.tables import provider_share, refund

_COLUMNS = tuple(provider_share.c[field.name] for field in dataclasses.fields(ProviderShare))


def add(connection: Connection, new: ProviderShare, now: datetime) -> bool:
    """Write a share that waits; False when it is written already."""
    statement = (
        insert(provider_share)
        .values(**dataclasses.asdict(new), updated_at=now)
        .on_conflict_do_nothing(index_elements=["payment_id"])
        .returning(provider_share.c.payment_id)
    )
    return connection.execute(statement).one_or_none() is not None


def of_payment(connection: Connection, payment_id: str) -> ProviderShare | None:
    query = select(*_COLUMNS).where(provider_share.c.payment_id == payment_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _read(row)


def change(connection: Connection, payment_id: str, values: Mapping[str, Any], now: datetime) -> None:
    """Write new values of the share of a locked payment."""
    connection.execute(
        update(provider_share)
        .where(provider_share.c.payment_id == payment_id)
        .values(**values, updated_at=now)
    )


def to_release(connection: Connection, over_before: datetime, limit: int) -> list[str]:
    """Ids of payments whose visit was over by then and that nothing freezes, the longest first."""
    return list(connection.execute(_to_release(), {"over_at": over_before, "param": limit}).scalars())


@cache
def _to_release() -> Select[str]:
    """Made once: building it anew for each look costs more than the look."""
    share = provider_share.c
    return (
        select(share.payment_id)
        .where(
            share.state == ShareState.WAITING,
            share.over_at <= bindparam("over_at", type_=share.over_at.type),
            ~frozen(),
        )
        .order_by(share.over_at)
        .limit(bindparam("param", type_=Integer))
    )


def is_frozen(connection: Connection, payment_id: str) -> bool:
    """Whether the share of a locked payment must stay where it is."""
    query = select(frozen()).where(provider_share.c.payment_id == payment_id)
    return bool(connection.execute(query).scalar_one_or_none())


def some_frozen(connection: Connection, payment_ids: Collection[str]) -> bool:
    """Whether the share of any of these locked payments must stay where it is."""
    query = select(provider_share.c.payment_id).where(provider_share.c.payment_id.in_(payment_ids), frozen())
    return connection.execute(query.limit(1)).one_or_none() is not None


def frozen() -> ColumnElement[bool]:
    """That something about a share's payment is not decided: money that is still to go back, a dispute, or a
    warning that there may be one."""
    open_refund = select(refund.c.id).where(
        refund.c.payment_id == provider_share.c.payment_id,
        refund.c.status.not_in((RefundStatus.SUCCEEDED, RefundStatus.COVERED)),
    )
    disputed = disputes.open_of(dispute.c.payment_id == provider_share.c.payment_id)
    held = disputes.hold_of(payout_hold.c.payment_id == provider_share.c.payment_id)
    return or_(open_refund.exists(), disputed, held)


def _read(row: Row[Any]) -> ProviderShare:
    values = dict(row._mapping)
    return ProviderShare(**values | {"state": ShareState(values["state"])})

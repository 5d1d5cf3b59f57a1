"""Reading and writing `provider_op`: what we asked of Stripe about a provider's account and payouts."""

import dataclasses
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from services.payment.domain.charge import ProviderRequest
from services.payment.store.operations import params_hash
from services.payment.store.rows import ProviderOperation
from services.payment.store.tables import provider_op
from shared.ids import new_id

_COLUMNS = tuple(provider_op.c[field.name] for field in dataclasses.fields(ProviderOperation))


def add(
    connection: Connection,
    provider_id: str,
    request: ProviderRequest,
    attempt: int,
    payout_id: str | None = None,
) -> ProviderOperation:
    """Write a request before it is sent, with the key that it and its repeats carry (rule W7)."""
    operation_id = new_id()
    statement = (
        insert(provider_op)
        .values(
            id=operation_id,
            provider_id=provider_id,
            payout_id=payout_id,
            op=request.operation,
            attempt=attempt,
            idem_key=f"{request.operation}:{operation_id}:{attempt}",
            params=request.params,
            params_hash=params_hash(request.params),
            state="pending",
        )
        .returning(*_COLUMNS)
    )
    return ProviderOperation(**connection.execute(statement).one()._mapping)


def latest_of_payout(connection: Connection, payout_id: str) -> ProviderOperation | None:
    query = (
        select(*_COLUMNS)
        .where(provider_op.c.payout_id == payout_id)
        .order_by(provider_op.c.attempt.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else ProviderOperation(**row._mapping)


def latest_of_provider(connection: Connection, provider_id: str, op: str) -> ProviderOperation | None:
    """The newest attempt of an operation that is about the provider alone."""
    query = (
        select(*_COLUMNS)
        .where(
            provider_op.c.provider_id == provider_id,
            provider_op.c.op == op,
            provider_op.c.payout_id.is_(None),
        )
        .order_by(provider_op.c.attempt.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else ProviderOperation(**row._mapping)


def is_claimed(connection: Connection, operation_id: str, now: datetime) -> bool:
    """Whether this request is on its way right now."""
    query = (
        select(func.count())
        .select_from(provider_op)
        .where(provider_op.c.id == operation_id, provider_op.c.claimed_until > now)
    )
    return bool(connection.execute(query).scalar_one())


def claim(connection: Connection, operation_id: str, until: datetime) -> None:
    """Say that this process sends the request now, and until when others keep away."""
    connection.execute(
        update(provider_op).where(provider_op.c.id == operation_id).values(claimed_until=until)
    )


def close(
    connection: Connection,
    operation_id: str,
    state: str,
    request_id: str | None = None,
    error_code: str | None = None,
) -> None:
    """Write what came of a request and give the claim back."""
    values = {"state": state, "request_id": request_id, "error_code": error_code, "claimed_until": None}
    connection.execute(update(provider_op).where(provider_op.c.id == operation_id).values(**values))

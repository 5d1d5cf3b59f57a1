"""Reading and writing `payment_op`: what we asked of Stripe, under which key, and what came of it."""

import dataclasses
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, func, literal, select, true, update

from services.payment.domain.charge import OperationKind, ProviderRequest
from services.payment.store.rows import Operation
from services.payment.store.tables import booking_cancellation, payment_op
from shared.database.session import send_with_next, unread
from shared.ids import new_id

CARRIED_OUT = ("ok", "not_simulated")
"""States of requests that need not be sent any more."""

_COLUMNS = tuple(payment_op.c[field.name] for field in dataclasses.fields(Operation))
_ADD = unread(
    """
INSERT INTO payment_op (id, payment_id, op, attempt, idem_key, intent_id, params, params_hash, state,
    claimed_until, refund_id, dispute_id, command)
VALUES (%(id)s, %(payment_id)s, %(op)s, %(attempt)s, %(idem_key)s, %(intent_id)s, %(params)s, %(params_hash)s,
    'pending', %(claimed_until)s, %(refund_id)s, %(dispute_id)s, %(command)s)
""",
    **dict.fromkeys(("id", "payment_id", "refund_id"), "uuid"),
    **dict.fromkeys(("op", "idem_key", "intent_id", "params_hash", "dispute_id"), "varchar"),
    attempt="integer",
    params="jsonb",
    claimed_until="timestamptz",
    command="bigint",
)
_CLOSE = unread(
    """
UPDATE payment_op SET state = %(state)s, request_id = %(request_id)s, error_code = %(error_code)s,
    claimed_until = NULL
WHERE id = %(id)s
""",
    id="uuid",
    **dict.fromkeys(("state", "request_id", "error_code"), "varchar"),
)
_OF_PAYMENT = payment_op.c.payment_id == bindparam("payment")
_LATEST = select(*_COLUMNS).where(_OF_PAYMENT, payment_op.c.op == bindparam("of_kind"))
_LATEST = _LATEST.order_by(payment_op.c.attempt.desc()).limit(1)
_CLAIMED = select(payment_op.c.id).where(_OF_PAYMENT, payment_op.c.claimed_until > func.app_now()).exists()
_CANCELLED = (
    select(booking_cancellation.c.booking_id)
    .where(booking_cancellation.c.booking_id == bindparam("booking"))
    .exists()
)
_newest = _LATEST.lateral("newest")
_STANDING = select(
    func.app_now().label("now"), _CLAIMED.label("is_claimed"), _CANCELLED.label("is_cancelled"), _newest
).select_from(select(literal(1)).subquery("one").outerjoin(_newest, true()))


@dataclasses.dataclass(frozen=True)
class Standing:
    """What decides whether a request of a payment may be sent now. `latest`: its newest attempt.

    `is_claimed`: some request of the payment is on its way. `is_cancelled`: its booking was, as we heard.
    """

    now: datetime
    is_claimed: bool
    is_cancelled: bool
    latest: Operation | None


def params_hash(params: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON of a request's parameters."""
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()


def add(
    connection: Connection,
    payment_id: str,
    request: ProviderRequest,
    attempt: int,
    refund_id: str | None = None,
    of_dispute: tuple[str, int | None] | None = None,
) -> Operation:
    """Write a request before it is sent, with the key that it and its repeats carry (rule W7).

    `of_dispute`: the dispute that it is about, and the number of the command of a person that it is for.
    """
    dispute_id, command = of_dispute or (None, None)
    new = _new(payment_id, request, attempt, refund_id=refund_id, dispute_id=dispute_id)
    return _insert(connection, new, command=command)


def add_claimed(
    connection: Connection, payment_id: str, request: ProviderRequest, attempt: int, until: datetime
) -> Operation:
    """The same for one about the payment itself; this process sends it at once, others until then not."""
    return _insert(connection, _new(payment_id, request, attempt), claimed_until=until)


def _new(payment_id: str, request: ProviderRequest, attempt: int, **about: str | None) -> Operation:
    operation_id = new_id()
    return Operation(
        id=operation_id,
        payment_id=payment_id,
        op=request.operation.value,
        attempt=attempt,
        idem_key=f"{request.operation}:{operation_id}:{attempt}",
        intent_id=request.intent_id,
        params=request.params,
        state="pending",
        error_code=None,
        refund_id=about.get("refund_id"),
        dispute_id=about.get("dispute_id"),
    )


def _insert(
    connection: Connection,
    new: Operation,
    *,
    claimed_until: datetime | None = None,
    command: int | None = None,
) -> Operation:
    values = vars(new) | {
        "params": orjson.dumps(new.params).decode(),
        "params_hash": params_hash(new.params),
        "claimed_until": claimed_until,
        "command": command,
    }
    send_with_next(connection, _ADD, values)
    return new


def latest(connection: Connection, payment_id: str, op: str) -> Operation | None:
    """The newest attempt of an operation of a payment."""
    row = connection.execute(_LATEST, {"payment": payment_id, "of_kind": op}).one_or_none()
    return None if row is None else Operation(**row._mapping)


def standing(connection: Connection, payment_id: str, booking_id: str, op: str) -> Standing:
    """How an operation of a payment stands at this instant."""
    values = {"payment": payment_id, "booking": booking_id, "of_kind": op}
    now, is_claimed, is_cancelled, *newest = connection.execute(_STANDING, values).one()
    operation = Operation(*newest) if newest[0] is not None else None
    return Standing(now.astimezone(UTC), is_claimed, is_cancelled, operation)


def of_refund(connection: Connection, refund_id: str, op: str) -> list[Operation]:
    """All attempts of an operation of a refund, the newest first."""
    query = (
        select(*_COLUMNS)
        .where(payment_op.c.refund_id == refund_id, payment_op.c.op == op)
        .order_by(payment_op.c.attempt.desc())
    )
    return [Operation(**row._mapping) for row in connection.execute(query)]


def of_payment(connection: Connection, payment_id: str, op: str) -> list[Operation]:
    """All requests of a kind that were made for a payment, refunds included, the oldest first."""
    query = (
        select(*_COLUMNS)
        .where(payment_op.c.payment_id == payment_id, payment_op.c.op == op)
        .order_by(payment_op.c.id)
    )
    return [Operation(**row._mapping) for row in connection.execute(query)]


def of_dispute(connection: Connection, dispute_id: str, op: str | None = None) -> list[Operation]:
    """All requests about a dispute, of a kind or of any, the newest first."""
    query = select(*_COLUMNS).where(payment_op.c.dispute_id == dispute_id).order_by(payment_op.c.id.desc())
    if op is not None:
        query = query.where(payment_op.c.op == op)
    return [Operation(**row._mapping) for row in connection.execute(query)]


def by_command(connection: Connection, command: int) -> Operation | None:
    """The request that was made for a command of a person, by the command's number."""
    row = connection.execute(select(*_COLUMNS).where(payment_op.c.command == command)).one_or_none()
    return None if row is None else Operation(**row._mapping)


def note_refund_made(connection: Connection, refund_id: str, attempt: int) -> None:
    """The provider has the refund of this attempt, however we learned of it: its request was carried out."""
    statement = (
        update(payment_op)
        .where(
            payment_op.c.refund_id == refund_id,
            payment_op.c.op == OperationKind.REFUND,
            payment_op.c.params["metadata"]["attempt"].astext == str(attempt),
            payment_op.c.state.in_(("pending", "unknown")),
        )
        .values(state="ok", claimed_until=None)
    )
    connection.execute(statement)


def is_claimed(connection: Connection, payment_id: str, now: datetime) -> bool:
    """Whether some request of this payment is on its way right now."""
    query = (
        select(func.count())
        .select_from(payment_op)
        .where(payment_op.c.payment_id == payment_id, payment_op.c.claimed_until > now)
    )
    return bool(connection.execute(query).scalar_one())


def claim(connection: Connection, operation_id: str, until: datetime) -> None:
    """Say that this process sends the request now, and until when others keep away."""
    connection.execute(update(payment_op).where(payment_op.c.id == operation_id).values(claimed_until=until))


def close(
    connection: Connection,
    operation_id: str,
    state: str,
    request_id: str | None = None,
    error_code: str | None = None,
) -> None:
    """Write what came of a request and give the claim back."""
    values = {"id": operation_id, "state": state, "request_id": request_id, "error_code": error_code}
    send_with_next(connection, _CLOSE, values)

"""A command that is sent twice is done once: key, fingerprint and answer live beside the effect."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared import clock
from shared.contracts.declaration import Caller, RpcMethod, read, write
from shared.database import schema
from shared.database.batches import delete_some
from shared.errors import idempotency_key_reused, request_in_progress

KEY_MEMBER = "idempotency_key"
"""The member of every command's request that carries the caller's key."""


def idempotency_table(metadata: MetaData) -> Table:
    """The table of answered commands; the service's migration makes it with `table_sql`."""
    return Table(
        "idempotency",
        metadata,
        Column("caller", String, nullable=False),
        Column("method", String, nullable=False),
        Column("key", String, nullable=False),
        Column("fingerprint", String, nullable=False),
        Column("answer", JSONB, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.app_now()),
        PrimaryKeyConstraint("caller", "method", "key"),
        Index("ix_idempotency_created_at", "created_at"),
    )


_table = idempotency_table(schema.metadata())

# Made once: to put a statement together costs as much as to run it.
_LOCK = select(func.pg_try_advisory_xact_lock(bindparam("number", type_=BigInteger)))
_STORED = select(_table.c.fingerprint, _table.c.answer).where(
    *(_table.c[name] == bindparam(name) for name in ("caller", "method", "key"))
)
_STORE = insert(_table)


def table_sql(service: str) -> list[str]:
    """Statements for the migration that introduces the table, with the app role's rights."""
    return [
        """
        CREATE TABLE idempotency (
            caller varchar NOT NULL,
            method varchar NOT NULL,
            key varchar NOT NULL,
            fingerprint varchar NOT NULL,
            answer jsonb NOT NULL,
            created_at timestamptz NOT NULL DEFAULT app_now(),
            CONSTRAINT pk_idempotency PRIMARY KEY (caller, method, key)
        )
        """,
        "CREATE INDEX ix_idempotency_created_at ON idempotency (created_at)",
        *schema.grants_sql(service, [("idempotency", "SELECT, INSERT, DELETE")]),
    ]


@dataclass(frozen=True)
class IdempotentRequest:
    """Which command this is: who asks for what under which key, and the request's fingerprint."""

    caller: str
    method: RpcMethod
    key: str
    fingerprint: str

    @classmethod
    def of(cls, method: RpcMethod, caller: Caller, request: Mapping[str, Any]) -> Self:
        """From a request that the contract has read; it has the member `idempotency_key`."""
        return cls(caller.user_id, method, str(request[KEY_MEMBER]), fingerprint(request))

    @property
    def lock_number(self) -> int:
        """A signed 64-bit number for PostgreSQL's advisory locks."""
        text = json.dumps([self.caller, self.method.full_name, self.key])
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def fingerprint(request: Mapping[str, Any]) -> str:
    """SHA-256 of the request's canonical JSON without its key.

    Members that are null count as absent: a release that adds an optional member must read the
    same fingerprint from a request that its predecessor stored.
    """
    content = {name: value for name, value in request.items() if name != KEY_MEMBER}
    text = json.dumps(_without_null(content), sort_keys=True, separators=(",", ":"), default=_text)
    return hashlib.sha256(text.encode()).hexdigest()


def run_once(
    connection: Connection, request: IdempotentRequest, work: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Do `work` in this transaction, or answer what it answered before.

    `work` answers values as the method's contract states them (instants as datetimes). What it
    raises rolls the transaction back, so that a refusal is not stored. Raises
    `request_in_progress` while another transaction works under this key, and
    `idempotency_key_reused` when the key belongs to another request.
    """
    if not connection.execute(_LOCK, {"number": request.lock_number}).scalar_one():
        raise request_in_progress()
    # A statement of its own: its snapshot must be younger than the lock.
    of_request = {"caller": request.caller, "method": request.method.full_name, "key": request.key}
    stored = connection.execute(_STORED, of_request).one_or_none()
    if stored is not None:
        if stored.fingerprint != request.fingerprint:
            raise idempotency_key_reused()
        return read(request.method.answer, stored.answer)
    answer = work()
    written = write(request.method.answer, answer)
    connection.execute(_STORE, {**of_request, "fingerprint": request.fingerprint, "answer": written})
    return answer


def forget_before(connection: Connection, instant: datetime) -> int:
    """Delete some answers stored before `instant`; returns how many (`shared.database.batches`).

    A repeat after that runs anew.
    """
    return delete_some(connection, _table, _table.c.created_at < instant)


def _without_null(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_null(item) for name, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_null(item) for item in value]
    return value


def _text(value: Any) -> str:
    return clock.to_text(value) if isinstance(value, datetime) else str(value)

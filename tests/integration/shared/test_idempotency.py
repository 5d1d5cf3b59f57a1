"""A command under one key: done once under any concurrency, answered the same for ever (rule C13)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from shared.contracts.declaration import Caller, RpcMethod
from shared.database import idempotency
from shared.database.idempotency import IdempotentRequest, run_once
from shared.database.transaction import Database
from shared.errors import ServiceError, idempotency_key_reused, not_found, request_in_progress

AT = datetime(2027, 1, 15, 10, 0, tzinfo=UTC)


def asked(command: RpcMethod, note: str = "first", key: str = "k1", user: str = "u1") -> IdempotentRequest:
    return IdempotentRequest.of(command, Caller(user_id=user), {"note": note, "idempotency_key": key})


def effect_of(connection: Connection, note: str) -> Callable[[], dict[str, Any]]:
    def work() -> dict[str, Any]:
        connection.execute(text("INSERT INTO effect (note) VALUES (:note)"), {"note": note})
        return {"note": note, "at": AT}

    return work


def perform(database: Database, request: IdempotentRequest, note: str = "first") -> dict[str, Any]:
    with database.transaction() as connection:
        return run_once(connection, request, effect_of(connection, note))


def effects(owner: Engine) -> int:
    with owner.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM effect")).scalar_one())


def test_a_repeat_gets_the_same_answer_and_has_no_effect(
    database: Database, owner: Engine, command: RpcMethod
) -> None:
    """rule C13: the repeat is answered from the stored answer, with values of the same types."""
    first = perform(database, asked(command))
    second = perform(database, asked(command))
    assert first["note"] == second["note"] == "first"
    assert first["at"] == second["at"] == AT
    assert effects(owner) == 1


def test_the_same_key_for_another_request_is_refused(
    database: Database, owner: Engine, command: RpcMethod
) -> None:
    """rule C13: same key, other body: 422."""
    perform(database, asked(command))
    with pytest.raises(ServiceError) as caught:
        perform(database, asked(command, note="second"))
    assert idempotency_key_reused.matches(caught.value)
    assert effects(owner) == 1


def test_another_caller_may_use_the_same_key(database: Database, owner: Engine, command: RpcMethod) -> None:
    perform(database, asked(command))
    perform(database, asked(command, user="u2"))
    assert effects(owner) == 2


def test_a_refusal_is_not_stored(database: Database, owner: Engine, command: RpcMethod) -> None:
    """rule C13: refusals roll back; the same key may succeed later."""

    def refuse() -> dict[str, Any]:
        raise not_found()

    with pytest.raises(ServiceError), database.transaction() as connection:
        connection.execute(text("INSERT INTO effect (note) VALUES ('lost')"))
        run_once(connection, asked(command), refuse)
    assert effects(owner) == 0
    perform(database, asked(command))
    assert effects(owner) == 1


def test_while_the_first_still_runs_the_second_is_told_so(
    database: Database, owner: Engine, command: RpcMethod
) -> None:
    """rule C13: still running is a 409, at once, and the first is not disturbed."""
    with database.transaction() as connection:
        run_once(connection, asked(command), effect_of(connection, "first"))
        with pytest.raises(ServiceError) as caught:
            perform(database, asked(command))
        assert request_in_progress.matches(caught.value)
    assert effects(owner) == 1


def test_eight_at_once_have_one_effect_in_every_round(
    database: Database, owner: Engine, command: RpcMethod
) -> None:
    """rule C13: a storm of one key is one effect; everybody gets its answer or a 409."""
    writers, rounds = 8, 25
    for number in range(rounds):
        barrier = threading.Barrier(writers)

        def storm(key: str = f"storm-{number}", barrier: threading.Barrier = barrier) -> str:
            barrier.wait(10)
            try:
                return str(perform(database, asked(command, key=key))["note"])
            except ServiceError as error:
                return error.code

        with ThreadPoolExecutor(writers) as pool:
            outcomes = {future.result() for future in [pool.submit(storm) for _ in range(writers)]}
        assert outcomes <= {"first", "request_in_progress"}
        assert "first" in outcomes
        assert effects(owner) == number + 1


def test_old_answers_can_be_forgotten(database: Database, owner: Engine, command: RpcMethod) -> None:
    perform(database, asked(command))
    with database.transaction() as connection:
        assert idempotency.forget_before(connection, datetime(2020, 1, 1, tzinfo=UTC)) == 0
        assert idempotency.forget_before(connection, datetime(2200, 1, 1, tzinfo=UTC)) == 1
    perform(database, asked(command))
    assert effects(owner) == 2

"""Transactions: what commits, what is refused, how they come back after the server was away."""

import threading
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine, text
from sqlalchemy.exc import DisconnectionError, IntegrityError

from shared.contracts.declaration import EventType
from shared.database.transaction import (
    PROBES,
    Database,
    read_app_now,
    refuse_clock_offset,
    when_committed,
)
from shared.errors import ServiceError, outcome_unknown, unavailable
from shared.messages import outbox
from shared.messages.envelope import Event
from shared.settings import Profile, SettingsError
from tests.fixtures.database_clock import clock_offset

INSERT = text("INSERT INTO effect (note) VALUES (:note)")
COUNT = text("SELECT count(*) FROM effect")
OWN_PID = text("SELECT pg_backend_pid()")
TERMINATE = text("SELECT pg_terminate_backend(:pid, 5000)")


def effects(owner: Engine) -> int:
    with owner.connect() as connection:
        return int(connection.execute(COUNT).scalar_one())


def test_a_block_that_raises_leaves_nothing(database: Database, owner: Engine) -> None:
    with database.transaction() as connection:
        connection.execute(INSERT, {"note": "kept"})
    with pytest.raises(RuntimeError), database.transaction() as connection:
        connection.execute(INSERT, {"note": "lost"})
        raise RuntimeError
    assert effects(owner) == 1


def test_connections_in_use_are_counted_against_their_limit(database: Database, database_url: str) -> None:
    """promise I1: saturation; a probe's pool is apart, and one that is disposed of is no limit any more."""

    def figure(name: str, pool: str) -> float:
        return REGISTRY.get_sample_value(f"care_database_connections_{name}", {"pool": pool}) or 0

    assert figure("in_use", "work") == 0
    with database.transaction(), database.transaction():
        assert figure("in_use", "work") == 2
    assert figure("in_use", "work") == 0
    limits = figure("limit", "work"), figure("limit", "probes")
    other = Database(database_url, pool_size=7, application_name="floor test")
    probe = Database(database_url, pool_size=1, application_name="floor test", pool=PROBES)
    assert (figure("limit", "work"), figure("limit", "probes")) == (limits[0] + 7, limits[1] + 1)
    with probe.transaction():
        assert (figure("in_use", "work"), figure("in_use", "probes")) == (0, 1)
    for made in (other, probe):
        made.dispose()
    assert (figure("limit", "work"), figure("limit", "probes")) == limits


def test_hooks_run_after_a_commit_that_wrote_an_event_and_only_then(
    database: Database, happened: EventType, owner: Engine
) -> None:
    seen: list[int] = []
    database.after_commit(lambda: seen.append(effects(owner)))
    with database.transaction() as connection:
        connection.execute(INSERT, {"note": "no event"})
    assert seen == []
    with database.transaction() as connection:
        connection.execute(INSERT, {"note": "event"})
        outbox.append(connection, an_event(happened, read_app_now(connection)))
    assert seen == [2]
    with pytest.raises(RuntimeError), database.transaction() as connection:
        outbox.append(connection, an_event(happened, read_app_now(connection)))
        raise RuntimeError
    with database.transaction() as connection:
        connection.execute(COUNT)
    assert seen == [2]


def test_what_is_counted_is_what_was_committed(database: Database) -> None:
    counted: list[str] = []
    with database.transaction() as connection:
        when_committed(connection, lambda: counted.append("kept"))
        assert counted == []
    assert counted == ["kept"]
    with pytest.raises(RuntimeError), database.transaction() as connection:
        when_committed(connection, lambda: counted.append("lost"))
        raise RuntimeError
    with database.transaction() as connection:
        connection.execute(COUNT)
    assert counted == ["kept"]


def test_a_look_sees_what_is_there_and_leaves_transactions_whole(database: Database, owner: Engine) -> None:
    look = text("SELECT EXISTS (SELECT FROM effect WHERE note = 'there')")
    assert not database.sees(look)
    with database.transaction() as connection:
        connection.execute(INSERT, {"note": "there"})
    assert database.sees(look)
    with pytest.raises(RuntimeError), database.transaction() as connection:
        connection.execute(INSERT, {"note": "not to stay"})
        raise RuntimeError
    assert effects(owner) == 1


def test_a_look_at_a_server_that_is_away_is_unavailable(database: Database, owner: Engine) -> None:
    with pytest.raises(ServiceError) as caught:
        database.sees(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert unavailable.matches(caught.value)
    assert database.sees(text("SELECT true"))


def test_connections_that_the_server_closed_while_idle_cost_no_request(
    database: Database, owner: Engine
) -> None:
    for _ in range(3):
        with database.transaction() as first, database.transaction() as second:
            pids = [first.execute(OWN_PID).scalar_one(), second.execute(OWN_PID).scalar_one()]
        with owner.connect() as connection:
            for pid in pids:
                connection.execute(TERMINATE, {"pid": pid})
        with database.transaction() as connection:
            assert connection.execute(OWN_PID).scalar_one() not in pids


def test_a_connection_lost_at_work_is_unavailable_and_the_next_request_works(
    database: Database, owner: Engine
) -> None:
    with pytest.raises(ServiceError) as caught, database.transaction() as connection:
        connection.execute(INSERT, {"note": "lost"})
        with owner.connect() as other:
            other.execute(TERMINATE, {"pid": connection.execute(OWN_PID).scalar_one()})
        connection.execute(INSERT, {"note": "never"})
    assert unavailable.matches(caught.value)
    with database.transaction() as connection:
        assert connection.execute(COUNT).scalar_one() == 0


def test_a_connection_lost_at_the_commit_leaves_the_outcome_unknown(
    database: Database, owner: Engine
) -> None:
    with pytest.raises(ServiceError) as caught, database.transaction() as connection:
        connection.execute(INSERT, {"note": "lost"})
        pid = connection.execute(OWN_PID).scalar_one()
        with owner.connect() as other:
            other.execute(TERMINATE, {"pid": pid})
    assert outcome_unknown.matches(caught.value)


def test_a_server_that_goes_up_and_down_is_unavailable(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """promise A2: the pool gives up after a second dead connection in a row; that is no bug of ours."""

    def find_dead(*_: object) -> None:
        raise DisconnectionError("closed by the server")

    monkeypatch.setattr("shared.database.engine._refuse_dead_connection", find_dead)
    unlucky = Database(database_url, pool_size=1, application_name="floor test")
    with pytest.raises(ServiceError) as refused, unlucky.transaction():
        pass
    assert unavailable.matches(refused.value)


def test_a_refused_connection_is_unavailable_and_ping_says_no() -> None:
    away = Database("postgresql+psycopg2://nobody@127.0.0.1:1/nothing", pool_size=1, application_name="t")
    with pytest.raises(ServiceError) as caught, away.transaction():
        pass
    assert unavailable.matches(caught.value)
    assert not away.ping()


def test_a_request_that_gets_no_connection_in_time_is_unavailable(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.database.engine.POOL_WAIT_SECONDS", 0.1)
    small = Database(database_url, pool_size=1, application_name="floor test")
    with small.transaction():
        with pytest.raises(ServiceError) as caught, small.transaction():
            pass
        assert small.ping()
    small.dispose()
    assert unavailable.matches(caught.value)


def test_a_statement_that_takes_too_long_is_unavailable(database: Database) -> None:
    with pytest.raises(ServiceError) as caught, database.transaction() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 50"))
        connection.execute(text("SELECT pg_sleep(5)"))
    assert unavailable.matches(caught.value)


def test_a_row_that_stays_locked_is_unavailable(database: Database, owner: Engine) -> None:
    with owner.begin() as blocker:
        blocker.execute(text("LOCK TABLE effect"))
        with pytest.raises(ServiceError) as caught, database.transaction() as connection:
            connection.execute(text("SET LOCAL lock_timeout = 50"))
            connection.execute(COUNT)
    assert unavailable.matches(caught.value)


def test_a_deadlock_is_unavailable_for_one_and_nothing_for_the_other(
    database: Database, owner: Engine
) -> None:
    """One of two is refused whole; it may be repeated, and nothing is repeated behind its back."""
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def lock(first: int, second: int) -> None:
        try:
            with database.transaction() as connection:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({first})"))
                barrier.wait(5)
                connection.execute(text(f"SELECT pg_advisory_xact_lock({second})"))
            outcomes.append("done")
        except ServiceError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=lock, args=pair) for pair in ((71, 72), (72, 71))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "unavailable"]


def test_a_broken_constraint_passes_through(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as connection:
        connection.execute(text("INSERT INTO effect (note) VALUES (NULL)"))


def test_the_clock_of_the_database_moves_by_its_offset(
    database: Database, admin_url: str, service: str
) -> None:
    with database.transaction() as connection:
        true_now = read_app_now(connection)
    ahead = clock_offset(admin_url, f"care_{service}", timedelta(minutes=16))
    with ahead, database.transaction() as connection:
        moved = read_app_now(connection)
        with pytest.raises(SettingsError):
            refuse_clock_offset(connection, Profile.PRODUCTION)
        with pytest.raises(SettingsError):
            refuse_clock_offset(connection, Profile.LOCAL)
        refuse_clock_offset(connection, Profile.TEST)
    assert timedelta(minutes=16) <= moved - true_now < timedelta(minutes=17)
    with database.transaction() as connection:
        assert read_app_now(connection) - true_now < timedelta(minutes=1)
        refuse_clock_offset(connection, Profile.PRODUCTION)


def test_a_process_that_stops_inside_a_transaction_gives_its_locks_back(database: Database) -> None:
    with database.transaction() as connection:
        shown = connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one()
        assert shown == "15s"
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "5s"
        assert connection.execute(text("SHOW lock_timeout")).scalar_one() == "3s"


def an_event(event_type: EventType, now: object) -> Event:
    return Event(event_type, "a", 1, None, None, {"note": "x"}, now)  # type: ignore[arg-type]

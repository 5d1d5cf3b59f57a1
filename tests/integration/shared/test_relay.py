"""From the outbox to the broker: nothing lost, whatever dies in between (rule C17)."""

import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import amqp
import orjson
import pytest
from opentelemetry.sdk.trace import TracerProvider
from sqlalchemy import Engine, text

from shared.contracts.declaration import EventType
from shared.database.transaction import Database, read_app_now
from shared.ids import new_id
from shared.messages import outbox
from shared.messages.envelope import Event
from shared.messages.inbox import first_time
from shared.messages.outbox_store import CHANNEL, OutboxStore
from shared.messages.relay import Relay, RelayLimits
from shared.messages.topology import Topology, handler_queue
from tests.fixtures.waiting import wait_until
from tests.integration.shared.proxy import Proxy

ROOT = Path(__file__).parents[3]


@pytest.fixture
def heard(
    channel: amqp.Channel, declared: Topology, service: str, happened: EventType
) -> Callable[[], list[Any]]:
    """Answers all messages that reached the handler's queue so far."""
    messages: list[Any] = []
    queue = handler_queue(service, happened)

    def fetch() -> list[Any]:
        while (message := channel.basic_get(queue, no_ack=True)) is not None:
            messages.append(message)
        return messages

    return fetch


@pytest.fixture
def emit(database: Database, happened: EventType) -> Callable[..., list[str]]:
    """Commits events, one a transaction; answers their ids."""

    def commit(count: int = 1, ids: list[str] | None = None) -> list[str]:
        made = ids or [new_id() for _ in range(count)]
        for event_id in made:
            with database.transaction() as connection:
                now = read_app_now(connection)
                data = {"note": event_id}
                outbox.append(connection, Event(happened, "a1", 1, None, None, data, now, id=event_id))
        return made

    return commit


@contextmanager
def relay(
    database_url: str, amqp_uri: str, exchange: str, holder: str = "first", look: float = 0.05
) -> Iterator[Relay]:
    made = Relay(database_url, amqp_uri, exchange, holder, RelayLimits(look_seconds=look))
    made.start()
    try:
        yield made
    finally:
        assert made.stop(5)


@contextmanager
def relay_process(database_url: str, amqp_uri: str, exchange: str, holder: str) -> Iterator[Any]:
    module = "tests.integration.shared.relay_process"
    process = subprocess.Popen(
        [sys.executable, "-m", module, database_url, amqp_uri, exchange, holder], cwd=ROOT
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def ids_of(messages: list[Any]) -> list[str]:
    return [message.properties["message_id"] for message in messages]


def waiting(owner: Engine) -> int:
    with owner.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM outbox")).scalar_one())


def holder_of(owner: Engine) -> str | None:
    with owner.connect() as connection:
        return connection.execute(text("SELECT holder FROM relay_lease")).scalar_one_or_none()


def apply(database: Database, messages: list[Any]) -> None:
    """Consume as a handler does: inbox and effect in one transaction."""
    for message in messages:
        with database.transaction() as connection:
            if first_time(connection, orjson.loads(message.body)["id"], "test.on_something_happened"):
                connection.execute(
                    text("INSERT INTO effect (note) VALUES (:note)"), {"note": str(message.body)}
                )


def effects(owner: Engine) -> int:
    with owner.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM effect")).scalar_one())


def test_what_is_committed_is_sent_and_forgotten_what_is_rolled_back_never(
    database: Database, database_url: str, amqp_uri: str, happened: EventType, owner: Engine,
    heard: Callable[[], list[Any]], emit: Callable[..., list[str]],
) -> None:  # fmt: skip
    """rule C17: persistent, with envelope and routing key of the contract."""
    with pytest.raises(RuntimeError), database.transaction() as connection:
        outbox.append(
            connection, Event(happened, "a0", 1, None, None, {"note": "x"}, read_app_now(connection))
        )
        raise RuntimeError
    with relay(database_url, amqp_uri, happened.exchange):
        made = emit(3)
        wait_until(lambda: len(heard()) == 3 and waiting(owner) == 0, "three events")
    first = next(message for message in heard() if message.properties["message_id"] == made[0])
    assert first.properties["delivery_mode"] == 2
    assert first.delivery_info["routing_key"] == f"{happened.name}.-.-"
    event = Event.from_wire(happened, orjson.loads(first.body))
    assert (event.id, event.aggregate_id, event.data["note"]) == (made[0], "a1", made[0])


def test_who_is_woken_while_it_works_looks_again(
    monkeypatch: pytest.MonkeyPatch, database_url: str, amqp_uri: str, happened: EventType, owner: Engine,
    heard: Callable[[], list[Any]], emit: Callable[..., list[str]],
) -> None:  # fmt: skip
    """rule C17: the wake-up comes with the answer to a statement, and its socket is silent after it."""
    made, delete = emit(), OutboxStore.delete

    def delete_later(store: OutboxStore, ids: Collection[str]) -> None:
        if len(made) == 1:
            made.extend(emit())
            with owner.begin() as other:
                other.execute(text(f"NOTIFY {CHANNEL}"))
        delete(store, ids)

    monkeypatch.setattr(OutboxStore, "delete", delete_later)
    with relay(database_url, amqp_uri, happened.exchange, look=60):
        wait_until(lambda: len(heard()) == 2 and waiting(owner) == 0, "the event of another process")
    assert ids_of(heard()) == made


def test_the_trace_of_the_command_travels_with_the_event(
    database_url: str, amqp_uri: str, happened: EventType,
    heard: Callable[[], list[Any]], emit: Callable[..., list[str]],
) -> None:  # fmt: skip
    with TracerProvider().get_tracer("test").start_as_current_span("command") as span:
        emit(1)
    with relay(database_url, amqp_uri, happened.exchange):
        wait_until(lambda: len(heard()) == 1, "the event")
    trace_id = f"{span.get_span_context().trace_id:032x}"
    assert trace_id in heard()[0].headers["traceparent"]
    assert trace_id in orjson.loads(heard()[0].body)["trace"]["traceparent"]


def test_a_relay_killed_between_confirm_and_delete_sends_twice_and_the_inbox_absorbs_it(
    database: Database, database_url: str, amqp_uri: str, happened: EventType, owner: Engine,
    heard: Callable[[], list[Any]], emit: Callable[..., list[str]],
) -> None:  # fmt: skip
    """rule C17, rule C16: at least once, and a second delivery changes nothing."""
    made = emit(5)
    with relay_process(database_url, amqp_uri, happened.exchange, "dying") as process:
        assert process.wait(15) == -signal.SIGKILL
    assert sorted(ids_of(heard())) == sorted(made)
    assert waiting(owner) == 5
    with relay_process(database_url, amqp_uri, happened.exchange, "heir"):
        wait_until(lambda: waiting(owner) == 0, "the rows to be sent again")
    assert sorted(ids_of(heard())) == sorted(made * 2)
    apply(database, heard())
    assert effects(owner) == 5


def test_two_relays_share_one_lease(
    database_url: str, amqp_uri: str, happened: EventType, owner: Engine,
    heard: Callable[[], list[Any]], emit: Callable[..., list[str]],
) -> None:  # fmt: skip
    """rule C17: one relay at a time; when it stops, the other goes on at once."""
    with relay(database_url, amqp_uri, happened.exchange, "second"):
        with relay(database_url, amqp_uri, happened.exchange, "first"):
            made = emit(100)
            wait_until(lambda: len(heard()) >= 100 and waiting(owner) == 0, "a hundred events")
            holder = holder_of(owner)
        assert holder in {"first", "second"}
        made += emit(1)
        wait_until(lambda: len(heard()) >= 101, "the other relay", seconds=2)
    assert sorted(ids_of(heard())) == sorted(made)
    assert holder_of(owner) is None


def test_a_frozen_holder_is_replaced_and_its_waking_up_does_no_harm(
    database: Database, database_url: str, amqp_uri: str, happened: EventType, owner: Engine,
    heard: Callable[[], list[Any]], emit: Callable[..., list[str]],
) -> None:  # fmt: skip
    """rule C17: the lease ends by time, not with a session."""
    with relay_process(database_url, amqp_uri, happened.exchange, "frozen") as process:
        wait_until(lambda: holder_of(owner) == "frozen", "the first relay")
        process.send_signal(signal.SIGSTOP)
        made = emit(3)
        with relay(database_url, amqp_uri, happened.exchange, "heir"):
            wait_until(lambda: waiting(owner) == 0, "the heir")
            process.send_signal(signal.SIGCONT)
            made += emit(3)
            wait_until(lambda: waiting(owner) == 0, "the rest")
    assert set(ids_of(heard())) == set(made)
    apply(database, heard())
    assert effects(owner) == 6


def test_a_process_without_the_lease_wakes_the_one_that_has_it(
    database_url: str, amqp_uri: str, happened: EventType, owner: Engine,
    heard: Callable[[], list[Any]], emit: Callable[..., list[str]],
) -> None:  # fmt: skip
    """Both look only every 30 s: what arrives sooner was brought by NOTIFY."""
    with relay(database_url, amqp_uri, happened.exchange, "first", look=30):
        wait_until(lambda: holder_of(owner) == "first", "the lease")
        with relay(database_url, amqp_uri, happened.exchange, "second", look=30) as second:
            emit(1)
            wait_until(lambda: _listening(owner) == 2, "both relays")
            second.wake()
            wait_until(lambda: len(heard()) == 1, "the event", seconds=3)


def test_an_id_given_early_and_committed_late_is_not_skipped(
    database_url: str, amqp_uri: str, happened: EventType,
    heard: Callable[[], list[Any]], emit: Callable[..., list[str]],
) -> None:  # fmt: skip
    """rule C17: rows are never skipped by an id."""
    early, late = sorted((new_id(), new_id()))
    with relay(database_url, amqp_uri, happened.exchange):
        emit(ids=[late])
        wait_until(lambda: len(heard()) == 1, "the later id")
        emit(ids=[early])
        wait_until(lambda: len(heard()) == 2, "the earlier id")


def test_events_wait_while_the_broker_is_away(
    database_url: str, proxied_amqp_uri: str, broker_proxy: Proxy, happened: EventType, owner: Engine,
    heard: Callable[[], list[Any]], emit: Callable[..., list[str]],
) -> None:  # fmt: skip
    with relay(database_url, proxied_amqp_uri, happened.exchange):
        made = emit(1)
        wait_until(lambda: len(heard()) == 1, "the first event")
        broker_proxy.cut(refuse=True)
        made += emit(5)
        wait_until(lambda: broker_proxy.connections == 0, "the connection to be cut")
        assert waiting(owner) == 5
        broker_proxy.heal()
        wait_until(lambda: waiting(owner) == 0, "the rest")
    assert set(ids_of(heard())) == set(made)


@pytest.mark.parametrize(("key", "trace"), [("x" * 300, "{}"), ("key", "[1]"), ("key", '{"a": 1e30}')])
def test_an_event_that_cannot_be_sent_holds_up_no_other(
    key: str, trace: str, database_url: str, amqp_uri: str, happened: EventType, owner: Engine,
    heard: Callable[[], list[Any]], emit: Callable[..., list[str]],
) -> None:  # fmt: skip
    """rule C17: it stays in the outbox for an operator; those before and behind it go."""
    with owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO outbox (id, routing_key, body, trace) "
                "VALUES (:id, :key, '{}', CAST(:trace AS jsonb))"
            ),
            {"id": "00000000-0000-7000-8000-000000000001", "key": key, "trace": trace},
        )
    with relay(database_url, amqp_uri, happened.exchange):
        made = emit(3)
        wait_until(lambda: set(ids_of(heard())) >= set(made), "the others to be sent")
        made += emit(1)
        wait_until(lambda: set(ids_of(heard())) >= set(made), "later ones to be sent")
        wait_until(lambda: waiting(owner) == 1, "the sent ones to be deleted")


def test_the_relay_survives_the_loss_of_its_session(
    database_url: str, amqp_uri: str, happened: EventType, owner: Engine,
    heard: Callable[[], list[Any]], emit: Callable[..., list[str]],
) -> None:  # fmt: skip
    with relay(database_url, amqp_uri, happened.exchange):
        wait_until(lambda: _listening(owner) == 1, "the relay")
        for _ in range(3):
            with owner.connect() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                        "WHERE application_name LIKE 'relay %' AND datname = current_database()"
                    )
                )
            emit(1)
            wait_until(lambda: waiting(owner) == 0, "the event")
    assert len(set(ids_of(heard()))) == 3


def test_a_relay_that_stops_sends_what_is_there(
    database_url: str, amqp_uri: str, happened: EventType, owner: Engine,
    heard: Callable[[], list[Any]], emit: Callable[..., list[str]],
) -> None:  # fmt: skip
    with relay(database_url, amqp_uri, happened.exchange, look=30):
        wait_until(lambda: holder_of(owner) == "first", "the lease")
        emit(2)
    assert len(heard()) == 2
    assert waiting(owner) == 0


def test_a_relay_that_stops_hands_over_at_once(
    database_url: str, amqp_uri: str, happened: EventType, owner: Engine,
) -> None:  # fmt: skip
    """promise I3: the next holder, which looks only every 30 s, is told."""
    with ExitStack() as heirs:
        with relay(database_url, amqp_uri, happened.exchange, "first", look=30):
            wait_until(lambda: holder_of(owner) == "first", "the lease")
            heirs.enter_context(relay(database_url, amqp_uri, happened.exchange, "heir", look=30))
            wait_until(lambda: _have_looked(owner) == 2, "both relays to have asked for the lease")
        wait_until(lambda: holder_of(owner) == "heir", "the heir to be told", seconds=3)


def _listening(owner: Engine) -> int:
    return _sessions(owner, "true")


def _have_looked(owner: Engine) -> int:
    """Relays whose last statement asked for the lease, and which wait now."""
    return _sessions(owner, "query LIKE 'EXECUTE take %' AND state = 'idle'")


def _sessions(owner: Engine, condition: str) -> int:
    with owner.connect() as connection:
        return int(
            connection.execute(
                text(
                    "SELECT count(*) FROM pg_stat_activity "
                    f"WHERE application_name LIKE 'relay %' AND datname = current_database() AND {condition}"
                )
            ).scalar_one()
        )

"""The floor under a patched interpreter. Arguments: gevent or eventlet, URL, AMQP, service; prints JSON."""

import sys
import warnings

LIBRARY = sys.argv[1]
if LIBRARY == "gevent":
    from gevent import monkey, socket

    monkey.patch_all()
    WAITS = (socket.wait_read, socket.wait_write)
else:
    warnings.filterwarnings("ignore", message="\nEventlet is deprecated")
    import eventlet
    from eventlet.hubs import trampoline

    eventlet.monkey_patch()

    def wait_read(fileno: int, *, timeout: float) -> None:
        trampoline(fileno, read=True, timeout=timeout, timeout_exc=TimeoutError)

    def wait_write(fileno: int, *, timeout: float) -> None:
        trampoline(fileno, write=True, timeout=timeout, timeout_exc=TimeoutError)

    WAITS = (wait_read, wait_write)

# All of this is imported after the patch, as in the processes of the platform.
import json  # noqa: E402
import os  # noqa: E402
import resource  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402

from marshmallow import Schema, fields  # noqa: E402
from sqlalchemy import text  # noqa: E402

from shared.contracts.declaration import Caller, EventType, MethodKind, RpcMethod  # noqa: E402
from shared.database.transaction import Database, read_app_now  # noqa: E402
from shared.database.wait import install_wait_callback  # noqa: E402
from shared.messages import outbox  # noqa: E402
from shared.messages.envelope import Event  # noqa: E402
from shared.messages.relay import Relay  # noqa: E402
from shared.messages.rpc_client import RpcClient  # noqa: E402


class NoteSchema(Schema):
    note = fields.String(required=True)


MANY_FILES = 1100
"""More than select.select can number: a gateway has that many open sockets."""


def open_files(count: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for _ in range(count):
        os.dup(0)


def at_once(count: int, work: Callable[[], object]) -> float:
    """Seconds that so many threads, which are greenlets here, take together."""
    threads = [threading.Thread(target=work) for _ in range(count)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - started


def main(url: str, amqp_uri: str, service: str) -> None:
    open_files(MANY_FILES)
    install_wait_callback(*WAITS)
    database = Database(url, pool_size=10, application_name="green test")
    happened = EventType(service, "something_happened", 1, NoteSchema)
    question = RpcMethod(service, "read_note", MethodKind.QUESTION, NoteSchema, NoteSchema)
    relay = Relay(url, amqp_uri, happened.exchange, f"green {LIBRARY}")
    database.after_commit(relay.wake)
    relay.start()
    client = RpcClient(amqp_uri, "green-test")

    def sleep_in_the_database() -> None:
        with database.transaction() as connection:
            connection.execute(text("SELECT pg_sleep(0.3)"))

    def ask() -> None:
        client.call(question, {"note": "x"}, Caller())

    database_seconds = at_once(10, sleep_in_the_database)
    ask()
    rpc_seconds = at_once(20, ask)
    for _ in range(10):
        with database.transaction() as connection:
            now = read_app_now(connection)
            outbox.append(connection, Event(happened, "a", 1, None, None, {"note": "x"}, now))
    stopped = relay.stop()
    client.stop()
    database.dispose()
    sys.stdout.write(json.dumps({"database": database_seconds, "rpc": rpc_seconds, "stopped": stopped}))


if __name__ == "__main__":
    main(*sys.argv[2:])

"""The bare path of a booking behind the gateway: `python -m tests.bench.floors.booking_service`.

A nameko service that writes an idempotency row, a booking, its allocation and an outbox row in one
transaction, and a relay that publishes what the outbox holds. No rights, no rules, no tracing, no confirms.
Reads AMQP_URI, DATABASE_URL and MAX_WORKERS; says `ready` when it listens.
"""

import os
import warnings

warnings.filterwarnings("ignore", message="\nEventlet is deprecated")

import eventlet  # noqa: E402 - nothing may be imported before it is patched

eventlet.monkey_patch()

import json  # noqa: E402
import uuid  # noqa: E402
from typing import Any  # noqa: E402

import amqp  # noqa: E402
from kombu.connection import Connection as Broker  # noqa: E402
from nameko.extensions import DependencyProvider  # noqa: E402
from nameko.rpc import rpc  # noqa: E402
from sqlalchemy import Connection, Engine, create_engine, text  # noqa: E402

from tests.bench.floors.serving import serve  # noqa: E402

EVENTS = "bare.events"
LOOK_SECONDS = 0.5
BATCH = 100
PERSISTENT = 2

_IDEMPOTENCY = text(
    "INSERT INTO idempotency (caller, method, key, fingerprint, answer) "
    "VALUES (:customer, 'create', :key, 'x', :answer)"
)
_BOOKING = text(
    "INSERT INTO booking (id, customer_id, provider_id, state, visit, quote) "
    "VALUES (:id, :customer, :provider, 'pending', tstzrange(:starts, :ends), :quote)"
)
_ALLOCATION = text(
    "INSERT INTO allocation (id, booking_id, resource_id, blocked) "
    "VALUES (:id, :booking, :provider, tstzrange(:starts, :ends)) "
    "ON CONFLICT ON CONSTRAINT allocation_no_overlap DO NOTHING RETURNING id"
)
_OUTBOX = text("INSERT INTO outbox (id, routing_key, body) VALUES (:id, :key, :body)")
_TAKE = text("SELECT id, routing_key, body FROM outbox ORDER BY id LIMIT :batch")
_FORGET = text("DELETE FROM outbox WHERE id = ANY(CAST(:ids AS uuid[]))")


class Relay:
    """Publishes what the outbox holds, when woken and every half second."""

    def __init__(self, engine: Engine, amqp_uri: str) -> None:
        self._engine = engine
        self._woken = eventlet.event.Event()
        self._channel = Broker(amqp_uri).channel()
        self._channel.exchange_declare(EVENTS, type="topic", durable=True, auto_delete=False)
        eventlet.spawn(self._run)

    def wake(self) -> None:
        if not self._woken.ready():
            self._woken.send()

    def _run(self) -> None:
        while True:
            with eventlet.Timeout(LOOK_SECONDS, False):
                self._woken.wait()
            self._woken = eventlet.event.Event()
            while self._send_some():
                pass

    def _send_some(self) -> bool:
        with self._engine.begin() as connection:
            rows = connection.execute(_TAKE, {"batch": BATCH}).all()
            for row in rows:
                message = amqp.Message(row.body, delivery_mode=PERSISTENT, content_type="application/json")
                self._channel.basic_publish(message, exchange=EVENTS, routing_key=row.routing_key)
            if rows:
                connection.execute(_FORGET, {"ids": [str(row.id) for row in rows]})
        return len(rows) == BATCH


class Bookings(DependencyProvider):  # type: ignore[misc]
    """The database and the relay of the process."""

    def setup(self) -> None:
        self.engine = create_engine(os.environ["DATABASE_URL"], pool_size=int(os.environ["MAX_WORKERS"]) + 1)
        self.relay = Relay(self.engine, os.environ["AMQP_URI"])

    def get_dependency(self, worker_ctx: Any) -> "Bookings":
        return self


class BookingService:
    """One method."""

    name = "bare_booking"
    bookings = Bookings()

    @rpc  # type: ignore[untyped-decorator]
    def create(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self.bookings.engine.begin() as connection:
            answer = _write(connection, asked)
        self.bookings.relay.wake()
        return answer


def _write(connection: Connection, asked: dict[str, Any]) -> dict[str, Any]:
    booking, quote = str(uuid.uuid4()), json.dumps({"total": {"amount": 10000, "currency": "USD"}})
    answer = {"booking_id": booking, "state": "pending", **asked}
    connection.execute(_BOOKING, {**asked, "id": booking, "quote": quote})
    took = connection.execute(_ALLOCATION, {**asked, "id": str(uuid.uuid4()), "booking": booking}).first()
    if took is None:
        raise ValueError("taken")
    body = json.dumps({"type": "booking_held", "data": answer})
    key = f"booking_held.{asked['provider']}.{asked['customer']}"
    connection.execute(_OUTBOX, {"id": str(uuid.uuid4()), "key": key, "body": body})
    connection.execute(_IDEMPOTENCY, {**asked, "key": str(uuid.uuid4()), "answer": json.dumps(answer)})
    return answer


if __name__ == "__main__":
    serve(BookingService)

"""A nameko service that exists only in tests: it notes each run in its database and misbehaves on demand."""

import os
import time
from typing import Any

from sqlalchemy import text

from shared.contracts.declaration import Caller
from shared.database.transaction import read_app_now
from shared.errors import Category, ErrorCode
from shared.ids import new_id
from shared.messages.envelope import Event
from shared.messages.inbox import first_time
from shared.messages.outbox import append
from shared.telemetry.tracing import current_trace_id
from shared.worker import deadline
from shared.worker.entrypoints import every, on_event, rpc
from shared.worker.resources import Resources
from tests.integration.worker import probe_contract as contract

not_stated = ErrorCode("not_stated", Category.CONFLICT, "No contract states this code.")
SECRET = "the customer's secret"


class ProbeResources(Resources):
    calls_peers = True


class ProbeService:
    name = contract.SERVICE
    resources = ProbeResources()

    @rpc(contract.ECHO)
    def echo(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return {
            "text": request["text"],
            "members": sorted(request),
            "user_id": caller.user_id,
            "remaining_ms": int(deadline.remaining_seconds(3600) * 1000),
            "trace_id": current_trace_id(),
        }

    @rpc(contract.ASK_PEER)
    def ask_peer(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        time.sleep(request["number"] / 1000)
        return self.resources.peers.call(contract.ECHO, request, caller)

    @rpc(contract.WORK)
    def work(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        self._note("started", request["name"])
        time.sleep(request["seconds"])
        self._note("ended", request["name"])
        return {"name": request["name"], "pid": os.getpid()}

    @rpc(contract.MISBEHAVE)
    def misbehave(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        how = request["how"]
        if how == "raise":
            raise RuntimeError(SECRET)
        if how == "refuse":
            raise contract.probe_refused(reason="asked")
        if how == "refuse_otherwise":
            raise not_stated()
        if how == "refuse_badly":
            raise contract.probe_refused(reason=object())
        if how == "break_contract":
            return {"kept": None}
        return {"kept": "well", "more": SECRET}

    @rpc(contract.EMIT)
    def emit(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        with self.resources.transaction() as connection:
            append(
                connection,
                Event(
                    contract.THING_HAPPENED,
                    aggregate_id=new_id(),
                    aggregate_version=1,
                    provider_id=None,
                    user_id=None,
                    data={"note": request["note"]},
                    occurred_at=read_app_now(connection),
                ),
            )
        return request

    @on_event(contract.THING_HAPPENED)
    def on_thing_happened(self, event: Event) -> None:
        note = event.data["note"]
        self._note("heard", note, current_trace_id())
        if note == contract.SLOW_NOTE:
            time.sleep(1)
        with self.resources.transaction() as connection:
            if not first_time(connection, event.id, "on_thing_happened"):
                return
            if connection.execute(text("SELECT failing FROM switch")).scalar_one():
                raise RuntimeError(SECRET)
            connection.execute(
                text("INSERT INTO note (kind, name) VALUES ('applied', :name)"), {"name": note}
            )

    @every(seconds=0.5)
    def tick(self) -> None:
        self._note("tick", str(os.getpid()))
        raise RuntimeError(SECRET)

    def _note(self, kind: str, name: str, more: str = "") -> None:
        with self.resources.transaction() as connection:
            connection.execute(
                text("INSERT INTO note (kind, name, more) VALUES (:kind, :name, :more)"),
                {"kind": kind, "name": name, "more": more},
            )


SERVICE = ProbeService

"""A gateway in this process, before services that answer what a test wants; no connection is opened."""

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any, cast

from flask import Flask
from werkzeug.test import TestResponse

from services.gateway import context, process
from services.gateway.accounts.tokens import Principal
from services.gateway.app import assemble
from services.gateway.cache import Cache
from services.gateway.export_openapi import unconnected_settings
from services.gateway.limits import Limits, figures
from services.gateway.redis_client import Client
from services.gateway.redis_link import RedisDownError, RedisLink
from services.gateway.resources import Resources, build
from services.gateway.rpc import Services
from shared import clock
from shared.contracts.declaration import Caller, RpcMethod
from shared.ids import new_id

_addresses = itertools.count(1)


class NoRedis(RedisLink):
    """Redis that is away."""

    def __init__(self) -> None:
        super().__init__("redis://127.0.0.1:1/0", clock.monotonic)

    @contextmanager
    def asking(self) -> Iterator[Client]:
        raise RedisDownError
        yield self.client


class ScriptedServices:
    """Stands for all services: answers by method, and keeps what it was asked."""

    is_connected = True

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {}
        self.calls: list[tuple[str, dict[str, Any], Caller]] = []
        self._lock = threading.Lock()

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def call(
        self,
        method: RpcMethod,
        request: Mapping[str, Any],
        caller: Caller,
        timeout_seconds: float | None = None,
    ) -> dict[str, Any]:
        with self._lock:
            self.calls.append((method.full_name, dict(request), caller))
        return self.answers[method.full_name](request)

    def asked(self, name: str) -> list[dict[str, Any]]:
        return [request for method, request, _ in self.calls if method == name]


class Door:
    """The app with its resources, and requests to it."""

    def __init__(self) -> None:
        self.services = ScriptedServices()
        self.resources = _unconnected(self.services)
        self.app = _app()
        process.keep(self.app, self.resources)

    def close(self) -> None:
        self.resources.stop()

    def call(self, method: str, path: str, *, token: str = "", **options: Any) -> TestResponse:
        """A request below /api/v1, each from an address of its own unless `address` is given."""
        headers = dict(options.pop("headers", {}))
        headers.setdefault("X-Forwarded-For", options.pop("address", f"2001:db8:0:{next(_addresses):x}::1"))
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.app.test_client().open(f"/api/v1/{path}", method=method, headers=headers, **options)

    def token(
        self,
        *,
        roles: tuple[str, ...] = ("customer",),
        memberships: tuple[str, ...] = (),
        valid_for: timedelta = timedelta(minutes=15),
    ) -> str:
        return self.resources.tokens.sign(
            Principal(
                user_id=new_id(),
                session_id=new_id(),
                roles=roles,
                memberships=memberships,
                locale="en",
                token_version=1,
                expires_at=clock.now() + valid_for,
            )
        )


@cache
def _app() -> Flask:
    """One for all doors, since its many routes take a while: what a process holds is handed to it anew."""
    unused = _unconnected(ScriptedServices())
    app = assemble(unused)
    unused.stop()
    return app


def _unconnected(services: ScriptedServices) -> Resources:
    resources = build(unconnected_settings())
    link = NoRedis()
    resources.redis = link
    resources.cache = Cache(link, lambda: True)
    resources.limits = Limits(link, figures(50, 20))
    resources.services = Services(services, lambda: context.current().caller())
    resources.rpc_client = services
    resources.proxies = context.TrustedProxies(("127.0.0.1",))
    return resources


def problem_of(response: TestResponse) -> dict[str, Any]:
    """The body of a refusal, after what all refusals have in common was checked."""
    assert response.mimetype == "application/problem+json", response.data
    body = cast(dict[str, Any], response.get_json())
    assert body["success"] is False
    assert body["status"] == response.status_code
    assert {"type", "title", "detail", "instance", "message", "code", "traceId"} <= body.keys()
    return body

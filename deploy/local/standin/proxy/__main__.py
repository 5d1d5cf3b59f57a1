"""The proxy before Stripe's stand-in: knows HTTP and keys, and nothing of how Stripe's objects behave.

Runs in the stand-in's environment and imports nothing of the platform. Its own addresses, for tests:
GET and DELETE /_proxy/calls; PUT and GET /_proxy/faults; PUT /_proxy/fixtures;
POST /_proxy/release; GET /_proxy/ready.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from deploy.local.standin.proxy.calls import Calls
from deploy.local.standin.proxy.faults import Faults
from deploy.local.standin.proxy.fixtures import Fixtures
from deploy.local.standin.proxy.requests import RequestForwarder
from deploy.local.standin.proxy.webhooks import WebhookForwarder

_TIMEOUT = aiohttp.ClientTimeout(total=90)  # more than the 80 s after which Stripe's own library gives up


class Proxy:
    """The proxy between the two addresses: routes and the state behind them."""

    def __init__(self, standin_url: str, gateway_url: str) -> None:
        self._standin_url = standin_url
        self._gateway_url = gateway_url
        self._calls = Calls()
        self._faults = Faults()
        self._fixtures = Fixtures()
        self._requests: RequestForwarder | None = None
        self._webhooks: WebhookForwarder | None = None

    def application(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=1_000_000)
        app.cleanup_ctx.append(self._clients)
        app.router.add_get("/_proxy/ready", _ready)
        app.router.add_get("/_proxy/calls", self._counts)
        app.router.add_delete("/_proxy/calls", self._forget)
        app.router.add_put("/_proxy/faults", self._order)
        app.router.add_get("/_proxy/faults", self._left)
        app.router.add_put("/_proxy/fixtures", self._order_fixtures)
        app.router.add_post("/_proxy/release", self._release)
        app.router.add_post("/api/v1/customer/payments/webhook", self._webhook)
        app.router.add_post("/api/v1/customer/payments/webhook/connect", self._webhook)
        app.router.add_route("*", "/v1/{path:.*}", self._request)
        return app

    async def _clients(self, _: web.Application) -> AsyncIterator[None]:
        """One session for all calls, opened in the loop that serves them."""
        # A connection kept open would keep the gateway from ending: it waits for its connections.
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(timeout=_TIMEOUT, connector=connector) as session:
            self._requests = RequestForwarder(
                session, self._standin_url, self._calls, self._faults, self._fixtures
            )
            self._webhooks = WebhookForwarder(session, self._gateway_url, self._faults)
            yield

    async def _request(self, request: web.Request) -> web.StreamResponse:
        assert self._requests is not None  # noqa: S101 (set before the first request)
        return await self._requests.handle(request)

    async def _webhook(self, request: web.Request) -> web.StreamResponse:
        assert self._webhooks is not None  # noqa: S101
        return await self._webhooks.handle(request)

    async def _release(self, request: web.Request) -> web.StreamResponse:
        assert self._webhooks is not None  # noqa: S101
        return await self._webhooks.release(request)

    async def _counts(self, _: web.Request) -> web.StreamResponse:
        counts = {"received": dict(self._calls.received), "passed_on": dict(self._calls.passed_on)}
        return web.json_response(counts)

    async def _forget(self, _: web.Request) -> web.StreamResponse:
        self._calls.forget()
        return web.Response(status=204)

    async def _left(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(self._faults.left())

    async def _order(self, request: web.Request) -> web.StreamResponse:
        try:
            self._faults.order(json.loads(await request.read()))
        except ValueError as error:
            return web.Response(status=422, text=str(error))
        return web.Response(status=204)

    async def _order_fixtures(self, request: web.Request) -> web.StreamResponse:
        try:
            self._fixtures.order(json.loads(await request.read()))
        except (KeyError, ValueError) as error:
            return web.Response(status=422, text=str(error))
        return web.Response(status=204)


async def _ready(_: web.Request) -> web.StreamResponse:
    return web.Response()


def main() -> None:
    """Serve on loopback unless told otherwise; addresses come from the environment."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    app = Proxy(os.environ["PROXY_STANDIN_URL"], os.environ["PROXY_GATEWAY_URL"]).application()
    host, port = os.environ.get("PROXY_HOST", "127.0.0.1"), int(os.environ["PROXY_PORT"])
    web.run_app(app, host=host, port=port, print=None, access_log=None)


if __name__ == "__main__":
    main()

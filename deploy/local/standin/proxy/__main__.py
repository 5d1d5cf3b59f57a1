"""The proxy before Stripe's stand-in: knows HTTP and keys, and nothing of Stripe's objects.

Runs in the stand-in's environment and imports nothing of the platform. Its own addresses, for tests:
GET and DELETE /_proxy/calls; PUT /_proxy/faults; POST /_proxy/release; GET /_proxy/ready.
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
from deploy.local.standin.proxy.requests import RequestForwarder
from deploy.local.standin.proxy.webhooks import WebhookForwarder

_TIMEOUT = aiohttp.ClientTimeout(total=90)  # more than the 80 s after which Stripe's own library gives up


def application(standin_url: str, gateway_url: str) -> web.Application:
    """The proxy between the two addresses."""
    app = web.Application(client_max_size=1_000_000)
    calls, faults = Calls(), Faults()

    async def clients(_: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            requests = RequestForwarder(session, standin_url, calls, faults)
            webhooks = WebhookForwarder(session, gateway_url, faults)
            handlers.update(requests=requests.handle, webhooks=webhooks.handle, release=webhooks.release)
            yield

    handlers: dict[str, web.Handler] = {}
    app.cleanup_ctx.append(clients)
    app.router.add_get("/_proxy/ready", _ready)
    app.router.add_get("/_proxy/calls", lambda _: _counts(calls))
    app.router.add_delete("/_proxy/calls", lambda _: _forget(calls))
    app.router.add_put("/_proxy/faults", lambda request: _order(faults, request))
    app.router.add_post("/_proxy/release", lambda request: handlers["release"](request))
    app.router.add_post("/api/v1/customer/payments/webhook", lambda request: handlers["webhooks"](request))
    app.router.add_post(
        "/api/v1/customer/payments/webhook/connect", lambda request: handlers["webhooks"](request)
    )
    app.router.add_route("*", "/v1/{path:.*}", lambda request: handlers["requests"](request))
    return app


async def _ready(_: web.Request) -> web.Response:
    return web.Response()


async def _counts(calls: Calls) -> web.Response:
    return web.json_response({"received": dict(calls.received), "passed_on": dict(calls.passed_on)})


async def _forget(calls: Calls) -> web.Response:
    calls.forget()
    return web.Response(status=204)


async def _order(faults: Faults, request: web.Request) -> web.Response:
    try:
        faults.order(json.loads(await request.read()))
    except ValueError as error:
        return web.Response(status=422, text=str(error))
    return web.Response(status=204)


def main() -> None:
    """Serve on loopback; addresses come from the environment."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    app = application(os.environ["PROXY_STANDIN_URL"], os.environ["PROXY_GATEWAY_URL"])
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PROXY_PORT"]), print=None, access_log=None)


if __name__ == "__main__":
    main()

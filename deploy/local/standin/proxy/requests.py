"""Calls on their way to the stand-in: counted, once per key, with the ordered fault."""

from __future__ import annotations

import asyncio

import aiohttp
from aiohttp import web

from deploy.local.standin.proxy.calls import Calls, operation_of
from deploy.local.standin.proxy.faults import Faults
from deploy.local.standin.proxy.fixtures import Fixtures
from deploy.local.standin.proxy.keys import Answer, IdempotencyKeys, fingerprint_of, stripe_error

_NOT_FORWARDED = frozenset(
    {"host", "connection", "keep-alive", "transfer-encoding", "content-length", "upgrade"}
)


class RequestForwarder:
    """Handles everything under /v1."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        standin_url: str,
        calls: Calls,
        faults: Faults,
        fixtures: Fixtures,
    ) -> None:
        self._session = session
        self._standin_url = standin_url
        self._calls = calls
        self._faults = faults
        self._fixtures = fixtures
        self._keys = IdempotencyKeys()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Pass the call on, once per key, and answer with what the stand-in said."""
        operation = operation_of(request.method, request.path)
        self._calls.received[operation] += 1
        body = await request.read()
        cut = asyncio.Event()
        key = request.headers.get("Idempotency-Key")
        if key and request.method == "POST":
            fingerprint = fingerprint_of(request.path, body)
            answer = await self._keys.once(
                key, fingerprint, lambda: self._perform(request, body, operation, cut)
            )
        else:
            answer = await self._perform(request, body, operation, cut)
        if cut.is_set() and request.transport is not None:
            request.transport.abort()
        return _response(answer)

    async def _perform(self, request: web.Request, body: bytes, operation: str, cut: asyncio.Event) -> Answer:
        fault = self._faults.for_request(operation)
        if fault is not None and fault.do == "delay":
            await asyncio.sleep(fault.seconds)
        # A caller that hangs up does not undo what it asked for, as with Stripe.
        answer = self._fixtures.for_request(operation)
        if answer is None:
            passed_on = await asyncio.shield(self._forward(request, body, operation))
            answer = self._fixtures.over(operation, passed_on)
        if fault is not None and fault.do == "cut":
            cut.set()
        if fault is not None and fault.do == "error":
            return stripe_error(fault.status, "api_error", "An error ordered by a test.")
        return answer

    async def _forward(self, request: web.Request, body: bytes, operation: str) -> Answer:
        headers = {
            name: value for name, value in request.headers.items() if name.lower() not in _NOT_FORWARDED
        }
        self._calls.passed_on[operation] += 1
        try:
            async with self._session.request(
                request.method, self._standin_url + request.raw_path, data=body or None, headers=headers
            ) as response:
                return Answer(response.status, await response.read(), response.content_type)
        except aiohttp.ClientError as error:
            # 429 is not kept under the key: the stand-in did not see the call, or died with its whole state.
            return stripe_error(429, "api_error", f"The stand-in cannot be reached: {type(error).__name__}.")


def _response(answer: Answer) -> web.Response:
    headers = {"Idempotent-Replayed": "true"} if answer.is_replayed else {}
    return web.Response(
        status=answer.status, body=answer.body, content_type=answer.content_type, headers=headers
    )

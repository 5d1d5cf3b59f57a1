"""Webhooks on their way to the gateway: byte for byte, tried again as Stripe does, with the ordered fault."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
from aiohttp import web

from deploy.local.standin.proxy.faults import Faults

_LOG = logging.getLogger("standin-proxy")
_RETRY_SECONDS = (1, 2, 5, 10, 30)  # Stripe goes on for three days; a demo's patience ends sooner
_RELEASE_SECONDS = 10
_CARRIED = ("Content-Type", "Stripe-Signature")


@dataclass(frozen=True)
class Delivery:
    """A webhook as it came."""

    event_type: str
    path: str
    body: bytes
    headers: dict[str, str]


class WebhookForwarder:
    """Takes webhooks from the stand-in and delivers them."""

    def __init__(self, session: aiohttp.ClientSession, gateway_url: str, faults: Faults) -> None:
        self._session = session
        self._gateway_url = gateway_url
        self._faults = faults
        self._held: list[Delivery] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def handle(self, request: web.Request) -> web.Response:
        """Accept at once; the delivery goes on by itself."""
        body = await request.read()
        event_type = str(json.loads(body).get("type", ""))
        headers = {name: request.headers[name] for name in _CARRIED if name in request.headers}
        self._dispatch(Delivery(event_type, request.path, body, headers))
        return web.Response()

    async def release(self, _: web.Request) -> web.Response:
        """Deliver what was held, newest first; says how many.

        A gateway that is away is not waited for: the delivery goes on by itself.
        """
        held, self._held = self._held, []
        await asyncio.wait({self._begin(self._deliver_in_turn(held[::-1]))}, timeout=_RELEASE_SECONDS)
        return web.json_response({"released": len(held)})

    async def _deliver_in_turn(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            await self._deliver(delivery, delay_seconds=0)

    def _dispatch(self, delivery: Delivery) -> None:
        fault = self._faults.for_webhook(delivery.event_type)
        if fault is not None and fault.do == "drop":
            return
        if fault is not None and fault.do == "hold":
            self._held.append(delivery)
            return
        copies = 2 if fault is not None and fault.do == "duplicate" else 1
        delay = fault.seconds if fault is not None and fault.do == "delay" else 0.0
        for _ in range(copies):
            self._begin(self._deliver(delivery, delay))

    def _begin(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _deliver(self, delivery: Delivery, delay_seconds: float) -> None:
        for pause in (delay_seconds, *_RETRY_SECONDS):
            await asyncio.sleep(pause)
            if await self._post(delivery):
                return
        _LOG.warning("webhook %s given up", delivery.event_type)

    async def _post(self, delivery: Delivery) -> bool:
        try:
            async with self._session.post(
                self._gateway_url + delivery.path, data=delivery.body, headers=delivery.headers
            ) as response:
                _LOG.info("webhook %s answered %d", delivery.event_type, response.status)
                return response.status < HTTPStatus.MULTIPLE_CHOICES
        except aiohttp.ClientError as error:
            _LOG.info("webhook %s not delivered: %s", delivery.event_type, type(error).__name__)
            return False

"""The same questions asked through the gateway's cache and straight of the service that owns the answer."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from deploy.local.stack import Stack
from services.gateway.presentation import presenter
from shared.contracts import booking, search
from shared.contracts.declaration import Caller, RpcMethod
from shared.errors import ServiceError
from shared.messages.rpc_client import RpcClient
from tests.chaos.facts import Facts, Row
from tests.fixtures.customer import Customer

NEAR = {"latitude": 40.713, "longitude": -74.006}
PAGE = 30
TRIES, LATE = 4, (503, 504)
OF_THE_MOMENT = frozenset({"computedAt"})
"""Members that say when an answer was made."""


@dataclass(frozen=True)
class Question:
    """A question as the web asks it, and as the owner is asked."""

    what: str
    path: str
    params: dict[str, Any]
    method: RpcMethod
    request: dict[str, Any]


def cached_and_owned(stack: Stack, facts: Facts) -> list[Row]:
    """Free times of every day that was booked, profiles of their providers and a search: `what`, what the
    gateway answers (`cached`) and what the owner answers (`owner`)."""
    client = RpcClient(stack.amqp_uri, "chaos")
    try:
        return [_both(client, stack.url, question) for question in _questions(facts)]
    finally:
        client.stop()


def _questions(facts: Facts) -> list[Question]:
    booked = [row for row in facts.rows["booking.booking"] if row["notes"]]
    soon = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    # Of today the clock takes times away between two questions.
    days = sorted(
        {
            (row["provider_id"], row["service_id"], row["local_start"][:10])
            for row in booked
            if row["local_start"][:10] > soon
        }
    )
    providers = sorted({row["provider_id"] for row in booked})
    return [*(_free_times(*day) for day in days), *map(_profile, providers), _search()]


def _free_times(provider_id: str, service_id: str, day: str) -> Question:
    return Question(
        f"free times of {provider_id} {service_id} on {day}",
        f"customer/providers/{provider_id}/availability",
        {"serviceId": service_id, "date": day},
        booking.GET_AVAILABILITY,
        {"provider_id": provider_id, "service_id": service_id, "date": day, "staff_id": None},
    )


def _profile(provider_id: str) -> Question:
    path = f"customer/providers/{provider_id}"
    request = {"provider_id": provider_id, "latitude": None, "longitude": None}
    return Question(f"profile of {provider_id}", path, {}, search.GET_PROVIDER, request)


def _search() -> Question:
    params = {"query": "massage", "radiusKm": 8, "limit": PAGE, **NEAR}
    request = {"query": "massage", "radius_km": 8, "limit": PAGE, **NEAR}
    return Question("search for a massage", "customer/search", params, search.SEARCH_PROVIDERS, request)


def _both(client: RpcClient, url: str, question: Question) -> Row:
    owner = _owned(client, question)
    shown = orjson.loads(orjson.dumps(presenter(question.method.answer)(owner)))
    return {"what": question.what, "cached": _lasting(_cached(url, question)), "owner": _lasting(shown)}


def _owned(client: RpcClient, question: Question) -> Row:
    """What its owner says; the last time it is asked, whatever is wrong with that is raised."""
    for _ in range(TRIES - 1):
        with suppress(ServiceError):
            return client.call(question.method, question.request, Caller())
    return client.call(question.method, question.request, Caller())


def _cached(url: str, question: Question) -> Row:
    """What the web says. A busy machine may be late with it: that is no answer yet, and asked for again."""
    for _ in range(TRIES):
        # A stranger for each question: one address may ask 50 times a minute.
        with Customer(url) as stranger:
            answer = stranger.get(question.path, **question.params)
        if answer.status_code not in LATE:
            break
    data: Row = answer.json()["data"] if answer.ok else {"refused": answer.text[:200]}
    return data


def _lasting(data: Row) -> Row:
    return {name: value for name, value in data.items() if name not in OF_THE_MOMENT and name != "next"}

"""Gathers the facts after a run: tables, events, Stripe's stand-in, parked events, caches and owners."""

import json
import sys
from typing import Any

import requests
from kombu.connection import Connection as BrokerConnection

from deploy.local.instance import SERVICES
from deploy.local.stack import Stack
from shared.messages.parked import ParkedEvents
from shared.messages.topology import events_exchange
from tests.chaos.facts import Facts, Row
from tests.chaos.instance import connect
from tests.chaos.lines import free_in_lines
from tests.chaos.owners import cached_and_owned
from tests.fixtures.command import run

EVENT_LOG = "parked.chaos-log"
"""A queue of ours that hears every event; named so that nobody counts it as undelivered work."""
LOG_ARGUMENTS = {"x-queue-type": "quorum"}

RANGES = {
    "booking.booking": "lower(blocked) AS blocked_from, upper(blocked) AS blocked_to, "
    "lower(visit) AS visit_from, upper(visit) AS visit_to",
    "booking.allocation": "lower(blocked) AS blocked_from, upper(blocked) AS blocked_to",
    "booking.time_off": "lower(period) AS period_from, upper(period) AS period_to",
}
"""Ranges are read by their ends."""
LEFT_OUT = frozenset({"search.review", "gateway.refresh_token", "gateway.session"})

PAGE = 100

RECONCILE_SECONDS = 300.0


def gather(stack: Stack, facts: Facts) -> None:
    """Add what every part of a stack that has come to rest says now."""
    facts.events += heard_events(stack.amqp_uri)
    facts.rows = all_rows(stack)
    facts.intents = intents(stack)
    facts.reconciliation = reconciliation(stack)
    facts.answers = cached_and_owned(stack, facts)
    facts.lines = free_in_lines(stack, facts)


def hear_all_events(amqp_uri: str) -> None:
    """Declare the queue that keeps a copy of every event from now on."""
    with BrokerConnection(amqp_uri) as connection:
        channel: Any = connection.channel()
        channel.queue_declare(EVENT_LOG, durable=True, auto_delete=False, arguments=LOG_ARGUMENTS)
        for service in SERVICES:
            channel.exchange_declare(events_exchange(service), type="topic", durable=True, auto_delete=False)
            channel.queue_bind(EVENT_LOG, events_exchange(service), "#")


def heard_events(amqp_uri: str) -> list[Row]:
    """What the queue has kept, in its order; it is empty afterwards."""
    events: list[Row] = []
    with BrokerConnection(amqp_uri) as connection:
        channel: Any = connection.channel()
        while (message := channel.basic_get(EVENT_LOG, no_ack=True)) is not None:
            events.append(json.loads(message.body))
    return events


def parked_events(amqp_uri: str) -> list[Row]:
    return [
        {
            "service": event.service,
            "event_id": event.event_id,
            "type": event.type,
            "queue": event.handler_queue,
            "reason": event.reason,
            "parked_at": event.parked_at,
        }
        for event in ParkedEvents(amqp_uri).list()
    ]


def all_rows(stack: Stack) -> dict[str, list[Row]]:
    """Every table of every service, each row with the time of its commit."""
    rows: dict[str, list[Row]] = {}
    for service in SERVICES:
        connection = connect(stack, service)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
                for (table,) in cursor.fetchall():
                    name = f"{service}.{table}"
                    if name not in LEFT_OUT:
                        rows[name] = _rows(cursor, name, table)
        finally:
            connection.close()
    return rows


def _rows(cursor: Any, name: str, table: str) -> list[Row]:
    more = f", {RANGES[name]}" if name in RANGES else ""
    cursor.execute(
        f"SELECT row_to_json(known)::text FROM (SELECT *, "
        f"extract(epoch FROM pg_xact_commit_timestamp(xmin))::float AS committed{more} "
        f'FROM "{table}") AS known'
    )
    return [json.loads(text) for (text,) in cursor.fetchall()]


def intents(stack: Stack) -> list[Row]:
    """Every intent at the stand-in with its refunds; the stand-in says what was received by its charge."""
    found = _all_of(stack, "payment_intents", {"expand[]": "data.latest_charge"})
    refunds = _all_of(stack, "refunds", {})
    for intent in found:
        charge = intent.pop("latest_charge", None) or {}
        del intent["client_secret"]
        # What is not captured of a hold is a refund there that names no intent: nobody asked for it.
        released = sum(
            refund["amount"]
            for refund in refunds
            if refund.get("payment_intent") is None and refund.get("charge") == charge.get("id")
        )
        intent["amount_received"] = charge["amount"] - released if charge.get("captured") else 0
        intent["refunds"] = [refund for refund in refunds if refund.get("payment_intent") == intent["id"]]
    return found


def _all_of(stack: Stack, kind: str, params: dict[str, str]) -> list[Row]:
    found: list[Row] = []
    last = ""
    while True:
        page = {"limit": str(PAGE), **params, **({"starting_after": last} if last else {})}
        answer = requests.get(
            f"{stack.standin_proxy_url}/v1/{kind}",
            params=page,
            auth=(stack.environment("payment")["STRIPE_SECRET_KEY"], ""),
            timeout=30,
        )
        answer.raise_for_status()
        listed = answer.json()
        found += listed["data"]
        if not listed["has_more"] or not listed["data"]:
            return found
        last = listed["data"][-1]["id"]


def reconciliation(stack: Stack) -> list[str]:
    """What `make reconcile` finds; nothing when it finds nothing."""
    command = [sys.executable, "-m", "services.payment.reconcile"]
    environment = stack.environment("payment")
    done = run(command, env=environment, cwd=stack.instance.root, seconds=RECONCILE_SECONDS)
    said = [*done.stdout.splitlines(), *done.stderr.splitlines()]
    return said if done.returncode else []

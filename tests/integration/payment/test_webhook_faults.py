"""Webhooks that come twice, in another order, late or not at all: each payment is told once, and right."""

import base64
from dataclasses import replace
from typing import Any

import pytest
import requests
from sqlalchemy import Engine

from services.payment.usecases.desk import Desk
from services.payment.usecases.webhooks import receive_webhook
from tests.fixtures.waiting import wait_until
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.crashes import forget_jobs, reconcile
from tests.integration.payment.paying import ask_for_3ds
from tests.integration.payment.records import event_names, payments_of, rows, run_jobs
from tests.integration.payment.standin import StandIn, WebhookInbox

SUCCEEDED = "payment_intent.succeeded"
MANY = 99
"""Webhooks of other tests, on their way for a second, meet the fault too."""
Asked = list[dict[str, Any]]


@pytest.fixture
def asked(desk: Desk, bookings: Bookings) -> Asked:
    """Three payments that wait for their customers' banks."""
    return [ask_for_3ds(desk, bookings)[1] for _ in range(3)]


def order_webhook_fault(standin: StandIn, **fault: Any) -> None:
    document = {"webhooks": [{"match": SUCCEEDED, "times": MANY, **fault}]}
    answer = requests.put(f"{standin.url}/_proxy/faults", json=document, timeout=5)
    assert answer.status_code == 204, answer.text


def authenticate(standin: StandIn, asked: Asked) -> None:
    for one in asked:
        standin.authenticate(one["payment_intent_id"], one["client_secret"])


def received(inbox: WebhookInbox, asked: Asked) -> list[tuple[bytes, str]]:
    """What reached the gateway's place about these payments, in its order."""
    intents = [one["payment_intent_id"].encode() for one in asked]
    return [one for one in list(inbox.received) if any(intent in one[0] for intent in intents)]


def deliver(desk: Desk, owner: Engine, webhooks: list[tuple[bytes, str]]) -> list[bool]:
    """Store each and work it; whether each had been stored before."""
    duplicates = []
    for body, signature in webhooks:
        answer = receive_webhook(desk, base64.b64encode(body).decode(), signature)
        duplicates.append(bool(answer["duplicate"]))
        run_jobs(desk, owner)
    return duplicates


def assert_all_told_once(owner: Engine, asked: Asked) -> None:
    assert {payments_of(owner, one["booking_id"])[0]["state"] for one in asked} == {"captured"}
    assert event_names(owner).count("payment_succeeded") == len(asked)
    captured = rows(owner, "SELECT count(*) AS number FROM ledger_transaction WHERE kind = 'captured'")
    assert captured == [{"number": len(asked)}]


def test_each_webhook_twice(
    desk: Desk, owner: Engine, standin: StandIn, webhook_inbox: WebhookInbox, asked: Asked
) -> None:
    """rule W1: the second is answered and changes nothing."""
    order_webhook_fault(standin, do="duplicate")
    authenticate(standin, asked)
    wait_until(lambda: len(received(webhook_inbox, asked)) == 6, "every webhook twice")
    assert sorted(deliver(desk, owner, received(webhook_inbox, asked))) == [False] * 3 + [True] * 3
    assert_all_told_once(owner, asked)


def test_webhooks_in_reverse_order_and_late(
    desk: Desk, owner: Engine, standin: StandIn, webhook_inbox: WebhookInbox, asked: Asked
) -> None:
    """rule W2: held back until a round has settled the payments, then all at once, the newest first."""
    order_webhook_fault(standin, do="hold")
    authenticate(standin, asked)
    forget_jobs(owner)
    patient = replace(desk, unsettled_seconds=0)
    reconcile(patient, owner, events_are_listed=False)
    assert_all_told_once(owner, asked)

    def release() -> bool:
        requests.post(f"{standin.url}/_proxy/release", timeout=5)
        return len(received(webhook_inbox, asked)) == len(asked)

    wait_until(release, "the stand-in to have sent every webhook")
    assert deliver(desk, owner, received(webhook_inbox, asked)) == [False] * 3
    assert_all_told_once(owner, asked)


def test_webhooks_that_never_come(
    desk: Desk, owner: Engine, standin: StandIn, webhook_inbox: WebhookInbox, asked: Asked
) -> None:
    """rule W13: nobody told us, and nobody asked; a round finds all."""
    order_webhook_fault(standin, do="drop")
    authenticate(standin, asked)
    forget_jobs(owner)
    patient = replace(desk, unsettled_seconds=0)
    reconcile(patient, owner, events_are_listed=False)
    assert_all_told_once(owner, asked)
    assert received(webhook_inbox, asked) == []

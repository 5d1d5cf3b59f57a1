"""Kept webhooks: listed by what became of them, worked again, measured, and caught up for accounts too."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from services.payment.domain.disputes import DisputeStatus
from services.payment.domain.webhook import WebhookEvent
from services.payment.usecases.catch_up import AT_START, ROUND_JOB
from services.payment.usecases.desk import Desk
from services.payment.usecases.kept_webhooks import list_webhooks, replay_webhook
from services.payment.usecases.webhooks import store
from shared.contracts.declaration import Caller
from shared.contracts.payment_disputes import webhook_not_worked
from shared.database.transaction import read_app_now
from shared.errors import ServiceError, not_found
from shared.ids import new_id
from shared.messages import jobs
from shared.money import Money
from shared.telemetry import metrics
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.disputing import dispute_row, intent_of
from tests.integration.payment.paying import pay
from tests.integration.payment.records import rows, run_jobs
from tests.integration.payment.ruling import ADMIN
from tests.integration.payment.scripted_provider import ScriptedProvider

ALL: dict[str, Any] = {"outcome": None, "limit": 20, "cursor": None}


def come(desk: Desk, kind: str, object_id: str, intent_id: str | None, account: str | None = None) -> str:
    event = WebhookEvent(
        f"evt_{new_id()}",
        kind,
        object_id,
        intent_id,
        account,
        False,
        None,
        datetime.now(UTC) - timedelta(seconds=5),
    )
    with desk.transaction() as connection:
        store(connection, event)
    return event.event_id


def listed(desk: Desk, outcome: str | None) -> list[str]:
    found = list_webhooks(desk, ALL | {"outcome": outcome}, ADMIN)["webhooks"]
    return [one["event_id"] for one in found]


def test_a_parked_webhook_is_worked_again(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """promise D4, rule W3: given up while Stripe did not tell; a person lets it try again, once a key."""
    paid = pay(paying, bookings.hold())
    intent_id = intent_of(owner, paid["payment_id"])
    event_id = come(paying, "charge.dispute.created", "dp_unknown", intent_id)
    rows(
        owner,
        "UPDATE job SET state = 'parked', reason = 'unavailable' WHERE key = :k RETURNING 1",
        ago=timedelta(seconds=90),
        k=event_id,
    )
    assert (listed(paying, "parked"), listed(paying, "waiting")) == ([event_id], [])
    dispute_id = scripted.disputes.dispute_charge(intent_id, Money(10000, "USD"))
    rows(
        owner,
        "UPDATE webhook_event SET object_id = :d WHERE event_id = :k RETURNING 1",
        d=dispute_id,
        ago=timedelta(seconds=90),
        k=event_id,
    )
    command = {"event_id": event_id, "idempotency_key": "a-key"}
    answers = [replay_webhook(paying, command, ADMIN) for _ in range(2)]
    assert [one["outcome"] for one in answers] == ["waiting", "waiting"]
    run_jobs(paying, owner)
    assert dispute_row(owner, dispute_id)["status"] == DisputeStatus.NEEDS_RESPONSE
    assert listed(paying, "worked") == [event_id]
    replay_webhook(paying, command | {"idempotency_key": "another"}, ADMIN)
    run_jobs(paying, owner)
    assert listed(paying, "worked") == [event_id]
    assert len(rows(owner, "SELECT 1 FROM ledger_transaction WHERE kind = 'dispute_withdrawn'")) == 1


def test_what_nobody_works_is_only_kept(paying: Desk, owner: Engine) -> None:
    """rule W14: it is listed, and there is nothing to repeat; nobody but administrators sees any."""
    event_id = come(paying, "customer.created", "cus_1", None)
    assert listed(paying, "kept") == [event_id]
    with pytest.raises(ServiceError) as refusal:
        replay_webhook(paying, {"event_id": event_id, "idempotency_key": "k"}, ADMIN)
    assert webhook_not_worked.matches(refusal.value)
    with pytest.raises(ServiceError) as nothing:
        list_webhooks(paying, ALL, Caller(user_id=new_id()))
    assert not_found.matches(nothing.value)


def test_the_list_goes_on_page_by_page(paying: Desk, owner: Engine) -> None:
    """promise D4: newest first, each once, by a cursor that is good for its own list only."""
    ids = [come(paying, "customer.created", "cus_1", None) for _ in range(5)]
    found: list[str] = []
    cursor = None
    while True:
        page = list_webhooks(paying, {"outcome": "kept", "limit": 2, "cursor": cursor}, ADMIN)
        found += [one["event_id"] for one in page["webhooks"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(found) == sorted(ids)
    assert len(set(found)) == 5


def test_how_late_a_webhook_is_worked_is_measured(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """promise D4: from its coming until its job has closed."""
    paid = pay(paying, bookings.hold())
    intent_id = intent_of(owner, paid["payment_id"])
    waited = metrics.webhook_delay_seconds.labels(endpoint="platform", stage="work")
    before = waited._sum.get()
    event_id = come(paying, "payment_intent.succeeded", intent_id, intent_id)
    rows(
        owner,
        "UPDATE webhook_event SET received_at = received_at - :ago WHERE event_id = :k RETURNING 1",
        ago=timedelta(seconds=90),
        k=event_id,
    )
    run_jobs(paying, owner)
    assert 90 <= waited._sum.get() - before < 150


def test_what_was_not_delivered_about_accounts_is_asked_for_at_the_start(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rule W13: account by account, with the first round of a process; worked like any other."""
    account_id = f"acct_{bookings.provider_id}"
    now = datetime.now(UTC)
    event = WebhookEvent("evt_lost", "account.updated", account_id, None, account_id, False, None, now)
    scripted.connect.undelivered = {account_id: [event]}
    for key in (f"{AT_START}{new_id()}", "1234"):
        with paying.transaction() as connection:
            jobs.enqueue(connection, ROUND_JOB, key, {}, read_app_now(connection))
        for _ in range(2):
            run_jobs(paying, owner)
    kept = rows(owner, "SELECT event_id FROM webhook_event WHERE account = :a", a=account_id)
    assert [one["event_id"] for one in kept] == ["evt_lost"]
    assert len(rows(owner, "SELECT 1 FROM job WHERE kind = 'catch_up_account'")) == 1

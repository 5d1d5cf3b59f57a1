"""Webhooks: genuine ones are stored, answered and worked once, in any order; others are refused."""

import base64
import functools
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe
from sqlalchemy import Engine, text

from services.payment.clients.payment_provider import ProviderError
from services.payment.usecases.desk import Desk
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.read_payments import confirm_payment
from services.payment.usecases.webhooks import receive_webhook
from shared.contracts.declaration import Caller
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.paying import ask_for_3ds
from tests.integration.payment.records import event_names, jobs, payments_of, rows, run_jobs
from tests.integration.payment.standin import SECRET, StandIn, WebhookInbox


def receive(desk: Desk, body: bytes, signature: str) -> bool:
    """Whether it had been stored before."""
    return bool(receive_webhook(desk, base64.b64encode(body).decode(), signature)["duplicate"])


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> str:
    stamp = None if at is None else int(at)
    return str(stripe.WebhookSignature.generate_signature_header(body.decode(), secret, stamp))


def about(intent_id: str, kind: str = "payment_intent.succeeded", **changes: Any) -> bytes:
    event = {
        "id": f"evt_{new_id()}",
        "object": "event",
        "type": kind,
        "livemode": False,
        "created": int(time.time()),
        "api_version": "2026-10-28.endive",
        "data": {"object": {"id": intent_id, "object": "payment_intent", "status": "succeeded"}},
    }
    return json.dumps(event | changes).encode()


def open_intent(desk: Desk, bookings: Bookings) -> dict[str, Any]:
    return ask_for_3ds(desk, bookings)[1]


def test_the_stand_ins_own_webhook_confirms_a_payment(
    desk: Desk, bookings: Bookings, standin: StandIn, webhook_inbox: WebhookInbox, owner: Engine
) -> None:
    """promise D4: byte for byte as it was sent; the client never asks again and the payment is settled."""
    asked = open_intent(desk, bookings)
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    body, signature = webhook_inbox.wait_for(asked["payment_intent_id"])
    assert receive(desk, body, signature) is False
    assert payments_of(owner, asked["booking_id"])[0]["state"] == "action_required"
    run_jobs(desk, owner)
    assert payments_of(owner, asked["booking_id"])[0]["state"] == "captured"
    assert event_names(owner) == ["payment_action_required", "payment_succeeded"]
    assert rows(owner, "SELECT outcome FROM webhook_event") == [{"outcome": "worked"}]


def test_a_webhook_that_comes_twice_is_worked_once(
    desk: Desk, bookings: Bookings, standin: StandIn, owner: Engine
) -> None:
    """rule W1: the event's id, and the state of the object where two events state one fact."""
    asked = open_intent(desk, bookings)
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    body = about(asked["payment_intent_id"])
    assert [receive(desk, body, signed(body)) for _ in range(3)] == [False, True, True]
    run_jobs(desk, owner)
    other = about(asked["payment_intent_id"])
    assert receive(desk, other, signed(other)) is False
    run_jobs(desk, owner)
    assert event_names(owner).count("payment_succeeded") == 1
    assert len(rows(owner, "SELECT 1 FROM webhook_event")) == 2


def test_webhooks_out_of_order_move_a_payment_forward_only(
    desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    """rule W2: what the event says is never believed; the object is looked at."""
    booked = bookings.hold()
    paid = process_payment(desk, booked.request(), booked.customer)
    for kind in (
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "payment_intent.processing",
    ):
        body = about(paid["payment_intent_id"], kind)
        receive(desk, body, signed(body))
    run_jobs(desk, owner)
    assert payments_of(owner, booked.id)[0]["state"] == "captured"
    assert event_names(owner) == ["payment_succeeded"]


def test_a_client_that_looks_while_the_webhook_is_worked(
    desk: Desk, bookings: Bookings, standin: StandIn, owner: Engine
) -> None:
    """rule W4: at the same moment, many times; one fact is told once."""
    asked = [open_intent(desk, bookings) for _ in range(8)]
    looks = []
    for one in asked:
        standin.authenticate(one["payment_intent_id"], one["client_secret"])
        body = about(one["payment_intent_id"])
        receive(desk, body, signed(body))
        customer = Caller(user_id=str(payments_of(owner, one["booking_id"])[0]["customer_id"]))
        looks.append(functools.partial(confirm_payment, desk, one["payment_intent_id"], customer))
    work = functools.partial(run_jobs, desk, owner)
    targets: list[Callable[[], object]] = [*looks, work, *looks, work]
    threads = [threading.Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert event_names(owner).count("payment_succeeded") == len(asked)
    assert {row["version"] for row in rows(owner, "SELECT version FROM payment")} == {4}


def test_a_webhook_can_claim_no_success(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """rule W2: signed, yet wrong about the intent."""
    asked = open_intent(desk, bookings)
    body = about(asked["payment_intent_id"])
    receive(desk, body, signed(body))
    run_jobs(desk, owner)
    assert payments_of(owner, asked["booking_id"])[0]["state"] == "action_required"


def test_a_webhook_before_our_own_commit_finds_its_payment(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule W3: the intent names the payment, whose row was there before the call."""
    booked = bookings.hold()
    paid = process_payment(desk, booked.request(), booked.customer)
    with owner.begin() as connection:
        connection.execute(text("TRUNCATE outbox"))
        connection.execute(
            text("UPDATE payment SET state = 'created', intent_id = NULL, captured_amount = 0")
        )
        connection.execute(
            text("UPDATE payment_op SET state = 'pending', claimed_until = app_now() + '1 minute'")
        )
    body = about(paid["payment_intent_id"])
    receive(desk, body, signed(body))
    calls = standin.calls()
    run_jobs(desk, owner)
    stored = payments_of(owner, booked.id)[0]
    assert (stored["state"], stored["intent_id"]) == ("captured", paid["payment_intent_id"])
    assert event_names(owner) == ["payment_succeeded"]
    assert standin.calls() == calls


def test_a_webhook_about_an_unknown_intent_is_kept_and_tried_again(
    desk: Desk, owner: Engine, standin: StandIn, gateway: Any
) -> None:
    """rule W3: not forgotten."""
    body = about("pi_of_somebody_else")
    assert receive(desk, body, signed(body)) is False
    run_jobs(desk, owner)
    assert jobs(owner) == {"work_webhook": "waiting"}
    assert rows(owner, "SELECT attempts FROM job") == [{"attempts": 1}]
    assert rows(owner, "SELECT outcome FROM webhook_event") == [{"outcome": "waiting"}]
    with pytest.raises(ProviderError):
        gateway.retrieve("pi_of_somebody_else")


def test_an_unknown_type_is_kept_and_answered(desk: Desk, owner: Engine) -> None:
    """rule W14: stored, no job, no error."""
    body = about("cus_1", "customer.created")
    assert receive(desk, body, signed(body)) is False
    assert rows(owner, "SELECT type, outcome FROM webhook_event") == [
        {"type": "customer.created", "outcome": "kept"}
    ]
    assert jobs(owner) == {}


def test_the_secret_of_yesterday_is_good_during_rotation(desk: Desk) -> None:
    """rule W11: several secrets at once."""
    body = about("cus_1", "customer.created")
    assert receive(desk, body, signed(body, "whsec_of_yesterday")) is False


FORGED: list[tuple[str, Any]] = [
    ("another secret", lambda body: (body, signed(body, "whsec_guessed"))),
    ("an empty secret", lambda body: (body, signed(body, ""))),
    ("an altered body", lambda body: (body.replace(b"pi_1", b"pi_2"), signed(body))),
    ("a space more", lambda body: (body + b" ", signed(body))),
    ("no signature", lambda body: (body, "")),
    ("a signature that is no ASCII", lambda body: (body, signed(body) + "\xff")),
    ("nonsense", lambda body: (body, "t=now,v1=yes")),
    ("no stamp", lambda body: (body, signed(body).split(",")[1])),
    ("301 s old", lambda body: (body, signed(body, at=time.time() - 301))),
    ("an hour ahead", lambda body: (body, signed(body, at=time.time() + 3600))),
    ("not JSON", lambda body: (b"{", signed(b"{"))),
    ("not an event", lambda body: (b"[]", signed(b"[]"))),
    ("an id that is no text", lambda body: _signed_change(id=["evt_1"])),
    ("an id that cannot be stored", lambda body: _signed_change(id="evt_1\0")),
    ("an object that is no text", lambda body: _signed_change(data={"object": {"id": {"a": 1}}})),
    ("live", lambda body: _signed_change(livemode=True)),
    ("of another account", lambda body: _signed_change(account="acct_1")),
    ("no text", lambda body: (b"\xff\xfe", signed(body))),
]


def _signed_change(**changes: Any) -> tuple[bytes, str]:
    body = about("pi_1", **changes)
    return body, signed(body)


@pytest.mark.parametrize(("forged", "make"), FORGED, ids=[name for name, _ in FORGED])
def test_what_is_not_genuine_is_refused_and_not_stored(
    forged: str, make: Any, desk: Desk, owner: Engine, standin: StandIn
) -> None:
    """rule W11: over the raw bytes, five minutes, livemode and account."""
    body, signature = make(about("pi_1"))
    with pytest.raises(ServiceError, match="signature_invalid"):
        receive(desk, body, signature)
    assert rows(owner, "SELECT 1 FROM webhook_event") == []
    assert jobs(owner) == {}


def test_a_body_that_is_not_base64_is_refused(desk: Desk) -> None:
    with pytest.raises(ServiceError, match="signature_invalid"):
        receive_webhook(desk, "%%%", "t=1,v1=x")


def test_299_seconds_are_not_too_old(desk: Desk) -> None:
    """rule W11: 5 minutes of tolerance."""
    body = about("cus_1", "customer.created")
    assert receive(desk, body, signed(body, at=time.time() - 298)) is False


def test_receiving_asks_nothing_of_stripe(desk: Desk, standin: StandIn, gateway: Any, owner: Engine) -> None:
    """rule W12: stored and answered; all else is the job's."""

    def no_call(*_: Any) -> None:
        raise AssertionError("a call to Stripe while a webhook waits for its answer")

    gateway.retrieve = no_call
    body = about("pi_1")
    assert receive(desk, body, signed(body)) is False
    assert jobs(owner) == {"work_webhook": "waiting"}

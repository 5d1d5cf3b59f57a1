"""Crashes, time-outs and refusals while money goes back: it goes back once, or is owed."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import stripe
from sqlalchemy import Engine

from services.payment import retry_refund as retry_command
from services.payment.clients.payment_provider import SERVER_ERROR, OutcomeUnknownError
from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.refunds import RefundStatus
from services.payment.store import payments
from services.payment.usecases.desk import Desk
from services.payment.usecases.refunds_due import refund_part
from services.payment.usecases.retry_refund import retry_refund
from services.payment.usecases.settle_refunds import apply_refund, look_at_refunds
from services.payment.usecases.webhooks import receive_webhook
from shared.database.transaction import read_app_now
from shared.errors import ServiceError
from shared.money import Money
from tests.integration.payment.bookings import Booked, Bookings
from tests.integration.payment.crashes import ProcessDied, come_back
from tests.integration.payment.paying import REFUND, pay
from tests.integration.payment.records import jobs, payments_of, rows, run_jobs
from tests.integration.payment.refunding import balances, cancel, operations_of, refunds_of
from tests.integration.payment.standin import SECRET, StandIn


def paid_and_cancelled(desk: Desk, bookings: Bookings) -> tuple[Booked, dict[str, Any]]:
    booked = bookings.hold()
    paid = pay(desk, booked)
    cancel(desk, booked, 75, 7500)
    return booked, paid


def sent(desk: Desk, paid: dict[str, Any]) -> list[int]:
    found = desk.open_provider().refunds.refunds_of(paid["payment_intent_id"])
    return [one.amount for one in found]


@pytest.mark.parametrize("is_sent", [False, True])
def test_a_crash_while_a_refund_is_sent(
    is_sent: bool,
    desk: Desk,
    gateway: StripeGateway,
    bookings: Bookings,
    owner: Engine,
    standin: StandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """rule W7: between the commit and the call, and between the call and its answer: one refund, one key."""
    booked, paid = paid_and_cancelled(desk, bookings)
    send: Callable[..., Any] = gateway.refunds.refund

    def die(*arguments: Any) -> None:
        if is_sent:
            send(*arguments)
        raise ProcessDied

    with monkeypatch.context() as patch:
        patch.setattr(gateway.refunds, "refund", die)
        with pytest.raises(ProcessDied):
            run_jobs(desk, owner)
    assert [one["status"] for one in refunds_of(owner, paid["payment_id"])] == ["claimed"]
    come_back(desk, owner)
    assert sent(desk, paid) == [7500]
    assert [(one["attempt"], one["state"]) for one in operations_of(owner, "refund")] == [(1, "ok")]
    assert standin.calls()[REFUND] == 1
    assert balances(owner, booked.id)["refunds_payable"] == 0


@pytest.mark.parametrize("fault", ["error", "cut"])
def test_no_answer_to_a_refund(
    fault: str, desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule W7: it is looked for before it is asked for again."""
    booked, paid = paid_and_cancelled(desk, bookings)
    standin.order_fault(match=REFUND, do=fault)
    run_jobs(desk, owner)
    assert operations_of(owner, "refund")[0]["state"] == "unknown"
    assert jobs(owner)["send_refund"] == "waiting"
    assert balances(owner, booked.id)["refunds_payable"] == -7500
    for _ in range(3):
        come_back(desk, owner)
    assert sent(desk, paid) == [7500]
    assert balances(owner, booked.id)["refunds_payable"] == 0


def test_a_refund_that_stripe_refuses_stays_owed(
    desk: Desk,
    bookings: Bookings,
    owner: Engine,
    standin: StandIn,
) -> None:
    """rule M12: the booking stays cancelled, the ledger owes, a human decides."""
    booked, paid = paid_and_cancelled(desk, bookings)
    rows(owner, "UPDATE payment SET intent_id = 'pi_nobody' RETURNING id")
    run_jobs(desk, owner)
    refund = refunds_of(owner, paid["payment_id"])[0]
    assert (refund["status"], jobs(owner)["send_refund"]) == ("failed", "parked")
    assert balances(owner, booked.id)["refunds_payable"] == -7500
    assert payments_of(owner, booked.id)[0]["refunded_amount"] == 0
    run_jobs(desk, owner)
    assert standin.calls()[REFUND] == 1
    rows(owner, "UPDATE payment SET intent_id = :id RETURNING id", id=paid["payment_intent_id"])
    retry_refund(desk.transaction, str(refund["id"]))
    run_jobs(desk, owner)
    assert sent(desk, paid) == [7500]
    assert operations_of(owner, "refund")[-1]["params"]["reverse_transfer"] is True


def test_the_provider_s_transfer_is_taken_back_once(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule M10: also when a webhook told of the refund whose answer was lost, and it failed later."""
    booked, paid = paid_and_cancelled(desk, bookings)
    standin.order_fault(match=REFUND, do="cut")
    run_jobs(desk, owner)
    with desk.transaction() as connection:
        payment = payments.by_id(connection, paid["payment_id"])
    look_at_refunds(desk, payment)
    run_jobs(desk, owner)
    told = desk.open_provider().refunds.refunds_of(paid["payment_intent_id"])[0]
    with desk.transaction() as connection:
        failed = replace(told, status=RefundStatus.FAILED)
        apply_refund(connection, paid["payment_id"], failed, read_app_now(connection), desk.operator_zone)
    retry_refund(desk.transaction, str(refunds_of(owner, paid["payment_id"])[0]["id"]))
    run_jobs(desk, owner)
    sent_twice = [(one["state"], one["params"]["reverse_transfer"]) for one in operations_of(owner, "refund")]
    assert sent_twice == [("ok", True), ("ok", False)]
    assert balances(owner, booked.id)["refunds_payable"] == 0


def test_a_refund_that_failed_inside_stripe_is_looked_for_before_it_has_a_new_key(
    desk: Desk, gateway: StripeGateway, bookings: Bookings, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """rule W7: its 500 is not the end: what Stripe did of it may be seen only later."""
    _, paid = paid_and_cancelled(desk, bookings)
    send, look = gateway.refunds.refund, gateway.refunds.refunds_of

    def fail(*arguments: Any) -> None:
        send(*arguments)
        raise OutcomeUnknownError(SERVER_ERROR)

    with monkeypatch.context() as patch:
        patch.setattr(gateway.refunds, "refund", fail)
        patch.setattr(gateway.refunds, "refunds_of", lambda intent_id, known: [])
        run_jobs(desk, owner)
        come_back(desk, owner)
    assert [one["state"] for one in operations_of(owner, "refund")] == ["failed"]
    come_back(desk, owner)
    assert [one.amount for one in look(paid["payment_intent_id"])] == [7500]
    assert [one["status"] for one in refunds_of(owner, paid["payment_id"])] == ["succeeded"]


def test_a_parked_refund_is_brought_back_under_its_key(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    _, paid = paid_and_cancelled(desk, bookings)
    standin.order_fault(match=REFUND, do="cut")
    run_jobs(desk, owner)
    refund_id = str(refunds_of(owner, paid["payment_id"])[0]["id"])
    with pytest.raises(ServiceError, match="refund_not_failed"):
        retry_refund(desk.transaction, refund_id)
    rows(owner, "UPDATE job SET state = 'parked' WHERE kind = 'send_refund' RETURNING id")
    retry_refund(desk.transaction, refund_id)
    come_back(desk, owner)
    assert sent(desk, paid) == [7500]
    assert len(operations_of(owner, "refund")) == 1


def test_an_operator_begins_a_failed_refund_anew(
    desk: Desk,
    bookings: Bookings,
    owner: Engine,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """rule M12: by a command; one that did not fail is left alone."""
    _, paid = paid_and_cancelled(desk, bookings)
    refund_id = str(refunds_of(owner, paid["payment_id"])[0]["id"])
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert retry_command.main(["--refund", refund_id]) == 1
    assert "refund_not_failed" in capsys.readouterr().err
    rows(owner, "UPDATE refund SET status = 'failed' RETURNING id")
    assert retry_command.main(["--refund", refund_id]) == 0
    assert f"refund {refund_id} is due again, attempt 2" in capsys.readouterr().out
    run_jobs(desk, owner)
    assert sent(desk, paid) == [7500]
    assert retry_command.main(["--refund", "1"]) == 2


def test_two_refunds_of_one_payment_are_sent_one_after_the_other(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule M11: while one request is under way, the other waits."""
    paid = pay(desk, bookings.hold())
    refund_part(desk, paid["payment_id"], Money(100, "USD"), Money(0, "USD"), "one")
    rows(owner, "UPDATE payment_op SET claimed_until = app_now() + interval '1 minute' RETURNING id")
    run_jobs(desk, owner)
    assert REFUND not in standin.calls()
    come_back(desk, owner)
    assert sent(desk, paid) == [100]


@pytest.mark.parametrize("kind", ["refund.updated", "charge.refunded", "refund.failed"])
def test_a_webhook_about_a_refund_is_worked_by_looking(
    kind: str, desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """promise D4, rule W2: what it claims is not believed; the refund is as Stripe says it is."""
    booked, paid = paid_and_cancelled(desk, bookings)
    standin.order_fault(match=REFUND, do="error")
    run_jobs(desk, owner)
    body = json.dumps(
        {
            "id": f"evt_{kind}_{booked.id}",
            "type": kind,
            "livemode": False,
            "created": int(time.time()),
            "data": {
                "object": {"id": "re_1", "payment_intent": paid["payment_intent_id"], "status": "failed"}
            },
        }
    )
    header = stripe.WebhookSignature.generate_signature_header(body, SECRET)
    receive_webhook(desk, base64.b64encode(body.encode()).decode(), header)
    rows(owner, "UPDATE job SET state = 'done' WHERE kind = 'send_refund' RETURNING id")
    assert sent(desk, paid) == [7500]
    come_back(desk, owner)
    assert [one["status"] for one in refunds_of(owner, paid["payment_id"])] == ["succeeded"]
    assert jobs(owner)["work_webhook"] == "done"

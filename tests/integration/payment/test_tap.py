"""Payments with mada through Tap, over real HTTP against stored answers in its documented shapes: fixture."""

import base64
import dataclasses
import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from services.payment.clients.providers import tap_gateway
from services.payment.clients.tap_mode import FIXTURE_KEY
from services.payment.clients.tap_webhooks import TapWebhookReader, hashstring
from services.payment.domain.capabilities import PaymentProviderName
from services.payment.settings import Mode, PaymentSettings
from services.payment.store.payouts import whose_money_is_due
from services.payment.usecases.desk import Desk
from services.payment.usecases.money_figures import get_money_figures
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.provider_money import release_shares
from services.payment.usecases.read_payments import confirm_payment
from services.payment.usecases.reconcile_books import compare_all
from services.payment.usecases.refunds_due import refund_part
from services.payment.usecases.webhooks import receive_webhook
from shared import clock
from shared.contracts.declaration import read
from shared.contracts.payment_books import GET_MONEY_FIGURES
from shared.errors import ServiceError
from shared.money import Money
from tests.integration.payment.bookings import Booked, Bookings
from tests.integration.payment.chaos_checks import violations
from tests.integration.payment.invariants import check_money
from tests.integration.payment.paying import pay
from tests.integration.payment.records import event_names, jobs, payments_of, rows, run_jobs
from tests.integration.payment.refunding import balances, cancel, operations_of, refunds_of
from tests.integration.payment.ruling import ADMIN
from tests.integration.payment.standin import StandIn
from tests.integration.payment.tap_fixtures import CUT, TapFixtures, serve
from tests.integration.payment.visits import complete, share_of

TAP = PaymentProviderName.TAP


@pytest.fixture(scope="module")
def served() -> Iterator[TapFixtures]:
    fixtures = TapFixtures()
    server = serve(fixtures)
    yield fixtures
    server.shutdown()
    server.server_close()


@pytest.fixture
def tap(served: TapFixtures) -> TapFixtures:
    served.forget()
    return served


@pytest.fixture
def with_tap(desk: Desk, settings: PaymentSettings, tap: TapFixtures) -> Desk:
    """A process that Tap is set up for too, as far as stored answers are Tap."""
    of_tap = dataclasses.replace(
        settings,
        tap_secret_key=FIXTURE_KEY,
        tap_api_base=tap.url,
        tap_webhook_url="https://care.example/api/v1/customer/payments/webhook/tap",
        tap_return_url="https://care.example/",
        tap_contact_email="payments@care.example",
    )
    return dataclasses.replace(
        desk,
        others={TAP: tap_gateway(of_tap, nullcontext)},
        other_readers={TAP: TapWebhookReader(FIXTURE_KEY, Mode.STAND_IN)},
    )


def hold(bookings: Bookings, amount: int = 10050) -> Booked:
    return bookings.hold(amount, "SAR")


def by_mada(desk: Desk, booked: Booked, key: str = "") -> dict[str, Any]:
    return process_payment(desk, booked.request(None, key=key, method="mada"), booked.customer)


def post(desk: Desk, told: dict[str, Any], signature: str | None = None) -> bool:
    """What Tap does with its header; whether it had been stored before."""
    body = json.dumps(told).encode()
    proof = hashstring(told, FIXTURE_KEY) if signature is None else signature
    posted = receive_webhook(desk, base64.b64encode(body).decode(), proof, payment_provider=TAP)
    return bool(posted["duplicate"])


def paid(desk: Desk, bookings: Bookings, tap: TapFixtures, owner: Engine) -> tuple[Booked, dict[str, Any]]:
    booked = hold(bookings)
    payment = by_mada(desk, booked)
    post(desk, tap.stands(payment["payment_intent_id"], "charge_captured.json"))
    run_jobs(desk, owner)
    return booked, payment


def test_a_purchase_leads_to_taps_page_and_its_post_confirms_it(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, standin: StandIn, owner: Engine
) -> None:
    """promise D8 (fixture): purchase only, SAR, on a page of Tap's; Stripe hears nothing of it."""
    booked = hold(bookings)
    payment = by_mada(with_tap, booked)
    assert payment["status"] == "requires_action"
    assert payment["next_action"]["url"].startswith("https://sandbox.payments.tap.company/")
    assert payment["client_secret"] is None
    told = tap.stands(payment["payment_intent_id"], "charge_captured.json")
    assert [post(with_tap, told) for _ in range(2)] == [False, True]
    run_jobs(with_tap, owner)
    [row] = payments_of(owner, booked.id)
    assert (row["state"], row["payment_provider"], row["method"]) == ("captured", "tap", "mada")
    assert event_names(owner) == ["payment_action_required", "payment_succeeded"]
    assert balances(owner, booked.id) == {
        "tap_clearing": 10050,
        "customer_funds": 0,
        "platform_commission": -1005,
        "provider_payable": -9045,
    }
    assert standin.calls() == {}


def test_the_request_is_as_it_is_documented(with_tap: Desk, bookings: Bookings, tap: TapFixtures) -> None:
    """rules M1 and M16 (fixture): numbers in major units, 3-D Secure, nothing saved, and no personal data."""
    booked = hold(bookings)
    payment = by_mada(with_tap, booked)
    [sent] = tap.made("charges")
    assert '"amount": 100.50,' in tap.texts[0]
    assert sent["source"] == {"id": "src_sa.mada"}
    assert (sent["currency"], sent["threeDSecure"], sent["save_card"]) == ("SAR", True, False)
    assert sent["metadata"]["payment_id"] == payment["payment_id"]
    assert sent["reference"]["idempotent"].startswith("create:")
    assert sent["redirect"]["url"] == f"https://care.example/?booking={booked.id}"
    assert sent["customer"]["email"] == "payments@care.example"
    assert booked.customer.user_id not in tap.texts[0]
    assert tap.authorizations == {f"Bearer {FIXTURE_KEY}"}


def test_a_cancelled_booking_is_refunded_through_tap(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, standin: StandIn, owner: Engine
) -> None:
    """rule M16 (fixture): no void, so all goes back as a refund; Tap's word of it comes later."""
    booked, payment = paid(with_tap, bookings, tap, owner)
    cancel(with_tap, booked, 75, 7538)
    run_jobs(with_tap, owner)
    [refund] = refunds_of(owner, payment["payment_id"])
    assert refund["status"] == "pending"
    [sent] = tap.made("refunds")
    assert (str(sent["amount"]), sent["charge_id"]) == ("75.38", payment["payment_intent_id"])
    post(with_tap, tap.stands(refund["provider_refund_id"], "refund_refunded.json"))
    run_jobs(with_tap, owner)
    assert refunds_of(owner, payment["payment_id"])[0]["status"] == "succeeded"
    assert payments_of(owner, booked.id)[0]["state"] == "partially_refunded"
    assert balances(owner, booked.id) == {
        "tap_clearing": 2512,
        "customer_funds": 0,
        "platform_commission": -251,
        "provider_payable": -2261,
        "refunds_payable": 0,
    }
    assert operations_of(owner, "refund_fee") == []
    assert standin.calls() == {}


def test_money_adds_up_through_tap(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, owner: Engine
) -> None:
    """promise D10, rules M9, M12, M16 and W9 (fixture): after every step of a life with mada: left, paid,
    the first captured late and given back, parts given back and one refused, the visit over."""

    def hear(object_id: str, answer: str) -> None:
        post(with_tap, tap.stands(object_id, answer))
        for _ in range(2):
            run_jobs(with_tap, owner)
        check_money(with_tap, None)
        assert violations(owner) == []

    booked = hold(bookings, 10001)
    first = by_mada(with_tap, booked)
    hear(first["payment_intent_id"], "charge_abandoned.json")
    second = by_mada(with_tap, booked)
    hear(second["payment_intent_id"], "charge_captured.json")
    hear(first["payment_intent_id"], "charge_captured.json")
    for number, service in enumerate((3334, 3334, 3333)):
        refund_part(with_tap, second["payment_id"], Money(service, "SAR"), Money(0, "SAR"), str(number))
    run_jobs(with_tap, owner)
    [back] = refunds_of(owner, first["payment_id"])
    *given, refused = refunds_of(owner, second["payment_id"])
    for refund in (back, *given):
        hear(refund["provider_refund_id"], "refund_refunded.json")
    hear(refused["provider_refund_id"], "refund_declined.json")
    complete(with_tap, booked)
    release_shares(with_tap)
    check_money(with_tap, None)
    twice, paid_once = payments_of(owner, booked.id)
    assert (twice["paid_twice"], twice["state"]) == (True, "refunded")
    assert (paid_once["refunded_amount"], paid_once["commission_returned_amount"]) == (6668, 667)


def test_what_is_taken_through_tap_is_revenue(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, owner: Engine
) -> None:
    """promise D10, rule B18 (fixture): figures know every payment provider's money."""
    paid(with_tap, bookings, tap, owner)
    today = datetime.now(UTC).date()
    asked = {"from_date": str(today - timedelta(days=1)), "to_date": str(today), "group_by": "currency"}
    answer = get_money_figures(with_tap, read(GET_MONEY_FIGURES.request, asked), ADMIN)
    [total] = answer["totals"]
    assert (total["revenue"], total["bookings"]) == ({"amount": 10050, "currency": "SAR"}, 1)
    assert total["commission"]["amount"] == 1005


def test_a_refund_that_tap_declines_is_owed_again(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, owner: Engine
) -> None:
    """rule M12 (fixture): the booking stays cancelled, the ledger owes, a human decides."""
    booked, payment = paid(with_tap, bookings, tap, owner)
    cancel(with_tap, booked, 100, 10050)
    run_jobs(with_tap, owner)
    [refund] = refunds_of(owner, payment["payment_id"])
    post(with_tap, tap.stands(refund["provider_refund_id"], "refund_declined.json"))
    run_jobs(with_tap, owner)
    [refund] = refunds_of(owner, payment["payment_id"])
    assert (refund["status"], refund["failure_code"]) == ("failed", "502")
    assert balances(owner, booked.id)["refunds_payable"] == -10050


def test_a_declined_card_says_why_and_another_may_be_tried(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, owner: Engine
) -> None:
    """promise D6 (fixture): Tap's response codes become our reasons."""
    booked = hold(bookings)
    payment = by_mada(with_tap, booked)
    tap.stands(payment["payment_intent_id"], "charge_declined.json")
    with pytest.raises(ServiceError) as refused:
        confirm_payment(with_tap, payment["payment_intent_id"], booked.customer)
    assert (refused.value.code, refused.value.details["reason"]) == ("card_declined", "insufficient_funds")
    assert by_mada(with_tap, booked)["status"] == "requires_action"
    assert event_names(owner).count("payment_failed") == 1


def test_an_unpaid_charge_is_not_taken_back_but_waited_for(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, owner: Engine
) -> None:
    """rule M16 (fixture): mada knows no void; the charge of a booking that ended ends by itself."""
    booked = hold(bookings)
    payment = by_mada(with_tap, booked)
    cancel(with_tap, booked, 100, 10050)
    run_jobs(with_tap, owner)
    assert payments_of(owner, booked.id)[0]["state"] == "action_required"
    assert operations_of(owner, "cancel") == []
    with pytest.raises(ServiceError) as refused:
        by_mada(with_tap, booked)
    assert refused.value.code == "request_in_progress"
    tap.stands(payment["payment_intent_id"], "charge_abandoned.json")
    run_jobs(with_tap, owner)
    assert payments_of(owner, booked.id)[0]["state"] == "cancelled"
    assert jobs(owner)["abandon_payment"] == "done"


def test_what_is_paid_after_the_booking_ended_goes_back(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, owner: Engine
) -> None:
    """rules W6 and M16 (fixture): no void, so it is a refund of all."""
    booked = hold(bookings)
    payment = by_mada(with_tap, booked)
    cancel(with_tap, booked, 100, 10050)
    tap.stands(payment["payment_intent_id"], "charge_captured.json")
    for _ in range(2):
        run_jobs(with_tap, owner)
    [refund] = refunds_of(owner, payment["payment_id"])
    assert (refund["service_amount"], refund["status"]) == (10050, "pending")


@pytest.mark.parametrize("fault", [CUT, 500, 409])
def test_a_creation_without_an_answer_is_repeated_under_its_key(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, owner: Engine, fault: str | int
) -> None:
    """rule W7 (fixture): one charge, however often it was asked for."""
    tap.next_answers.append(fault)
    booked = hold(bookings)
    assert by_mada(with_tap, booked)["status"] == "processing"
    run_jobs(with_tap, owner)
    keys = {sent["reference"]["idempotent"] for sent in tap.made("charges")}
    assert (len(tap.made("charges")), len(keys)) == (2, 1)
    assert payments_of(owner, booked.id)[0]["state"] == "action_required"


def test_a_refund_without_an_answer_is_repeated_while_its_key_lasts(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """rule W7 (fixture): Tap knows a key for 24 hours, and lists no refunds; later none is sent."""
    booked, payment = paid(with_tap, bookings, tap, owner)
    cancel(with_tap, booked, 100, 10050)
    tap.next_answers += [CUT, CUT]
    run_jobs(with_tap, owner)
    run_jobs(with_tap, owner)
    later = datetime.now(UTC) + timedelta(hours=24)
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", lambda: later)
        run_jobs(with_tap, owner)
    assert len(tap.made("refunds")) == 2
    run_jobs(with_tap, owner)
    assert len({sent["reference"]["idempotent"] for sent in tap.made("refunds")}) == 1
    assert refunds_of(owner, payment["payment_id"])[0]["status"] == "pending"
    assert len(tap.made("refunds")) == 3


def test_what_tap_calls_unknown_is_asked_about_again(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, owner: Engine
) -> None:
    """rule W2 (fixture): nothing is concluded from it, and the slot is kept meanwhile."""
    booked = hold(bookings)
    payment = by_mada(with_tap, booked)
    tap.stands(payment["payment_intent_id"], "charge_unknown.json")
    again = confirm_payment(with_tap, payment["payment_intent_id"], booked.customer)
    assert again["status"] == "processing"
    tap.stands(payment["payment_intent_id"], "charge_captured.json")
    run_jobs(with_tap, owner)
    assert payments_of(owner, booked.id)[0]["state"] == "captured"


def test_a_refused_creation_tells_the_customer(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, owner: Engine
) -> None:
    """promise D6 (fixture): Tap's error codes become our stable ones."""
    tap.next_answers.append("error_not_supported.json")
    booked = hold(bookings)
    with pytest.raises(ServiceError) as refused:
        by_mada(with_tap, booked)
    assert refused.value.code == "payment_method_invalid"
    assert payments_of(owner, booked.id)[0]["state"] == "failed"


@pytest.mark.parametrize("change", ["status", "amount", "signature", "live_mode", "none"])
def test_only_genuine_posts_are_stored(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, owner: Engine, change: str
) -> None:
    """rule W11 (fixture): by the hashstring, and never of another mode."""
    payment = by_mada(with_tap, hold(bookings))
    told = tap.stands(payment["payment_intent_id"], "charge_captured.json")
    genuine = hashstring(told, FIXTURE_KEY)
    if change in told:
        told[change] = {"status": "VOID", "amount": 1, "live_mode": True}[change]
    signature = {"signature": "0" * 64, "none": ""}.get(change, genuine)
    with pytest.raises(ServiceError) as refused:
        post(with_tap, told, signature)
    assert refused.value.code == "signature_invalid"
    assert rows(owner, "SELECT 1 AS one FROM webhook_event") == []


def test_mada_takes_riyals_only(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, standin: StandIn, owner: Engine
) -> None:
    """rule M16: refused before anything is written or sent, and never sent to Stripe instead."""
    booked = bookings.hold(10000, "USD")
    with pytest.raises(ServiceError) as refused:
        by_mada(with_tap, booked)
    assert refused.value.code == "payment_method_invalid"
    assert payments_of(owner, booked.id) == []
    assert (tap.requests, standin.calls()) == ([], {})


def test_without_tap_there_is_no_mada(
    desk: Desk, bookings: Bookings, standin: StandIn, owner: Engine
) -> None:
    """promise D8: what is not set up is refused, not done otherwise."""
    booked = hold(bookings)
    with pytest.raises(ServiceError) as refused:
        by_mada(desk, booked)
    assert refused.value.code == "payments_not_configured"
    assert (payments_of(owner, booked.id), standin.calls()) == ([], {})


def test_both_providers_keep_their_own(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, owner: Engine
) -> None:
    """promise D8: a card goes to Stripe beside it, and the comparison of the books asks each of its own."""
    card = bookings.hold()
    pay(with_tap, card)
    booked, payment = paid(with_tap, bookings, tap, owner)
    cancel(with_tap, booked, 100, 10050)
    run_jobs(with_tap, owner)
    assert payments_of(owner, card.id)[0]["payment_provider"] == "stripe"
    since = datetime(2026, 1, 1, tzinfo=UTC)
    compared = list(compare_all(with_tap.transaction, with_tap.providers, since))
    assert [one.differences for one in compared] == [[], []]
    [refund] = refunds_of(owner, payment["payment_id"])
    tap.stands(refund["provider_refund_id"], "refund_refunded.json")
    [found] = [one.differences for one in compare_all(with_tap.transaction, with_tap.providers, since)][1:]
    assert [one.name for one in found] == ["refund_status_differs"]


def test_a_share_of_mada_is_in_no_payout(
    with_tap: Desk, bookings: Bookings, tap: TapFixtures, owner: Engine
) -> None:
    """rules M16 and M21 (fixture): the account that pays out has not the money; it waits in the ledger."""
    booked, payment = paid(with_tap, bookings, tap, owner)
    complete(with_tap, booked)
    assert release_shares(with_tap) == 1
    share = share_of(owner, payment["payment_id"])
    assert (share["state"], share["is_due"]) == ("released", False)
    assert balances(owner, booked.id)["provider_due"] == -9045
    with with_tap.transaction() as connection:
        assert whose_money_is_due(connection) == []
    since = datetime(2026, 1, 1, tzinfo=UTC)
    compared = compare_all(with_tap.transaction, with_tap.providers, since)
    assert [one.differences for one in compared] == [[]]

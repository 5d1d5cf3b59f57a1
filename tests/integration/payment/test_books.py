"""`make reconcile`: whatever was altered by one unit by hand is found and named, and nothing is changed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import requests
from sqlalchemy import Engine

from services.payment import reconcile
from services.payment.clients.payment_provider import SERVER_ERROR
from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.capabilities import PaymentProviderName
from services.payment.settings import PaymentSettings
from services.payment.usecases.desk import Desk
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.reconcile_books import compare_all
from services.payment.usecases.retry_refund import retry_refund
from shared.errors import ServiceError
from tests.integration.payment.bookings import Booked, Bookings
from tests.integration.payment.paying import pay
from tests.integration.payment.records import alter, payments_of, rows, run_jobs
from tests.integration.payment.refunding import cancel, operations_of
from tests.integration.payment.scripted_provider import ScriptedProvider
from tests.integration.payment.standin import KEY, StandIn
from tests.integration.payment.visits import begin_payouts, release

Compare = Callable[[], tuple[int, list[str]]]


@pytest.fixture
def compare(
    settings: PaymentSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Compare:
    """Runs the command as `make reconcile` does: its exit code, and its lines."""
    values = {
        "PROFILE": "test",
        "DATABASE_URL": settings.database_url,
        "AMQP_URI": "pyamqp://nowhere",
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_API_BASE": settings.stripe_api_base,
        "STRIPE_WEBHOOK_SECRET": "whsec_x",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)

    def run() -> tuple[int, list[str]]:
        code = reconcile.main([])
        return code, capsys.readouterr().out.splitlines()

    return run


@pytest.fixture
def refunded(desk: Desk, bookings: Bookings, owner: Engine) -> Booked:
    """105.00 with 5.00 tip, cancelled at 75 %; beside it a booking that is paid, and one refused."""
    booked = bookings.hold()
    pay(desk, booked, "5.00")
    cancel(desk, booked, 75, 7500)
    pay(desk, bookings.hold())
    other = bookings.hold()
    with pytest.raises(ServiceError, match="card_declined"):
        pay_refused(desk, other)
    run_jobs(desk, owner)
    run_jobs(desk, owner)
    return booked


def pay_refused(desk: Desk, booked: Booked) -> None:
    process_payment(desk, booked.request("pm_card_chargeCustomerFail"), booked.customer)


def names(lines: list[str]) -> list[str]:
    return [line.split(": ")[1] for line in lines if line.startswith(("payment ", "numbers: "))]


def test_books_that_agree(refunded: Booked, compare: Compare) -> None:
    """promise D10: paid, refunded in part, refused: no difference."""
    code, lines = compare()
    assert (code, lines[0]) == (0, "3 payments compared, 0 differences (Stripe: stand-in)")


ONE_LESS = (
    "UPDATE payment SET refunded_amount = refunded_amount - 1, "
    "refunded_service_amount = refunded_service_amount - 1 WHERE refunded_amount > 0"
)
ALTERED = [
    (
        "UPDATE ledger_entry SET amount = amount + 1 WHERE account = 'stripe_clearing' AND amount = 10500",
        ["ledger_entry_differs"],
    ),
    (
        "UPDATE ledger_entry SET amount = amount - 1 WHERE id = (SELECT e.id FROM ledger_entry e JOIN "
        "ledger_transaction t ON t.id = e.transaction_id WHERE t.kind = 'refund_sent' AND amount < 0)",
        ["ledger_entry_differs"],
    ),
    (
        "DELETE FROM ledger_entry WHERE id = (SELECT e.id FROM ledger_entry e JOIN ledger_transaction t "
        "ON t.id = e.transaction_id WHERE t.kind = 'commission_returned' AND amount < 0)",
        ["ledger_entry_differs"],
    ),
    (
        "UPDATE refund SET service_amount = service_amount + 1",
        [
            "refunded_amount_differs",
            "refunded_service_amount_differs",
            *["ledger_entry_differs"] * 4,
            "refund_amount_differs",
        ],
    ),
    (
        "UPDATE refund SET provider_refund_id = 're_other'",
        ["refund_missing_at_stripe", "refund_unknown_here"],
    ),
    ("DELETE FROM document WHERE series = 'credit_note'", ["number_series_differs", "credit_note_missing"]),
    (
        "UPDATE number_series SET last = last + 1 WHERE series = 'invoice'",
        ["number_series_differs"],
    ),
    ("UPDATE refund SET status = 'pending'", ["refund_status_differs"]),
    (
        ONE_LESS,
        ["refunded_amount_differs", "refunded_service_amount_differs"],
    ),
    (
        "UPDATE payment SET captured_amount = captured_amount - 1 WHERE refunded_amount > 0",
        ["captured_amount_differs", "captured_amount_differs"],
    ),
    (
        "UPDATE payment SET commission_amount = commission_amount - 1 WHERE refunded_amount > 0",
        ["ledger_entry_differs"] * 4,
    ),
    (
        "UPDATE payment SET state = 'captured', captured_amount = 10000 WHERE state = 'failed_retryable'",
        [*["ledger_entry_differs"] * 6, "invoice_missing", "state_differs", "captured_amount_differs"],
    ),
]


@pytest.mark.parametrize(("statement", "expected"), ALTERED)
def test_what_was_altered_by_hand_is_found(
    statement: str, expected: list[str], refunded: Booked, compare: Compare, owner: Engine
) -> None:
    """promise D10: each difference is named, and the command fails."""
    alter(owner, statement)
    code, lines = compare()
    assert (code, names(lines)) == (1, expected)
    assert any(line.startswith(f"3 payments compared, {len(expected)} differences") for line in lines)


def test_a_payout_that_was_altered_by_hand_is_found(
    desk: Desk, bookings: Bookings, compare: Compare, owner: Engine
) -> None:
    """promise D10: one unit, in one line; two visits are in it, and it is named once."""
    for _ in range(2):
        release(desk, bookings.hold())
    begin_payouts(desk, owner)
    assert rows(owner, "SELECT amount, state FROM payout") == [{"amount": 18000, "state": "paid"}]
    assert compare()[0] == 0
    alter(owner, "UPDATE payout SET amount = amount + 1")
    code, lines = compare()
    assert (code, names(lines)) == (1, ["payout_amount_differs"])


def test_a_refund_made_by_hand_at_stripe_is_found(
    refunded: Booked, compare: Compare, standin: StandIn, owner: Engine
) -> None:
    """promise D10: money that went back and that we don't know of."""
    intent_id = payments_of(owner, refunded.id)[0]["intent_id"]
    requests.post(
        f"{standin.url}/v1/refunds",
        data={"payment_intent": intent_id, "amount": 1},
        auth=(KEY, ""),
        timeout=5,
    ).raise_for_status()
    code, lines = compare()
    assert (code, names(lines)) == (1, ["refund_unknown_here"])


def test_nothing_is_changed(refunded: Booked, compare: Compare, standin: StandIn, owner: Engine) -> None:
    """promise D10: here and at Stripe it only reads."""
    alter(owner, ONE_LESS)
    before, calls = rows(owner, "SELECT * FROM payment ORDER BY id"), standin.calls()
    assert compare()[0] == 1
    assert rows(owner, "SELECT * FROM payment ORDER BY id") == before
    assert standin.calls() == calls


def test_what_the_stand_in_forgot_is_no_difference(refunded: Booked, compare: Compare, owner: Engine) -> None:
    alter(owner, "UPDATE payment SET intent_id = 'pi_of_an_earlier_life' WHERE refunded_amount > 0")
    code, lines = compare()
    said = "3 payments compared, 1 forgotten by the stand-in, 0 differences (Stripe: stand-in)"
    assert (code, lines[0]) == (0, said)


def test_stripe_that_does_not_answer_is_told(refunded: Booked, compare: Compare, standin: StandIn) -> None:
    standin.order_fault(match="GET /v1/payment_intents/{id}", do="error", times=99)
    code, lines = compare()
    assert code == 1
    assert set(names(lines)) == {"stripe_does_not_tell"}


def test_without_a_key_only_our_own_books_are_compared(
    refunded: Booked, compare: Compare, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "")
    alter(owner, ONE_LESS)
    code, lines = compare()
    assert (code, names(lines)) == (1, ["refunded_amount_differs", "refunded_service_amount_differs"])
    assert any(line.endswith("(Stripe was not asked, payments are off)") for line in lines)


def test_settings_that_are_not_clear_are_refused(
    compare: Compare, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "pk_test_1")
    assert reconcile.main([]) == 2
    assert capsys.readouterr().err


@pytest.fixture
def scripted(desk: Desk, gateway: StripeGateway, bookings: Bookings, owner: Engine) -> ScriptedProvider:
    """A provider with application fees; 105.00 with 5.00 tip, 75 % given back, 7.50 of the commission too."""
    provider = ScriptedProvider(gateway)
    fees = replace(desk, provider=provider)
    booked = bookings.hold()
    pay(fees, booked, "5.00")
    cancel(fees, booked, 75, 7500, 500)
    for _ in range(2):
        run_jobs(fees, owner)
    return provider


def test_the_commission_at_stripe_is_compared(desk: Desk, scripted: ScriptedProvider, owner: Engine) -> None:
    """promise D10, rule M10: the application fee and what went back of it, each one unit off, and missing."""

    def found() -> list[str]:
        compared = compare_all(
            desk.transaction, {PaymentProviderName.STRIPE: scripted}, datetime(2026, 1, 1, tzinfo=UTC)
        )
        return [one.name for each in compared for one in each.differences]

    assert found() == []
    fee_id = next(iter(scripted.fees))
    key, (_, refund_id, amount) = next(iter(scripted.fee_refunds.items()))
    assert (scripted.fees[fee_id], amount) == (1000, 750)
    scripted.fees[fee_id] += 1
    assert found() == ["application_fee_differs"]
    scripted.fees[fee_id] -= 1
    scripted.fee_refunds[key] = (fee_id, refund_id, amount + 1)
    assert found() == ["application_fee_returned_differs"]
    scripted.fee_refunds.clear()
    alter(owner, "UPDATE payment_op SET state = 'unknown' WHERE op = 'refund_fee'")
    assert found() == ["commission_return_missing"]
    alter(owner, "UPDATE payment SET application_fee_id = NULL")
    intent_id, seen = next(iter(scripted.intents.items()))
    scripted.intents[intent_id] = replace(seen, application_fee_id=None)
    assert found() == ["commission_return_missing", "application_fee_missing"]


def test_a_commission_whose_job_was_parked_is_brought_back_once(
    desk: Desk, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rule M10: the operator's command; what was done meanwhile is seen and not done again."""
    fees = replace(desk, provider=scripted)
    refund_id = str(rows(owner, "SELECT id FROM refund")[0]["id"])
    for code, is_done in (("timeout", True), ("timeout", False), (SERVER_ERROR, True), (SERVER_ERROR, False)):
        rows(
            owner,
            "UPDATE payment_op SET state = 'unknown', error_code = :code WHERE op = 'refund_fee' RETURNING 1",
            code=code,
        )
        rows(owner, "UPDATE job SET state = 'parked' WHERE kind = 'return_commission' RETURNING 1")
        if not is_done:
            scripted.fee_refunds.clear()
        retry_refund(desk.transaction, refund_id)
        for _ in range(2):
            run_jobs(fees, owner)
        assert [amount for _, _, amount in scripted.fee_refunds.values()] == [750]
    assert [one["state"] for one in operations_of(owner, "refund_fee")] == ["failed", "ok"]
    with pytest.raises(ServiceError, match="refund_not_failed"):
        retry_refund(desk.transaction, refund_id)

"""A refund that the provider's account can't give: blocked, seen, and decided by an administrator."""

from dataclasses import replace
from typing import Any

import pytest
import stripe
from sqlalchemy import Engine

from services.payment.clients.payment_provider import BalanceTooLowError
from services.payment.clients.stripe_errors import translate
from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.settings import Mode
from services.payment.usecases.desk import Desk
from services.payment.usecases.inspect_payments import list_refunds
from services.payment.usecases.reconcile_books import compare_payment
from services.payment.usecases.retry_refund import decide_refund
from shared.contracts import payment as contract
from shared.contracts.declaration import Caller, read, write
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.payment.bookings import Booked, Bookings
from tests.integration.payment.paying import pay
from tests.integration.payment.records import event_names, jobs, rows, run_jobs
from tests.integration.payment.refunding import balances, cancel, operations_of, refunds_of
from tests.integration.payment.scripted_provider import ScriptedProvider, stripe_keeps
from tests.integration.payment.test_administrator_refunds import ADMINISTRATOR
from tests.integration.payment.visits import begin_payouts, release, share_of, with_account


@pytest.fixture
def provider(gateway: StripeGateway) -> ScriptedProvider:
    return ScriptedProvider(gateway)


@pytest.fixture
def scripted(desk: Desk, provider: ScriptedProvider) -> Desk:
    return replace(desk, provider=provider)


@pytest.fixture
def blocked(scripted: Desk, provider: ScriptedProvider, bookings: Bookings, owner: Engine) -> Booked:
    """100.00, cancelled at 75 %, and the provider's account is below zero."""
    booked = bookings.hold()
    pay(scripted, booked)
    provider.gives = False
    cancel(scripted, booked, 75, 7500)
    run_jobs(scripted, owner)
    return booked


def decide(desk: Desk, refund_id: str, *, without_reversal: bool, caller: Caller = ADMINISTRATOR) -> Any:
    request = {
        "refund_id": refund_id,
        "without_reversal": without_reversal,
        "idempotency_key": new_id(),
    }
    answer = decide_refund(desk, read(contract.RETRY_REFUND.request, request), caller)
    write(contract.RETRY_REFUND.answer, answer)
    return answer


def the_refund(desk: Desk) -> dict[str, Any]:
    [found] = list_refunds(desk, read(contract.LIST_REFUNDS.request, {}), ADMINISTRATOR)["refunds"]
    refund: dict[str, Any] = found
    return refund


def test_a_refund_that_the_provider_can_not_give_is_blocked(
    blocked: Booked, scripted: Desk, provider: ScriptedProvider, owner: Engine
) -> None:
    """rule M13: visible, owed as before, sent to nobody, and never tried without a decision."""
    refund = the_refund(scripted)
    assert (refund["state"], refund["failure_code"]) == ("blocked", "balance_insufficient")
    assert jobs(owner)["send_refund"] == "done"
    assert "payment_refunded" not in event_names(owner)
    assert balances(owner, blocked.id)["refunds_payable"] == -7500
    provider.gives = True
    run_jobs(scripted, owner)
    assert provider.seen_refunds == []
    assert compare_payment(scripted.transaction, scripted.providers, refund["payment_id"]).differences == []


def test_a_blocked_refund_is_tried_again(
    blocked: Booked, scripted: Desk, provider: ScriptedProvider, owner: Engine
) -> None:
    """rule M13: the provider's account has the money again; its transfer is reversed after all."""
    provider.gives = True
    assert decide(scripted, the_refund(scripted)["refund_id"], without_reversal=False)["state"] == "due"
    run_jobs(scripted, owner)
    run_jobs(scripted, owner)
    refund = the_refund(scripted)
    assert (refund["state"], refund["attempt"], refund["reverses_transfer"]) == ("succeeded", 2, True)
    assert [one["params"]["reverse_transfer"] for one in operations_of(owner, "refund")] == [True, True]
    assert "provider_receivable" not in balances(owner, blocked.id)
    assert [amount for _, _, amount in provider.fee_refunds.values()] == [750]


def test_the_platform_gives_it_and_the_provider_owes_it(
    blocked: Booked, scripted: Desk, provider: ScriptedProvider, owner: Engine
) -> None:
    """rule M13: no reversal, no commission given to the account; the provider's part is a receivable."""
    refund_id = the_refund(scripted)["refund_id"]
    decided = decide(scripted, refund_id, without_reversal=True)
    assert (decided["reverses_transfer"], decided["provider_bears"]["amount"]) == (False, 6750)
    for _ in range(2):
        run_jobs(scripted, owner)
    assert balances(owner, blocked.id) == {
        "stripe_clearing": 2500 - stripe_keeps(10000),
        "stripe_fees": stripe_keeps(10000),
        "customer_funds": 0,
        "platform_commission": -250,
        "provider_payable": -9000,
        "provider_receivable": 6750,
        "refunds_payable": 0,
    }
    assert [one["params"]["reverse_transfer"] for one in operations_of(owner, "refund")] == [True, False]
    assert operations_of(owner, "refund_fee") == []
    payment_id = the_refund(scripted)["payment_id"]
    assert the_refund(scripted)["state"] == "succeeded"
    assert compare_payment(scripted.transaction, scripted.providers, payment_id).differences == []
    with pytest.raises(ServiceError, match="refund_not_blocked"):
        decide(scripted, refund_id, without_reversal=True)


def test_what_the_platform_lacks_fails_and_is_tried_again_without_the_provider(
    blocked: Booked, scripted: Desk, provider: ScriptedProvider, owner: Engine
) -> None:
    """rules M12 and M13: the decision stays; the receivable is booked once."""
    refund_id = the_refund(scripted)["refund_id"]
    provider.platform_gives = False
    decide(scripted, refund_id, without_reversal=True)
    run_jobs(scripted, owner)
    assert the_refund(scripted)["state"] == "failed"
    provider.platform_gives = True
    decide(scripted, refund_id, without_reversal=False)
    run_jobs(scripted, owner)
    refund = the_refund(scripted)
    assert (refund["state"], refund["attempt"], refund["reverses_transfer"]) == ("succeeded", 3, False)
    assert balances(owner, blocked.id)["provider_receivable"] == 6750


def test_only_a_blocked_refund_may_do_without_the_provider(
    scripted: Desk, bookings: Bookings, owner: Engine
) -> None:
    """rule M13: never silently, never for convenience; and administrators alone decide."""
    booked = bookings.hold()
    payment_id = pay(scripted, booked)["payment_id"]
    cancel(scripted, booked, 100, 10000)
    refund_id = str(refunds_of(owner, payment_id)[0]["id"])
    with pytest.raises(ServiceError, match="refund_not_blocked"):
        decide(scripted, refund_id, without_reversal=True)
    with pytest.raises(ServiceError, match="not_found"):
        decide(scripted, refund_id, without_reversal=False, caller=booked.customer)


@pytest.mark.parametrize("code", ["balance_insufficient", "insufficient_funds"])
def test_stripes_word_for_it(code: str) -> None:
    """rule M13: what Stripe answers when an account has too little (a fixture, not seen at Stripe)."""
    make: Any = stripe.InvalidRequestError
    error = make("Insufficient funds.", None, code=code, http_status=400)
    assert isinstance(translate(error), BalanceTooLowError)


def test_what_a_provider_owes_is_kept_before_the_visit_of_its_own_is_paid(
    blocked: Booked, scripted: Desk, bookings: Bookings, owner: Engine
) -> None:
    """rule M13: another visit's payout nets it, and the share that waits is what it was."""
    decide(scripted, the_refund(scripted)["refund_id"], without_reversal=True)
    run_jobs(scripted, owner)
    payment_id = the_refund(scripted)["payment_id"]
    with_account(owner, bookings.provider_id)
    paying = replace(scripted, mode=Mode.SANDBOX)
    release(paying, bookings.hold())
    begin_payouts(paying, owner)
    payouts = rows(owner, "SELECT state, amount FROM payout")
    assert [(one["state"], one["amount"]) for one in payouts] == [("sent", 9000 - 6750)]
    assert share_of(owner, payment_id)["state"] == "waiting"
    assert balances(owner, blocked.id)["provider_receivable"] == 0
    assert compare_payment(paying.transaction, paying.providers, payment_id).differences == []

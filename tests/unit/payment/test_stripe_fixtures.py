"""The files that stand for what the stand-in does not know have the shape of Stripe's specification."""

import pytest

from deploy.local.standin.proxy.fixtures import FOLDER, read
from services.payment.clients.stripe_connect import observe_account, observe_payout
from services.payment.clients.stripe_disputes import observe_dispute, observe_review, observe_warning
from services.payment.domain.disputes import DisputeStatus
from services.payment.domain.payouts import PayoutState
from shared.money import Money
from tests.fixtures.stripe_specification import shape_problems

KINDS = {
    "account": "account",
    "account_link": "account_link",
    "balance": "balance",
    "balance_transaction": "balance_transaction",
    "dispute": "dispute",
    "early_fraud_warning": "radar.early_fraud_warning",
    "payout": "payout",
    "review": "review",
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_a_fixture_has_stripes_shape(name: str, kind: str) -> None:
    """promise D11: what a test with it shows is our reading, not Stripe's behaviour."""
    assert shape_problems(kind, read(name)) == []
    broken = read(name)
    del broken["object"]
    assert shape_problems(kind, broken)


def test_no_fixture_is_without_a_shape() -> None:
    listed = {"payouts"}
    assert {path.stem for path in FOLDER.glob("*.json")} == set(KINDS) | listed
    assert all(shape_problems("payout", one) == [] for one in read("payouts")["data"])


def test_accounts_and_payouts_are_read() -> None:
    """promise D11: what decides about money, and what is still asked for."""
    account = observe_account(read("account"))
    assert (account.transfers_active, account.payouts_enabled) == (False, False)
    assert account.currently_due == ("external_account", "individual.dob.day")
    statuses = ("pending", "in_transit", "paid", "failed", "canceled")
    states = [observe_payout(read("payout") | {"status": status}).state for status in statuses]
    failed = PayoutState.FAILED
    assert states == [PayoutState.SENT, PayoutState.SENT, PayoutState.PAID, failed, failed]


def test_disputes_are_read() -> None:
    """promise D11: money and its direction by the balance transactions; a new word is none of an end."""
    taken = read("balance_transaction")
    given = taken | {"id": "txn_2", "amount": 10000, "fee": -1500}
    dispute = observe_dispute(read("dispute") | {"balance_transactions": [taken, given]})
    assert [(one.taken.amount, one.fee.amount) for one in dispute.movements] == [
        (10000, 1500),
        (-10000, -1500),
    ]
    assert (dispute.amount, dispute.status) == (Money(10000, "USD"), DisputeStatus.NEEDS_RESPONSE)
    assert observe_dispute(read("dispute") | {"status": "reopened"}).status is DisputeStatus.NEEDS_RESPONSE
    other = taken | {"currency": "eur", "amount": -9100, "fee": 1400}
    exchanged = observe_dispute(read("dispute") | {"balance_transactions": [other]}).movements[0]
    assert (exchanged.taken, exchanged.fee) == (Money(10000, "USD"), Money(1400, "EUR"))


def test_warnings_and_reviews_are_read() -> None:
    assert observe_warning(read("early_fraud_warning")).is_open
    assert not observe_warning(read("early_fraud_warning") | {"actionable": False}).is_open
    assert not observe_review(read("review") | {"open": False}).is_open

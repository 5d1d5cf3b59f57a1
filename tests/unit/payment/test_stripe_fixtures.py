"""The files that stand for what the stand-in does not know have the shape of Stripe's specification."""

import pytest

from deploy.local.standin.proxy.fixtures import FOLDER, read
from services.payment.clients.stripe_connect import observe_account, observe_payout
from services.payment.domain.payouts import PayoutState
from tests.fixtures.stripe_specification import shape_problems

KINDS = {"account": "account", "account_link": "account_link", "payout": "payout", "balance": "balance"}


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

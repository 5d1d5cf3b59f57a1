"""A provider's money, as the gateway hands it on; who may see it is payment's matter."""

from collections.abc import Iterator

import pytest

from shared.contracts import payment
from shared.contracts.declaration import read
from shared.ids import new_id
from tests.contract import payouts
from tests.unit.gateway.door import Door

PROVIDER = new_id()


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("verb", "method"), [("GET", payment.GET_PAYOUT_ACCOUNT), ("POST", payment.OPEN_PAYOUT_ACCOUNT)]
)
def test_the_account_of_a_provider_is_payments_matter(door: Door, verb: str, method: object) -> None:
    """promise D11: for which provider may be left out by those who act for one only."""
    name = getattr(method, "full_name")  # noqa: B009
    door.services.answers[name] = lambda _: payouts.ACCOUNT
    token = door.token(memberships=(PROVIDER,))
    assert door.call(verb, "provider/payout-account").status_code == 401
    answer = door.call(verb, "provider/payout-account", token=token)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.get_json()["data"]["status"] == "pending"
    [asked] = door.services.asked(name)
    assert read(payment.GET_PAYOUT_ACCOUNT.request, asked) == {"provider_id": PROVIDER}


def test_webhooks_of_accounts_have_an_endpoint_of_their_own(door: Door) -> None:
    """rule W11: payment hears which it was, for each has its own secrets."""
    door.services.answers["payment.receive_webhook"] = lambda _: {"duplicate": False}
    for path in ("customer/payments/webhook", "customer/payments/webhook/connect"):
        answer = door.call("POST", path, data=b"{}", headers={"Stripe-Signature": "t=1,v1=0"})
        assert answer.status_code == 200
    asked = door.services.asked("payment.receive_webhook")
    assert [one["of_accounts"] for one in asked] == [False, True]

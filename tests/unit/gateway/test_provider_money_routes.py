"""A provider's money, as the gateway hands it on; who may see it is payment's matter."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from shared.contracts import payment
from shared.contracts.declaration import read
from shared.errors import unavailable
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


PERIOD = "from=2027-01-01&to=2027-01-31"


def test_a_long_file_comes_in_parts(door: Door) -> None:
    """promise F2: asked for until there is no more, for the same provider and days."""
    covered = payouts.COVERED
    parts = {None: ("a,b\r\n", "more"), "more": ("1,2\r\n", None)}

    def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
        text, following = parts[asked["cursor"]]
        return covered | {"csv": text, "next": following}

    door.services.answers["payment.get_statement_csv"] = answer
    token = door.token(memberships=(PROVIDER,))
    found = door.call("GET", f"provider/statements.csv?{PERIOD}", token=token)
    assert (found.status_code, found.get_data(as_text=True)) == (200, "a,b\r\n1,2\r\n")
    assert found.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "statement-2027-01-01-2027-01-31-USD.csv" in found.headers["Content-Disposition"]
    asked = door.services.asked("payment.get_statement_csv")
    assert [one["cursor"] for one in asked] == [None, "more"]
    assert {one["provider_id"] for one in asked} == {PROVIDER}


def test_earnings_and_statements_are_payments_matter(door: Door) -> None:
    """promise F2: amounts are decimal numbers in major units."""
    door.services.answers["payment.get_earnings"] = lambda _: payouts.EARNINGS
    door.services.answers["payment.get_statement"] = lambda _: payouts.STATEMENT
    token = door.token(memberships=(PROVIDER,))
    earnings = door.call("GET", "provider/earnings", token=token)
    assert b'"due":{"amount":95.00,"currency":"USD"}' in earnings.data
    listed = door.call("GET", f"provider/statements?{PERIOD}&limit=5", token=token)
    assert (listed.status_code, listed.get_json()["page"]) == (200, {"limit": 5, "next": None})
    [asked] = door.services.asked("payment.get_statement")
    assert (asked["from_date"], asked["to_date"], asked["limit"]) == ("2027-01-01", "2027-01-31", 5)
    assert (
        door.call("GET", "provider/statements?from=yesterday&to=2027-01-31", token=token).status_code == 422
    )


def test_a_statement_as_pdf(door: Door) -> None:
    """promise F2: with the provider's name, or without it while the catalogue is away."""

    def away(_: Mapping[str, Any]) -> dict[str, Any]:
        raise unavailable()

    door.services.answers["search.get_provider"] = away
    door.services.answers["payment.get_statement_pdf"] = lambda _: {"pdf_base64": "JVBERg==", "number": None}
    token = door.token(memberships=(PROVIDER,))
    found = door.call("GET", f"provider/statements.pdf?{PERIOD}", token=token)
    assert (found.status_code, found.data, found.headers["Content-Type"]) == (200, b"%PDF", "application/pdf")

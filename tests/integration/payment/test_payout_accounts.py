"""Providers' accounts: opened once, kept as Stripe says they are, and deciding who is payable."""

import base64
import json
import time
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
import stripe
from sqlalchemy import Engine

from services.payment.clients.stripe_gateway import StripeGateway, stripe_client
from services.payment.clients.stripe_webhooks import WebhookReader
from services.payment.domain.payouts import PayoutState
from services.payment.settings import Mode, PaymentSettings
from services.payment.usecases.desk import Desk
from services.payment.usecases.payout_accounts import get_payout_account, open_payout_account
from services.payment.usecases.webhooks import receive_webhook
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.paying import pay
from tests.integration.payment.records import rows, run_jobs
from tests.integration.payment.scripted_provider import ScriptedProvider
from tests.integration.payment.standin import SECRET, StandIn
from tests.integration.payment.visits import begin_payouts, lesser_members, owner_caller, release

OF_ACCOUNTS = "whsec_of_accounts"


@pytest.fixture
def connected(desk: Desk, scripted: ScriptedProvider) -> Desk:
    return with_accounts(replace(desk, provider=scripted))


def with_accounts(desk: Desk) -> Desk:
    """A desk as it is with a key of Stripe's: a country, a page to come back to, a second endpoint."""
    return replace(
        desk,
        mode=Mode.SANDBOX,
        platform_country="US",
        onboarding_url="https://care.example/provider",
        read_account_webhook=WebhookReader((OF_ACCOUNTS,), Mode.SANDBOX, of_accounts=True),
    )


def account_of(owner: Engine) -> dict[str, Any]:
    return rows(owner, "SELECT * FROM provider_account")[0]


def hear(
    desk: Desk, kind: str, account: str | None, object_id: str = "acct_1", secret: str = OF_ACCOUNTS
) -> bool:
    """A webhook at the endpoint for accounts; whether it had been there before."""
    event = {
        "id": f"evt_{new_id()}",
        "object": "event",
        "type": kind,
        "livemode": False,
        "created": int(time.time()),
        "account": account,
        "data": {"object": {"id": object_id}},
    }
    body = json.dumps(event).encode()
    signature = str(stripe.WebhookSignature.generate_signature_header(body.decode(), secret))
    answer = receive_webhook(desk, base64.b64encode(body).decode(), signature, of_accounts=True)
    return bool(answer["duplicate"])


def test_an_account_is_opened_once_and_its_owner_sent_to_stripe(
    connected: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """promise D11: each call has a link of its own; the account stays."""
    caller = owner_caller(bookings.provider_id)
    assert get_payout_account(connected, bookings.provider_id, caller)["status"] == "none"
    first = open_payout_account(connected, bookings.provider_id, caller)
    second = open_payout_account(connected, bookings.provider_id, caller)
    assert len(scripted.connect.accounts) == len(scripted.connect.sent) == 1
    assert first["onboarding_url"] != second["onboarding_url"]
    assert (first["status"], first["currently_due"]) == ("pending", ["external_account"])
    account, returned, expired = scripted.connect.links[0]
    assert account == account_of(owner)["account_id"]
    assert returned != expired
    assert returned.startswith("https://care.example/provider?")
    shown = get_payout_account(connected, bookings.provider_id, caller)
    assert (shown["status"], shown["onboarding_url"]) == ("pending", None)


def test_an_answer_that_is_lost_opens_no_second_account(
    connected: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rule W7: the repeat has the same key."""
    scripted.connect.answers = False
    with pytest.raises(ServiceError, match="unavailable"):
        open_payout_account(connected, bookings.provider_id, owner_caller(bookings.provider_id))
    scripted.connect.answers = True
    open_payout_account(connected, bookings.provider_id, owner_caller(bookings.provider_id))
    assert len(set(scripted.connect.sent)) == len(scripted.connect.accounts) == 1


def test_nobody_else_sees_or_opens_it(
    connected: Desk, bookings: Bookings, scripted: ScriptedProvider
) -> None:
    """promise H2, rule B11: its owners, and administrators. Whoever has Stripe's page may name a bank
    account of their own: the staff never get it."""
    stranger = owner_caller(new_id())
    for ask in (get_payout_account, open_payout_account):
        with pytest.raises(ServiceError, match="not_found"):
            ask(connected, bookings.provider_id, stranger)
        for member in lesser_members(bookings.provider_id):
            with pytest.raises(ServiceError, match="forbidden"):
                ask(connected, bookings.provider_id, member)
    assert scripted.connect.sent == []


def test_a_provider_of_another_region_is_refused(
    connected: Desk, bookings: Bookings, scripted: ScriptedProvider
) -> None:
    """promise D11: a charge can't be divided with an account there; nothing is opened."""
    german, nowhere = (replace(connected, platform_country=country) for country in ("DE", ""))
    with pytest.raises(ServiceError, match="payout_country_not_supported"):
        open_payout_account(german, bookings.provider_id, owner_caller(bookings.provider_id))
    with pytest.raises(ServiceError, match="payments_not_configured"):
        open_payout_account(nowhere, bookings.provider_id, owner_caller(bookings.provider_id))
    assert scripted.connect.sent == []


def test_payability_follows_what_stripe_says_of_the_account(
    connected: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """promise D11, rule M21: payable while transfers are active, and not any more after that."""
    opened = bookings.hold()
    with pytest.raises(ServiceError, match="provider_not_payable"):
        pay(connected, opened)
    open_payout_account(connected, bookings.provider_id, owner_caller(bookings.provider_id))
    with pytest.raises(ServiceError, match="provider_not_payable"):
        pay(connected, opened)
    account_id = account_of(owner)["account_id"]
    scripted.connect.verify(account_id)
    hear(connected, "account.updated", account_id)
    run_jobs(connected, owner)
    assert pay(connected, opened)["status"] == "succeeded"
    scripted.connect.verify(account_id, active=False)
    hear(connected, "capability.updated", account_id)
    run_jobs(connected, owner)
    shown = get_payout_account(connected, bookings.provider_id, owner_caller(bookings.provider_id))
    assert (shown["status"], shown["disabled_reason"]) == ("restricted", "rejected.other")
    with pytest.raises(ServiceError, match="provider_not_payable"):
        pay(connected, bookings.hold())


def test_an_account_that_was_taken_away_is_closed(
    connected: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """promise D11: it can't be looked at any more; the event is enough."""
    open_payout_account(connected, bookings.provider_id, owner_caller(bookings.provider_id))
    account_id = account_of(owner)["account_id"]
    scripted.connect.verify(account_id)
    hear(connected, "account.updated", account_id)
    run_jobs(connected, owner)
    scripted.connect.accounts.clear()
    hear(connected, "account.application.deauthorized", account_id)
    run_jobs(connected, owner)
    assert (account_of(owner)["transfers_active"], account_of(owner)["payouts_enabled"]) == (False, False)


def test_a_webhook_moves_a_payout(
    connected: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """promise D11: what it says is looked at; one that nobody knows is told and left alone."""
    open_payout_account(connected, bookings.provider_id, owner_caller(bookings.provider_id))
    account_id = account_of(owner)["account_id"]
    scripted.connect.verify(account_id)
    open_payout_account(connected, bookings.provider_id, owner_caller(bookings.provider_id))
    release(connected, bookings.hold())
    begin_payouts(connected, owner)
    reference = rows(owner, "SELECT provider_payout_id AS id FROM payout")[0]["id"]
    scripted.connect.say(PayoutState.PAID)
    hear(connected, "payout.paid", account_id, reference)
    run_jobs(connected, owner)
    assert rows(owner, "SELECT state FROM payout") == [{"state": "paid"}]
    other = replace(scripted.connect.payouts[reference][1], provider_payout_id="po_other", our_id=None)
    scripted.connect.payouts["po_other"] = (account_id, other)
    hear(connected, "payout.paid", account_id, "po_other")
    run_jobs(connected, owner)
    outcomes = rows(owner, "SELECT DISTINCT outcome FROM webhook_event")
    assert outcomes == [{"outcome": "worked"}]


@pytest.mark.parametrize(
    ("account", "secret"), [(None, OF_ACCOUNTS), ("acct_1", SECRET), ("acct_1", "whsec_wrong")]
)
def test_a_webhook_of_the_other_endpoint_is_refused(
    account: str | None, secret: str, connected: Desk, owner: Engine
) -> None:
    """rule W11: an event of an account, signed with the secret of that endpoint, or none."""
    with pytest.raises(ServiceError, match="signature_invalid"):
        hear(connected, "account.updated", account, secret=secret)
    assert rows(owner, "SELECT 1 FROM webhook_event") == []


def test_without_secrets_no_webhook_of_an_account_is_genuine(desk: Desk) -> None:
    """rule W11."""
    with pytest.raises(ServiceError, match="signature_invalid"):
        hear(desk, "account.updated", "acct_1")


def test_the_stand_in_opens_nothing_and_says_so(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """promise D11: its providers are payable without; no account is invented."""
    shown = open_payout_account(desk, bookings.provider_id, owner_caller(bookings.provider_id))
    assert (shown["status"], shown["simulated"], shown["onboarding_url"]) == ("active", True, None)
    assert account_of(owner)["account_id"] is None


def test_stripes_own_library_understands_the_answers(
    desk: Desk,
    settings: PaymentSettings,
    bookings: Bookings,
    standin: StandIn,
    owner: Engine,
    scripted: ScriptedProvider,
) -> None:
    """promise D11, by fixture: what leaves and what is read, over HTTP, in the specification's shape."""
    real = StripeGateway(stripe_client(settings), Mode.SANDBOX, nullcontext)
    provider = bookings.provider_id
    active = {
        "capabilities": {"transfers": "active"},
        "payouts_enabled": True,
        "details_submitted": True,
        "requirements": None,
    }
    standin.order_fixtures(
        create_account={"file": "account"},
        account={"file": "account", "with": active},
        account_link={"file": "account_link"},
    )
    shown = open_payout_account(
        with_accounts(replace(desk, provider=real)), provider, owner_caller(bookings.provider_id)
    )
    assert (shown["status"], shown["is_paid_out"]) == ("active", True)
    assert shown["onboarding_url"] == "https://connect.stripe.com/setup/e/acct_fixture/once"
    assert account_of(owner)["account_id"] == "acct_fixture"
    release(replace(desk, provider=scripted, mode=Mode.SANDBOX), bookings.hold())
    paying = replace(desk, provider=real, mode=Mode.SANDBOX)
    standin.order_fixtures(balance={"file": "balance"}, payout={"file": "payout"})
    begin_payouts(paying, owner)
    assert rows(owner, "SELECT state, provider_payout_id FROM payout") == [
        {"state": "sent", "provider_payout_id": "po_fixture"}
    ]
    assert standin.calls()["POST /v1/payouts"] == 1

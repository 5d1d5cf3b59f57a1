"""What providers see of their money: every fact once, in order, adding up, each with its booking."""

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.disputes import DisputeStatus
from services.payment.domain.payouts import PayoutState
from services.payment.settings import Mode
from services.payment.store import statements
from services.payment.usecases import read_statements
from services.payment.usecases.desk import Desk
from services.payment.usecases.read_statements import get_earnings, get_statement, get_statement_csv
from services.payment.usecases.refunds_due import refund_part
from shared.contracts import payment as contract
from shared.contracts.declaration import Caller, write
from shared.errors import ServiceError
from shared.ids import new_id
from shared.money import Money
from tests.integration.payment.bookings import NEAR, Booked, Bookings
from tests.integration.payment.disputing import disputed, say
from tests.integration.payment.paying import pay
from tests.integration.payment.records import rows, run_jobs
from tests.integration.payment.refunding import cancel
from tests.integration.payment.scripted_provider import ScriptedProvider
from tests.integration.payment.visits import (
    begin_payouts,
    lesser_members,
    look_at_payouts,
    owner_caller,
    release,
    with_account,
)

TODAY = datetime.now(UTC).date()
PERIOD = {
    "from_date": str(TODAY - timedelta(days=1)),
    "to_date": str(TODAY + timedelta(days=1)),
    "currency": None,
}


@pytest.fixture
def caller(bookings: Bookings) -> Caller:
    return owner_caller(bookings.provider_id)


@pytest.fixture
def paid_out(desk: Desk, gateway: StripeGateway, bookings: Bookings, owner: Engine) -> list[Booked]:
    """105.00 paid out and then refunded by 10.00; 100.00 whose payout failed; 50.00 that waits."""
    provider = ScriptedProvider(gateway)
    paying = replace(desk, provider=provider, mode=Mode.SANDBOX)
    with_account(owner, bookings.provider_id)
    first, second, third = bookings.hold(), bookings.hold(), bookings.hold(5000)
    paid = release(paying, first, "5.00")
    begin_payouts(paying, owner)
    provider.connect.say(PayoutState.PAID)
    look_at_payouts(paying, owner)
    refund_part(paying, paid["payment_id"], Money(1000, "USD"), Money(0, "USD"), "part")
    run_jobs(paying, owner)
    release(paying, second)
    begin_payouts(paying, owner)
    provider.connect.say(PayoutState.FAILED, only_the_last=True)
    look_at_payouts(paying, owner)
    pay(paying, third)
    return [first, second, third]


def test_earnings_say_where_the_money_stands(
    desk: Desk, paid_out: list[Booked], bookings: Bookings, caller: Caller
) -> None:
    """promise F2: from the ledger and the payouts alone."""
    answer = get_earnings(desk, bookings.provider_id, caller)
    write(contract.GET_EARNINGS.answer, answer)
    [found] = answer["earnings"]
    amounts = {name: money["amount"] for name, money in found.items()}
    assert amounts == {"waiting": 4500, "due": 9000, "receivable": 900, "in_transit": 0, "paid_out": 9500}


def test_a_statement_has_every_fact_with_its_visit(
    desk: Desk, paid_out: list[Booked], bookings: Bookings, caller: Caller
) -> None:
    """promise F2: what only moves between the provider's own accounts is no line; the rest adds up."""
    request = PERIOD | {"provider_id": bookings.provider_id, "limit": 100, "cursor": None}
    answer = get_statement(desk, request, caller)
    write(contract.GET_STATEMENT.answer, answer)
    first, second, third = (booked.id for booked in paid_out)
    lines = [(one["kind"], one["booking_id"], one["amount"]["amount"]) for one in answer["lines"]]
    assert Counter(lines) == Counter(
        [
            ("earned", first, 9500),
            ("paid_out", first, -9500),
            ("refunded", first, -1000),
            ("commission_returned", first, 100),
            ("earned", second, 9000),
            ("paid_out", first, 900),
            ("paid_out", second, -9000),
            ("payout_failed", first, -900),
            ("payout_failed", second, 9000),
            ("earned", third, 4500),
        ]
    )
    earned = answer["lines"][0]
    parts = [earned[name]["amount"] for name in ("service", "tip", "commission")]
    assert parts == [10000, 500, -1000]
    balance = 0
    for line in answer["lines"]:
        balance += line["amount"]["amount"]
        assert line["balance"]["amount"] == balance
        assert (line["payout_id"] is not None) is line["kind"].startswith("pa")
    closing = answer["closing_balance"]["amount"]
    assert (answer["opening_balance"]["amount"], closing, balance) == (0, 12600, 12600)


def test_of_a_hold_it_has_what_was_taken(
    desk: Desk, bookings: Bookings, caller: Caller, owner: Engine
) -> None:
    """promise F2, rule M7: a late cancellation takes a part of the hold, the line has no more."""
    booked = bookings.hold(ahead=NEAR)
    pay(desk, booked, "5.00")
    cancel(desk, booked, 75, 7500, 500)
    run_jobs(desk, owner)
    request = PERIOD | {"provider_id": bookings.provider_id, "limit": 100, "cursor": None}
    [line] = get_statement(desk, request, caller)["lines"]
    parts = [line[name]["amount"] for name in ("service", "tip", "commission", "amount")]
    assert parts == [2500, 0, -250, 2250]


def test_what_a_bank_gave_instead_of_a_refund_adds_up(
    desk: Desk, bookings: Bookings, caller: Caller, owner: Engine, gateway: StripeGateway
) -> None:
    """promise F2, rule M14: a refund that is owed no more is taken back from the sum of refunds."""
    provider = ScriptedProvider(gateway)
    paying, booked = replace(desk, provider=provider), bookings.hold()
    paid = pay(paying, booked)
    dispute_id = disputed(paying, owner, provider, paid["payment_id"], 10000)
    cancel(paying, booked, 100, 10000)
    say(paying, owner, provider, dispute_id, DisputeStatus.LOST)
    request = PERIOD | {"provider_id": bookings.provider_id, "limit": 100, "cursor": None}
    answer = get_statement(desk, request, caller)
    lines = [(one["kind"], one["amount"]["amount"]) for one in answer["lines"]]
    refunded = [("refunded", -10000), ("commission_returned", 1000), ("refunded", 9000)]
    assert sorted(lines) == sorted([("earned", 9000), *refunded, ("disputed", -9000)])
    assert all(
        one["service"]["amount"] + one["commission"]["amount"] in (0, one["amount"]["amount"])
        for one in answer["lines"]
    )
    sums = sum(answer[kind.value]["amount"] for kind in read_statements.SUMMED)
    assert (sums, answer["closing_balance"]["amount"]) == (0, 0)


def test_a_statement_is_of_one_moment(
    desk: Desk, bookings: Bookings, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """promise F2: what is posted while it is read is in all of it or in nothing."""
    pay(desk, bookings.hold())
    read_sums = statements.sums

    def after_another_payment(*asked: Any) -> dict[Any, int]:
        pay(desk, bookings.hold(5000))
        return read_sums(*asked)

    monkeypatch.setattr(statements, "sums", after_another_payment)
    request = PERIOD | {"provider_id": bookings.provider_id, "limit": 100, "cursor": None}
    answer = get_statement(desk, request, caller)
    assert (answer["earned"], answer["closing_balance"]) == (answer["lines"][-1]["balance"],) * 2


def read_csv(desk: Desk, request: dict[str, Any], caller: Caller) -> list[dict[str, str]]:
    """As the gateway asks for it, part by part."""
    text, cursor = "", None
    while True:
        part = get_statement_csv(desk, request | {"cursor": cursor}, caller)
        write(contract.GET_STATEMENT_CSV.answer, part)
        text, cursor = text + part["csv"], part["next"]
        if cursor is None:
            return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_file_is_the_same_whatever_its_parts(
    desk: Desk,
    paid_out: list[Booked],
    bookings: Bookings,
    caller: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """promise F2: no line is lost or doubled where a part ends; pages of the list neither."""
    request = PERIOD | {"provider_id": bookings.provider_id}
    whole = read_csv(desk, request, caller)
    monkeypatch.setattr(read_statements, "CSV_LINES", 3)
    assert read_csv(desk, request, caller) == whole
    assert (len(whole), whole[0]["amount"], whole[-1]["balance"]) == (10, "95.00", "126.00")
    listed: list[dict[str, Any]] = []
    cursor = None
    while True:
        answer = get_statement(desk, request | {"limit": 3, "cursor": cursor}, caller)
        listed += answer["lines"]
        cursor = answer["next"]
        if cursor is None:
            break
    assert [one["booking_id"] for one in listed] == [one["booking_id"] for one in whole]
    assert [str(Money.from_wire(one["balance"]).decimal()) for one in listed] == [
        one["balance"] for one in whole
    ]


def test_days_are_the_providers_own(desk: Desk, bookings: Bookings, caller: Caller, owner: Engine) -> None:
    """promise F2: the provider is in New York; midnight there decides."""
    pay(desk, bookings.hold())
    for table in ("ledger_transaction", "ledger_entry"):
        rows(owner, f"UPDATE {table} SET posted_at = '2026-03-02 04:30Z' RETURNING 1")
    days = {"provider_id": bookings.provider_id, "currency": "USD", "limit": 20, "cursor": None}
    first = get_statement(desk, days | {"from_date": "2026-03-01", "to_date": "2026-03-01"}, caller)
    second = get_statement(desk, days | {"from_date": "2026-03-02", "to_date": "2026-03-02"}, caller)
    assert (len(first["lines"]), len(second["lines"])) == (1, 0)
    assert second["opening_balance"]["amount"] == second["closing_balance"]["amount"] == 9000


def test_nobody_else_sees_it(desk: Desk, bookings: Bookings) -> None:
    """promise H2, rule B11: what a provider earns its owners see, and administrators; its staff do not."""
    request = PERIOD | {"provider_id": bookings.provider_id, "limit": 20, "cursor": None}
    for code, callers in (
        ("not_found", [owner_caller(new_id())]),
        ("forbidden", lesser_members(bookings.provider_id)),
    ):
        for someone in callers:
            with pytest.raises(ServiceError, match=code):
                get_earnings(desk, bookings.provider_id, someone)
            for ask in (get_statement, get_statement_csv):
                with pytest.raises(ServiceError, match=code):
                    ask(desk, request, someone)


@pytest.mark.parametrize(
    "wrong",
    [
        {"from_date": "2026-02-30"},
        {"to_date": "2025-01-01"},
        {"from_date": "2024-01-01"},
        {"from_date": "9999-12-31", "to_date": "9999-12-31"},
        {"from_date": "0001-01-01", "to_date": "0001-01-01"},
        {"currency": None},
    ],
)
def test_a_period_that_is_none_is_refused(
    wrong: dict[str, Any], desk: Desk, bookings: Bookings, caller: Caller
) -> None:
    request = PERIOD | {"provider_id": bookings.provider_id, "currency": "USD", "limit": 20, "cursor": None}
    with pytest.raises(ServiceError, match="validation_failed"):
        get_statement(desk, request | wrong, caller)

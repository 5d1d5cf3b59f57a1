"""New rules on past payments: equal to the unit to computing each by hand."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from services.payment import what_if as command
from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.usecases import what_if
from services.payment.usecases.desk import Desk
from services.payment.usecases.refunds_due import refund_part
from shared.contracts.declaration import Caller, read, write
from shared.contracts.payment_books import PREVIEW_COMMISSION_RULES
from shared.errors import ServiceError
from shared.ids import new_id
from shared.money import Money
from tests.integration.payment.bookings import NEAR, TOO_FAR_TO_HOLD
from tests.integration.payment.lives.life import Step, begin, go
from tests.integration.payment.lives.written import HELD_LIFE, PLAIN_LIFE, TIPPED_LIFE, TWICE_LIFE
from tests.integration.payment.records import rows
from tests.integration.payment.ruling import ADMIN, Market, line

PRICES = ((10001, "USD", "massage"), (4999, "USD", "nursing"), (12350, "KWD", "massage"), (333, "JPY", None))
STEPS = {"KWD": 10}


@pytest.fixture
def market(desk: Desk, owner: Engine, gateway: StripeGateway) -> Market:
    made = Market(desk, owner, gateway)
    for number, (amount, currency, category) in enumerate(PRICES * 2):
        payment = made.paid(category, amount, currency, tip="5")
        if number % 2:
            unit = STEPS.get(currency, 1)
            service = Money(amount // 3 // unit * unit, currency)
            refund_part(made.desk, str(payment["id"]), service, Money(0, currency), "part")
    return made


def _asked(*lines: Any, default: str = "0.13") -> dict[str, Any]:
    today = datetime.now(UTC).date()
    request = {
        "from_date": (today - timedelta(days=1)).isoformat(),
        "to_date": (today + timedelta(days=1)).isoformat(),
        "default_rate": default,
        "lines": list(lines),
    }
    return read(PREVIEW_COMMISSION_RULES.request, request)


def _rounded(exact: Decimal, currency: str) -> int:
    unit = STEPS.get(currency, 1)
    return int((exact / unit).quantize(Decimal(1), ROUND_HALF_UP)) * unit


def _by_hand(owner: Engine, rates: dict[str | None, str]) -> dict[tuple[str | None, str], tuple[int, int]]:
    """(category, currency) -> kept and would have kept, from the rows by other means."""
    found: defaultdict[tuple[str | None, str], list[int]] = defaultdict(lambda: [0, 0])
    for one in rows(owner, "SELECT * FROM payment"):
        refunds = rows(owner, "SELECT * FROM refund WHERE payment_id = :id", id=one["id"])
        gone = sum(refund["service_amount"] for refund in refunds)
        returned = sum(refund["commission_returned"] for refund in refunds)
        new = _rounded(one["service_amount"] * Decimal(rates[one["category"]]), one["currency"])
        back = _rounded(Decimal(new) * gone / one["service_amount"], one["currency"])
        sums = found[one["category"], one["currency"]]
        sums[0] += one["commission_amount"] - returned
        sums[1] += new - back
    return {key: (kept, by_terms) for key, (kept, by_terms) in found.items()}


def test_the_differences_are_those_of_a_recomputation(market: Market, owner: Engine) -> None:
    """promise D9: by provider and category, and in total per currency, with refunds, to the unit."""
    request = _asked(line("0.07", category="massage"), line("0.02", new_id()))
    answer = what_if.preview(market.desk, request, ADMIN)
    write(PREVIEW_COMMISSION_RULES.answer, answer)
    expected = _by_hand(owner, {"massage": "0.07", "nursing": "0.13", None: "0.13"})
    found = {
        (one["category"], one["commission"]["currency"]): (
            one["commission"]["amount"],
            one["commission_by_terms"]["amount"],
        )
        for one in answer["differences"]
    }
    assert found == expected
    assert {one["provider_id"] for one in answer["differences"]} == {market.bookings.provider_id}
    for total in answer["totals"]:
        currency = total["difference"]["currency"]
        parts = [new - old for (_, of), (old, new) in expected.items() if of == currency]
        assert total["difference"]["amount"] == sum(parts)
    assert sum(one["payments"] for one in answer["totals"]) == len(PRICES) * 2


def test_the_rules_that_were_valid_make_no_difference(market: Market) -> None:
    answer = what_if.preview(market.desk, _asked(default="0.10"), ADMIN)
    assert {one["difference"]["amount"] for one in answer["differences"]} == {0}


@pytest.mark.parametrize(
    ("steps", "ahead", "paid_for"),
    [(PLAIN_LIFE, TOO_FAR_TO_HOLD, 2), (TIPPED_LIFE, NEAR, 1), (TWICE_LIFE, NEAR, 1), (HELD_LIFE, NEAR, 1)],
)
def test_they_make_none_whatever_has_become_of_the_money(
    steps: list[Step], ahead: timedelta, paid_for: int, desk: Desk, owner: Engine, gateway: StripeGateway
) -> None:
    """promise D9: what a bank kept counts as gone, a refund that it covered does not; a tip is no booking."""
    life = begin(desk, owner, gateway, "USD", ahead)
    go(life, steps)
    [total] = what_if.preview(life.desk, _asked(default="0.10"), ADMIN)["totals"]
    assert (total["payments"], total["difference"]["amount"]) == (paid_for, 0)


def test_tiers_are_tried_by_the_months_of_then(market: Market, owner: Engine) -> None:
    """promise D9: who had two bookings in the month before a quote has the tier of two."""
    now = datetime.now(UTC)
    for payment in rows(owner, "SELECT id FROM payment WHERE currency = 'JPY'"):
        market.move(payment, now.replace(day=1) - timedelta(days=3))
    answer = what_if.preview(market.desk, _asked(line("0.07", bookings=2), default="0.10"), ADMIN)
    by_currency = {one["difference"]["currency"]: one for one in answer["totals"]}
    assert by_currency["USD"]["difference"]["amount"] < 0
    stricter = what_if.preview(market.desk, _asked(line("0.07", bookings=3), default="0.10"), ADMIN)
    assert {one["difference"]["amount"] for one in stricter["totals"]} == {0}


def test_what_was_captured_on_other_days_is_left_out(market: Market) -> None:
    request = _asked() | {"from_date": "2026-01-01", "to_date": "2026-01-31"}
    assert what_if.preview(market.desk, request, ADMIN)["totals"] == []


def test_too_many_payments_are_for_the_command(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(what_if, "MOST_PAYMENTS", 7)
    with pytest.raises(ServiceError, match="period_too_long"):
        what_if.preview(market.desk, _asked(), ADMIN)


def test_only_administrators_try_rules(desk: Desk) -> None:
    """rule B11."""
    with pytest.raises(ServiceError, match="not_found"):
        what_if.preview(desk, _asked(), Caller(user_id=new_id(), roles=("customer",)))


def test_the_command_prints_what_the_answer_says(
    market: Market,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """promise D9: `python -m services.payment.what_if`; a file that is none is named."""
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"default_rate": "0.13", "lines": []}), encoding="utf-8")
    for name, value in {"DATABASE_URL": database_url, "AMQP_URI": "amqp://", "PROFILE": "test"}.items():
        monkeypatch.setenv(name, value)
    request = _asked()
    days = ["--from", request["from_date"], "--to", request["to_date"]]
    assert command.main(["--rules", str(file), *days]) == command.EXIT_OK
    totals = [row.split() for row in capsys.readouterr().out.splitlines() if row.startswith("all ")]
    answer = what_if.preview(market.desk, request, ADMIN)
    assert [(one[-1], one[-2]) for one in totals] == [
        (one["difference"]["currency"], str(Money.from_wire(one["difference"]).decimal()))
        for one in answer["totals"]
    ]
    file.write_text(json.dumps({"default_rate": "2", "lines": []}), encoding="utf-8")
    assert command.main(["--rules", str(file), *days]) == command.EXIT_USAGE
    assert "default_rate" in capsys.readouterr().err

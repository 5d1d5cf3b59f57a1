"""Random lives of bookings: after every step the money adds up, and a unit in a wrong place is seen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from services.payment import domain
from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain import capture_postings, refund_postings
from services.payment.domain.postings import Posting, PostingKind
from services.payment.usecases.desk import Desk
from services.payment.usecases.reconcile_books import compare_payment
from tests.integration.payment.bookings import NEAR, TOO_FAR_TO_HOLD
from tests.integration.payment.chaos_checks import violations
from tests.integration.payment.lives.any_step import ANY_STEP
from tests.integration.payment.lives.customers import pay
from tests.integration.payment.lives.life import PRICES, Life, Step, begin, go
from tests.integration.payment.lives.written import (
    COMING_TO_REST,
    ENDING,
    HELD_LIFE,
    PLAIN_LIFE,
    TIPPED_LIFE,
    TWICE_LIFE,
)
from tests.integration.payment.records import rows

POSTED_BY = [
    (kind.value, module)
    for module in (
        import_module(f"services.payment.domain.{found.name}")
        for found in iter_modules(domain.__path__)
        if found.name.endswith("_postings")
    )
    for kind in PostingKind
    if hasattr(module, kind.value)
]
"""The function of each kind of posting is named after it, and stands in a module of postings."""


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
)
@given(
    currency=st.sampled_from(sorted(PRICES)),
    ahead=st.sampled_from([NEAR, TOO_FAR_TO_HOLD]),
    steps=st.lists(ANY_STEP, min_size=3, max_size=14),
)
def test_money_adds_up_in_any_life(
    currency: str, ahead: timedelta, steps: list[Step], desk: Desk, owner: Engine, gateway: StripeGateway
) -> None:
    """promise D10, rules M7, M9, M11, M12, M14, M15 and W2: after every step of any sequence, held or not.
    When all has come to rest, Stripe says the same, and chaos' checks of the ledger find nothing."""
    life = begin(desk, owner, gateway, currency, ahead)
    beginning: list[Step] = [(pay, "paid", "5")] if len(steps) % 2 else []
    go(life, [*beginning, *steps, *ENDING, *COMING_TO_REST])
    assert _differences(life) == []
    assert violations(owner) == []


@pytest.mark.parametrize("currency", sorted(PRICES))
def test_money_adds_up_in_a_written_life(
    currency: str, desk: Desk, owner: Engine, gateway: StripeGateway
) -> None:
    """promise D10: charged, and a tip after what was held; with these every kind of posting was made."""
    posted = set()
    for steps, ahead in ((PLAIN_LIFE, TOO_FAR_TO_HOLD), (TIPPED_LIFE, NEAR)):
        life = begin(desk, owner, gateway, currency, ahead)
        go(life, steps)
        assert violations(owner) == []
        posted |= {row["kind"] for row in rows(owner, "SELECT DISTINCT kind FROM ledger_transaction")}
    assert posted == {kind for kind, _ in POSTED_BY}
    [_, tip] = [one for one in life.payments() if one["captured_amount"]]
    assert 0 < tip["refunded_amount"] < tip["tip_amount"] == tip["captured_amount"]


@pytest.mark.parametrize("currency", sorted(PRICES))
def test_money_adds_up_in_a_held_life(
    currency: str, desk: Desk, owner: Engine, gateway: StripeGateway
) -> None:
    """rules M9 and M15: a part of a hold, once, although no answer came; then a refund of a part of that."""
    life = begin(desk, owner, gateway, currency, NEAR)
    go(life, HELD_LIFE)
    [taken] = life.payments()
    assert 0 < taken["refunded_amount"] < taken["captured_amount"] < PRICES[currency] // 3


@pytest.mark.parametrize("ahead", [NEAR, TOO_FAR_TO_HOLD])
def test_money_adds_up_when_it_comes_twice(
    ahead: timedelta, desk: Desk, owner: Engine, gateway: StripeGateway
) -> None:
    """rule W9: what comes late beside another payment is written, posted, and goes back in full."""
    life = begin(desk, owner, gateway, "USD", ahead)
    go(life, TWICE_LIFE)
    late, paid = life.payments()
    assert (late["paid_twice"], late["state"], late["refunded_amount"]) == (True, "refunded", 10501)
    assert not paid["paid_twice"]
    assert (paid["state"], paid["refunded_amount"]) == ("partially_refunded", 1000)
    assert _differences(life) == violations(owner) == []


def _differences(life: Life) -> list[Any]:
    """What `make reconcile` would name."""
    found = rows(life.owner, "SELECT id FROM payment ORDER BY id")
    compared = (compare_payment(life.desk.transaction, life.desk.providers, str(one["id"])) for one in found)
    return [difference for one in compared for difference in one.differences]


def _one_unit_off(post: Callable[..., Posting]) -> Callable[..., Posting]:
    """The same posting with one unit taken to a wrong account: balanced, and wrong."""

    def wrong(*arguments: Any, **named: Any) -> Posting:
        posting = post(*arguments, **named)
        moves = dict(posting.moves)
        for is_debit in (True, False):
            account = next((one for one, amount in posting.moves if (amount > 0) is is_debit), None)
            if account is not None:
                moves[account] += 1 if is_debit else -1
        return replace(posting, moves=tuple(moves.items()))

    return wrong


@pytest.mark.parametrize(("kind", "module"), POSTED_BY)
def test_one_unit_in_a_wrong_place_is_seen(
    kind: str,
    module: ModuleType,
    desk: Desk,
    owner: Engine,
    gateway: StripeGateway,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """promise D10: the property is no decoration; each posting function is broken once."""
    life = begin(desk, owner, gateway, "USD")
    monkeypatch.setattr(module, kind, _one_unit_off(getattr(module, kind)))
    with pytest.raises(AssertionError, match="accounts"):
        go(life, PLAIN_LIFE)


@pytest.mark.parametrize("kind", ["captured", "commission", "provider_share", "stripe_fee"])
def test_one_unit_in_a_wrong_place_of_a_part_of_a_hold_is_seen(
    kind: str, desk: Desk, owner: Engine, gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """promise D10: of what is taken later and in part, too."""
    life = begin(desk, owner, gateway, "USD", NEAR)
    monkeypatch.setattr(capture_postings, kind, _one_unit_off(getattr(capture_postings, kind)))
    with pytest.raises(AssertionError, match="accounts"):
        go(life, HELD_LIFE)


@pytest.mark.parametrize("kind", ["refund_owed", "commission_returned", "refund_sent"])
def test_one_unit_in_a_wrong_place_of_what_came_twice_is_seen(
    kind: str, desk: Desk, owner: Engine, gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """promise D10: of what goes back although nobody asked, too."""
    life = begin(desk, owner, gateway, "USD")
    monkeypatch.setattr(refund_postings, kind, _one_unit_off(getattr(refund_postings, kind)))
    with pytest.raises(AssertionError, match="accounts"):
        go(life, TWICE_LIFE)

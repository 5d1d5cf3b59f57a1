"""Random lives of bookings: after every step the money adds up, and a unit in a wrong place is seen."""

from datetime import timedelta
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from services.payment import domain
from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.postings import PostingKind
from services.payment.usecases.desk import Desk
from services.payment.usecases.reconcile_books import compare_payment
from tests.integration.payment.bookings import NEAR, TOO_FAR_TO_HOLD
from tests.integration.payment.chaos_checks import violations
from tests.integration.payment.invariants import check_all
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

POSTED = {
    kind.value
    for module in (
        import_module(f"services.payment.domain.{found.name}")
        for found in iter_modules(domain.__path__)
        if found.name.endswith("_postings")
    )
    for kind in PostingKind
    if hasattr(module, kind.value)
}
"""Every kind of posting: its function is named after it, and stands in a module of postings."""
SPOILT = [
    (PLAIN_LIFE, TOO_FAR_TO_HOLD, POSTED),
    (HELD_LIFE, NEAR, {"captured", "commission", "provider_share", "stripe_fee"}),
    (TWICE_LIFE, TOO_FAR_TO_HOLD, {"refund_owed", "commission_returned", "refund_sent"}),
]
"""Lives, and the kinds of posting that each must come through."""
ONE_UNIT_OFF = (
    "UPDATE ledger_entry SET amount = amount + :unit WHERE id = (SELECT min(id::text)::uuid "
    "FROM ledger_entry WHERE transaction_id = :id AND amount {} 0) RETURNING id"
)


@settings(
    max_examples=16,  # long lives: each comes to rest at its end, which takes as long as ten steps
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
)
@given(
    currency=st.sampled_from(sorted(PRICES)),
    ahead=st.sampled_from([NEAR, TOO_FAR_TO_HOLD]),
    steps=st.lists(ANY_STEP, min_size=10, max_size=16),
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
    assert posted == POSTED
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


@pytest.mark.parametrize(("steps", "ahead", "kinds"), SPOILT)
def test_one_unit_in_a_wrong_place_is_seen(
    steps: list[Step],
    ahead: timedelta,
    kinds: set[str],
    desk: Desk,
    owner: Engine,
    gateway: StripeGateway,
) -> None:
    """promise D10: the property is no decoration; each transaction is put wrong right after it was made."""
    life = begin(desk, owner, gateway, "USD", ahead)
    spoilt: dict[str, str] = {}
    for step in steps:
        go(life, [step])
        for made in rows(owner, "SELECT id, kind FROM ledger_transaction"):
            if made["id"] not in spoilt:
                spoilt[made["id"]] = made["kind"]
                _assert_seen(life, made["id"])
    assert kinds <= set(spoilt.values())


def _assert_seen(life: Life, transaction_id: str) -> None:
    """One unit is taken to a wrong account, so that it balances and is wrong; then it is as it was."""
    with life.owner.connect() as connection, connection.begin() as put_back:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for comparison, unit in ((">", 1), ("<", -1)):
            rows(connection, ONE_UNIT_OFF.format(comparison), id=transaction_id, unit=unit)
        with pytest.raises(AssertionError, match="accounts"):
            check_all(connection, life.provider)
        put_back.rollback()

"""The plants of the self-test: each still has its place in the code, and its check knows what it leaves."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.instance import ROOT
from tests.chaos.checks import ALL
from tests.chaos.facts import Facts
from tests.chaos.selftest.edits import Edit, PlaceIsGoneError, plant, weed
from tests.chaos.selftest.plant import Plant
from tests.chaos.selftest.plants import PLANTS
from tests.unit.chaos.harms_of_lives import HARMS_OF_LIVES
from tests.unit.chaos.sound_facts import START, event, exchange, instant, sound_facts

Harm = Callable[[Facts], object]


def _told_before_a_rollback(facts: Facts) -> None:
    facts.events.append(event("booking_held", "booking-7", 1, state="pending", hold_expires_at=instant(9)))


def _done_again(facts: Facts) -> None:
    other = {"data": {"bookingId": "booking-2", "version": 1, "state": "pending"}}
    body = facts.exchanges[0].body
    facts.exchanges.append(
        exchange(30, "create", "customer/bookings", "0-1-hold", 201, body=body, answer=other)
    )


def _refunded_without_its_tip(facts: Facts) -> None:
    facts.rows["payment.payment"][1].update(tip_amount=500, captured_amount=10500)


def _rounded_for_each_refund(facts: Facts) -> None:
    """0.04 and 0.04 and the rest of 100.00, each rounded by itself."""
    refunds = facts.rows["payment.refund"]
    refunds[0].update(service_amount=9992, commission_returned=999)
    refunds += [
        refunds[0] | {"id": f"refund-{n}", "service_amount": 4, "commission_returned": 0} for n in (3, 4)
    ]


LEFT_BEHIND: dict[str, Harm] = {
    "publish-before-commit": _told_before_a_rollback,
    "inbox-off": lambda facts: facts.rows["notify.notification"].append(
        dict(facts.rows["notify.notification"][0])
    ),
    "constraint-replaced": lambda facts: facts.rows["booking.allocation"].append(
        facts.rows["booking.allocation"][0] | {"booking_id": "booking-2"}
    ),
    "key-ignored": _done_again,
    "relay-by-id": lambda facts: facts.rows.update(
        {"booking.outbox": [{"id": "lower", "committed": START + 9}]}
    ),
    "tip-forgotten": _refunded_without_its_tip,
    "refund-by-refund": _rounded_for_each_refund,
    "cache-filled-late": lambda facts: facts.answers.append(
        {"what": "free times", "cached": {"slots": ["10:00"]}, "owner": {"slots": []}}
    ),
    "line-forgotten": HARMS_OF_LIVES["lines.nobody_in_line_is_forgotten"],
    "moved-in-two-steps": lambda facts: facts.rows["booking.allocation"].clear(),
}
"""What each plant leaves in the facts of a run."""


@pytest.mark.parametrize("name", PLANTS)
def test_the_check_that_is_named_for_a_plant_finds_what_it_leaves(name: str) -> None:
    """promises B7 and C2, rules C13, C16, C17 and M8: silent before, and not after."""
    facts, check = sound_facts(), ALL[PLANTS[name].check]
    assert not check(facts)
    LEFT_BEHIND[name](facts)
    assert check(facts)


@pytest.mark.parametrize("name", PLANTS)
def test_a_plant_still_has_its_place_in_the_code(name: str, tmp_path: Path) -> None:
    """rules C13, C16 and C17: who changes what a plant replaces hears of it here, not in a run in vain."""
    edits = PLANTS[name].edits
    paths = {edit.path for edit in edits}
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text((ROOT / path).read_text(encoding="utf-8"), encoding="utf-8")
    plant(tmp_path, edits)
    for path in paths:
        planted = (tmp_path / path).read_text(encoding="utf-8")
        compile(planted, path, "exec")
        assert planted != (ROOT / path).read_text(encoding="utf-8")
    weed(tmp_path, edits)
    for path in paths:
        assert (tmp_path / path).read_text(encoding="utf-8") == (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("planted", [one for one in PLANTS.values() if one.statements])
def test_a_constraint_is_replaced_under_its_own_name(planted: Plant) -> None:
    """promise C2: by one that a migration makes."""
    for statement in planted.statements:
        name = statement.sql.partition("DROP CONSTRAINT ")[2].partition(",")[0]
        migrations = ROOT / "services" / statement.service / "migrations" / "versions"
        made = "\n".join(path.read_text(encoding="utf-8") for path in migrations.glob("*.py"))
        assert f"CONSTRAINT {name} " in made
        assert f"ADD CONSTRAINT {name} " in statement.sql


@pytest.mark.parametrize("text", ["", "here and here"])
def test_a_plant_without_its_place_is_refused(text: str) -> None:
    """rule C17: a fault that was not planted cannot be found, and must not be taken for found."""
    with pytest.raises(PlaceIsGoneError):
        Edit("some.py", "here", "there").applied_to(text)

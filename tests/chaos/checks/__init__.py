"""What must be true after any fault: each check is a function from the facts to violations in words."""

from tests.chaos.checks import (
    copies,
    events,
    inbox,
    ledger,
    lines,
    lives,
    money,
    past,
    refusals,
    replacements,
    rest,
    series,
    slots,
    told,
)
from tests.chaos.facts import Check, Facts, Violation

ALL: dict[str, Check] = {
    f"{subject.__name__.rpartition('.')[2]}.{check.__name__}": check
    for subject in (
        slots,
        past,
        lives,
        series,
        replacements,
        lines,
        money,
        ledger,
        told,
        refusals,
        events,
        inbox,
        copies,
        rest,
    )
    for check in subject.CHECKS
}
"""Every check by its name, as `slots.no_two_allocations_overlap`."""


def run_checks(facts: Facts) -> dict[str, list[Violation]]:
    """What each check found; an empty list: it passed."""
    return {name: check(facts) for name, check in ALL.items()}

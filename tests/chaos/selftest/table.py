"""What the trials found, as a table for people: plant x seed -> found by."""

from tests.chaos.selftest.plants import PLANTS
from tests.chaos.selftest.trials import Outcome

NOTHING = "nothing"


def table(outcomes: list[Outcome]) -> str:
    """A line per trial, the named check first, then what else was found; at the end the verdict."""
    lines = [
        f"{'plant':<32}{'seed':>5}{'s':>5}  found by",
        *(_line(outcome) for outcome in outcomes),
        "",
    ]
    failed = [outcome for outcome in outcomes if not outcome.is_as_expected]
    for outcome in failed:
        lines += _explained(outcome)
    found = len(outcomes) - len(failed)
    lines.append(f"{found} of {len(outcomes)} as expected, {sum(one.seconds for one in outcomes):.0f} s")
    return "\n".join(lines)


def _line(outcome: Outcome) -> str:
    verdict = "" if outcome.is_as_expected else "FAILED: "
    named = f"{outcome.check} ({len(outcome.found.get(outcome.check, []))})" if outcome.check else ""
    others = [f"{name} ({len(found)})" for name, found in outcome.found.items() if name != outcome.check]
    parts = [part for part in (named, f"also {', '.join(others)}" if others else "") if part]
    said = "; ".join(parts) or NOTHING
    return f"{outcome.plant:<32}{outcome.seed:>5}{outcome.seconds:>5.0f}  {verdict}{said}"


def _explained(outcome: Outcome) -> list[str]:
    what = PLANTS[outcome.plant].what if outcome.check else "nothing was planted"
    lines = [f"{outcome.plant}, seed {outcome.seed}: {what}"]
    if outcome.check:
        lines.append(f"    {outcome.check} found nothing")
    for name, found in outcome.found.items():
        lines += [f"    {name}: {violation.text}" for violation in found[:5]]
    return lines

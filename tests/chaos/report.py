"""What a run did and found: a table for people, report.json for machines."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests.chaos.acts import acts, never
from tests.chaos.checks.balances import CAPTURED
from tests.chaos.checks.events import parked_text
from tests.chaos.checks.reading import ours
from tests.chaos.facts import Facts, Violation
from tests.chaos.faults.record import KINDS, LEAST_OF_EACH_KIND, near

MOST_SHOWN = 15


def summary(facts: Facts) -> dict[str, Any]:
    """The figures of a run."""
    done, counted = Counter(f.kind for f in facts.faults), Counter(f.kind for f in facts.faults if f.counts)
    payments = facts.rows.get("payment.payment", [])
    keys = Counter((e.customer, e.action, e.key) for e in facts.exchanges if e.key)
    codes = Counter(f"{e.status} {e.code}".strip() for e in facts.exchanges)
    return {
        "faults": {kind: {"done": done[kind], "counted": counted[kind]} for kind in KINDS},
        "requests": len(facts.exchanges),
        "answers": dict(sorted(codes.items())),
        "bookings": dict(Counter(row["state"] for row in ours(facts))),
        "payments": dict(Counter(row["state"] for row in payments)),
        "captured": sum(row["state"] in CAPTURED for row in payments),
        "refunds": len(facts.rows.get("payment.refund", [])),
        "repeats": sum(number - 1 for number in keys.values()),
        "events": len({event["id"] for event in facts.events}),
        "events sent again": len(facts.events) - len({event["id"] for event in facts.events}),
        "acts": acts(facts),
        "parked": [parked_text(facts, row) for row in facts.parked],
    }


def too_few(facts: Facts) -> list[str]:
    """Kinds of faults that met work too seldom, in words."""
    counted = Counter(fault.kind for fault in facts.faults if fault.counts)
    return [
        f"{kind}: {counted[kind]} of {LEAST_OF_EACH_KIND}"
        for kind in KINDS
        if counted[kind] < LEAST_OF_EACH_KIND
    ]


def tell(facts: Facts, results: dict[str, list[Violation]], seed: int) -> str:
    """The report as text."""
    figures = summary(facts)
    lines = [f"seed {seed}", "", f"{'fault':<20}{'done':>6}{'counted':>9}"]
    lines += [
        f"{kind:<20}{numbers['done']:>6}{numbers['counted']:>9}"
        for kind, numbers in figures["faults"].items()
    ]
    lines.append("")
    lines += [
        f"{name:<20}{_shown(figures[name])}"
        for name in ("requests", "bookings", "payments", "captured", "refunds", "repeats", "events")
    ]
    lines.append(f"{'acts':<20}{_shown(figures['acts'])}")
    lines += [f"    never happened: {kind}" for kind in never(facts)]
    lines.append(f"{'events sent again':<20}{figures['events sent again']}")
    lines.append(f"{'answers':<20}{_shown(figures['answers'])}")
    lines.append(f"{'parked':<20}{len(figures['parked'])}")
    lines += [f"    {text}" for text in figures["parked"]]
    return "\n".join([*lines, "", *tell_checks(facts, results)])


def tell_checks(facts: Facts, results: dict[str, list[Violation]]) -> list[str]:
    """A line for each check, and what it found."""
    return [line for name, found in results.items() for line in _of_check(facts, name, found)]


def _of_check(facts: Facts, name: str, found: list[Violation]) -> list[str]:
    if not found:
        return [f"passed  {name}"]
    lines = [f"FAILED  {name}: {len(found)} violations"]
    for violation in found[:MOST_SHOWN]:
        lines.append(f"    {violation.promise}: {violation.text}")
        if violation.at is not None:
            faults = near(facts.faults, violation.at, before=15.0)
            lines.append(f"        at {violation.at:.3f}; near: {', '.join(map(str, faults)) or 'no fault'}")
    return lines


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{number} {name}" for name, number in value.items())
    return str(value)


def write_report(facts: Facts, results: dict[str, list[Violation]], seed: int, folder: Path) -> None:
    """The same as JSON: figures, and by check its violations."""
    violations = {
        name: [{"promise": one.promise, "text": one.text, "at": one.at} for one in found]
        for name, found in results.items()
    }
    document = {"seed": seed, **summary(facts), "checks": violations}
    (folder / "report.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")

"""The rows of the table: what was measured, beside which floor, with which target."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.answers import Answers, percentile
from tests.bench.meter import GENERATOR

FIGURES = (0.50, 0.95, 0.99)


@dataclass(frozen=True)
class Target:
    """What a row shall reach; `text` says it, `holds` decides it on the row."""

    text: str
    holds: Callable[["Row"], bool]


@dataclass(frozen=True)
class Row:
    """One line. `floor` names the row that it is compared with; `value` is for what has no rate."""

    name: str
    rate: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    floor: str = ""
    ratio: float | None = None
    ratio_spread: tuple[float, float] | None = None
    rate_spread: tuple[float, float] | None = None
    value: float | None = None
    unit: str = ""
    wrong: Mapping[str, int] | None = None
    cpu_ms: Mapping[str, float] | None = None
    """Processor time of one answer by process, servers and generator too; with all that it causes later."""
    target: str = ""
    met: bool | None = None

    def with_target(self, target: Target | None) -> "Row":
        """The same row, judged."""
        if target is None:
            return self
        return Row(**{**_members(self), "target": target.text, "met": target.holds(self)})

    @property
    def cpu_ms_of_all(self) -> float | None:
        """Of the servers and services, without who asks."""
        if self.cpu_ms is None:
            return None
        return sum(spent for name, spent in self.cpu_ms.items() if name != GENERATOR)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def row_of(name: str, rounds: Sequence[Answers], floor: str = "", base: Sequence[Answers] = ()) -> Row:
    """The medians of the rounds; the ratio is taken round by round, beside the floor's of the same round."""
    rates = [answers.rate for answers in rounds]
    ratios = [answers.rate / below.rate for answers, below in zip(rounds, base, strict=False) if below.rate]
    answered = [answers.milliseconds for answers in rounds if answers.by_kind]
    p50, p95, p99 = (
        statistics.median([percentile(times, share) for times in answered] or [0.0]) for share in FIGURES
    )
    return Row(
        name=name,
        rate=statistics.median(rates),
        rate_spread=(min(rates), max(rates)),
        floor=floor,
        ratio=statistics.median(ratios) if ratios else None,
        ratio_spread=(min(ratios), max(ratios)) if ratios else None,
        wrong=dict(sum((answers.wrong for answers in rounds[1:]), rounds[0].wrong.copy())),
        cpu_ms=_cpu(rounds),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
    )


def _cpu(rounds: Sequence[Answers]) -> dict[str, float] | None:
    each = [answers.cpu_ms for answers in rounds if answers.cpu_seconds]
    if not each:
        return None
    return {name: round(statistics.median(one[name] for one in each), 3) for name in each[0]}


def at_least(share: float) -> Target:
    """Of the floor's rate, without a wrong answer."""
    return Target(f"ratio >= {share:.2f}", lambda row: (row.ratio or 0) >= share and not row.wrong)


def below(**most: float) -> Target:
    """In milliseconds: `below(p50=8, p99=80)`; without a wrong answer."""

    def holds(row: Row) -> bool:
        return not row.wrong and all(getattr(row, f"{figure}_ms") < limit for figure, limit in most.items())

    return Target(", ".join(f"{figure} < {limit:g} ms" for figure, limit in most.items()), holds)


def value_below(limit: float, unit: str) -> Target:
    return Target(f"< {limit:g} {unit}", lambda row: row.value is not None and row.value < limit)


def _members(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}

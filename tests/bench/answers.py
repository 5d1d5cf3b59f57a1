"""What came back in a stretch of time: how many, how fast, and what was wrong."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Answers:
    """The right answers as milliseconds by the kind of request; every other one is counted in `wrong`."""

    by_kind: dict[str, list[float]] = field(default_factory=dict)
    wrong: Counter[str] = field(default_factory=Counter)
    """By what was wrong: `search: 429`, `book: ConnectionResetError`, `pay: no answer`."""
    seconds: float = 0.0
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    """Processor time by process, where it was metered."""

    @property
    def milliseconds(self) -> list[float]:
        return [each for values in self.by_kind.values() for each in values]

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return len(self.milliseconds) / self.seconds

    @property
    def cpu_ms(self) -> dict[str, float]:
        """Of one right answer, by process."""
        count = len(self.milliseconds) or 1
        return {name: seconds * 1000 / count for name, seconds in self.cpu_seconds.items()}


def percentile(values: list[float], share: float) -> float:
    """The smallest value that so large a share of all does not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]

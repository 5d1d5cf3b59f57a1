"""Several subjects by turns, so that what else the machine does meets all of them alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from tests.bench.answers import Answers
from tests.bench.meter import unmetered
from tests.bench.rows import Row, Target, row_of

WARM_SECONDS = 1.5


@dataclass(frozen=True)
class Subject:
    """What is asked for some seconds. `floor` is the name of another subject of the same rounds."""

    name: str
    ask: Callable[[float], Answers]
    floor: str = ""
    target: Target | None = None


def measure(
    subjects: Sequence[Subject],
    rounds: int,
    seconds: float,
    metered: Callable[[Callable[[], Answers]], Answers] = unmetered,
) -> list[Row]:
    """A round to warm up, whose figures are thrown away, then so many rounds of so many seconds each."""
    for subject in subjects:
        metered(partial(subject.ask, min(WARM_SECONDS, seconds)))
    found: dict[str, list[Answers]] = {subject.name: [] for subject in subjects}
    for _ in range(rounds):
        for subject in subjects:
            found[subject.name].append(metered(partial(subject.ask, seconds)))
    return [
        row_of(each.name, found[each.name], each.floor, found.get(each.floor, ())).with_target(each.target)
        for each in subjects
    ]

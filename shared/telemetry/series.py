"""Series that are there before their first event: one that begins with it hides it from rate and increase."""

import itertools
from collections.abc import Iterable

from prometheus_client import Counter


def begin_at_zero(counter: Counter, **values: Iterable[str]) -> None:
    """Make the series of every combination of label values; all labels must be named."""
    for combination in itertools.product(*values.values()):
        counter.labels(**dict(zip(values, combination, strict=True)))

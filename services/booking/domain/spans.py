"""Sets of instants: sorted, disjoint, half-open spans of whole seconds since 1970 (rule T12)."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

Span = tuple[int, int]
Spans = Sequence[Span]

DISTANT_PAST = -(2**60)
DISTANT_FUTURE = 2**60
ALWAYS: list[Span] = [(DISTANT_PAST, DISTANT_FUTURE)]


def union(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, with those that touch or overlap made one; empty ones are left out."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            if end > joined[-1][1]:
                joined[-1] = (joined[-1][0], end)
        elif start < end:
            joined.append((start, end))
    return joined


def without(spans: Spans, removed: Spans) -> list[Span]:
    """What is left of the spans."""
    left: list[Span] = []
    first = 0
    for start, end in spans:
        while first < len(removed) and removed[first][1] <= start:
            first += 1
        look = first
        while look < len(removed) and removed[look][0] < end:
            if removed[look][0] > start:
                left.append((start, removed[look][0]))
            start = max(start, removed[look][1])
            look += 1
        if start < end:
            left.append((start, end))
    return left


def complement(spans: Spans) -> list[Span]:
    """Everything else."""
    return without(ALWAYS, spans)


def covered(layers: Iterable[Spans], times: int) -> list[Span]:
    """Where at least so many of the layers are; one or more."""
    steps = sorted(step for layer in layers for start, end in layer for step in ((start, 1), (end, -1)))
    found: list[Span] = []
    depth, begun = 0, 0
    for instant, change in steps:
        if depth < times <= depth + change:
            begun = instant
        elif depth + change < times <= depth and begun < instant:
            found.append((begun, instant))
        depth += change
    return union(found)


def lies_in(instant: int, spans: Spans) -> bool:
    """Whether one of the spans has this instant."""
    at = bisect_right(spans, (instant, DISTANT_FUTURE))
    return at > 0 and instant < spans[at - 1][1]


def starts_within(spans: Spans, length: int) -> list[Span]:
    """The starts from which so many seconds lie within one of the spans."""
    return [(start, end - length + 1) for start, end in spans if end - start >= length]


def starts_touching(span: Span, before: int, length: int) -> Span:
    """The starts from which `[start - before, start + length)` touches this span."""
    start, end = span
    return (start - length + 1, end + before)

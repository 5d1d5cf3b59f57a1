"""Puts what was seen into the rows of the table, and names everything that must not have happened."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.rolling.checks import Messages
from tests.rolling.committed import CommittedEvent
from tests.rolling.report import Row, Told
from tests.rolling.traffic import Outcome
from tests.rolling.watchers import Watcher

SCHEDULE_KEPT = 0.98
"""Of the requests that a constant rate means for the time, so many were really sent."""
GATEWAY = "gateway"


@dataclass
class Stretch:
    """The time of one replacement, by the monotonic clock; `took`: until the old process had ended."""

    process: str
    begun: float
    took: float = 0.0
    ended: float = 0.0

    def has(self, instant: float) -> bool:
        return self.begun <= instant < self.ended


@dataclass(frozen=True)
class Found:
    """All that a run saw. `delivered`: by event and service that handles it, whether its inbox has it."""

    stretches: Sequence[Stretch]
    outcomes: Sequence[Outcome]
    watchers: Sequence[Watcher]
    events: Sequence[CommittedEvent]
    delivered: Mapping[tuple[str, str], bool]
    messages: Messages


def rows_of(found: Found) -> list[Row]:
    """A row for each stretch."""
    since_epoch = time.time() - time.monotonic()
    written = {event.id: event.at.timestamp() - since_epoch for event in found.events}
    told = [(at - since_epoch, milliseconds) for at, milliseconds in found.messages.told]
    return [_row(stretch, found, written, told) for stretch in found.stretches]


def _row(
    stretch: Stretch, found: Found, written: Mapping[str, float], told: Sequence[tuple[float, float]]
) -> Row:
    outcomes = [outcome for outcome in found.outcomes if stretch.has(outcome.due)]
    times = sorted(outcome.milliseconds for outcome in outcomes)
    seen = [
        sighting.what
        for watcher in found.watchers
        for sighting in watcher.sightings
        if stretch.has(sighting.at)
    ]
    handled = [done for (event_id, _), done in found.delivered.items() if stretch.has(written[event_id])]
    return Row(
        process=stretch.process,
        seconds=round(stretch.took, 1),
        requests=len(outcomes),
        failed=sum(1 for outcome in outcomes if outcome.failure),
        retried=sum(outcome.retried for outcome in outcomes),
        p50_ms=round(_quantile(times, 0.5), 1),
        p99_ms=round(_quantile(times, 0.99), 1),
        sockets_closed=seen.count("closed"),
        sockets_back=seen.count("opened"),
        sockets_resynced=seen.count("resynced"),
        events=sum(stretch.has(at) for at in written.values()),
        told_p99_ms=round(_quantile(sorted(late for at, late in told if stretch.has(at)), 0.99), 1),
        handled=sum(handled),
        to_handle=len(handled),
    )


def told_of(messages: Messages) -> Told:
    """The messages in figures."""
    times = sorted(milliseconds for _, milliseconds in messages.told)
    return Told(
        due=messages.due,
        read=messages.read,
        p50_ms=round(_quantile(times, 0.5), 1),
        p99_ms=round(_quantile(times, 0.99), 1),
        longest_ms=round(_quantile(times, 1.0), 1),
    )


def faults_of(found: Found, rate: float) -> list[str]:
    """Everything that breaks the promise, in words."""
    return [
        *_failed_requests(found),
        *_schedule(found, rate),
        *_sockets(found.watchers, found.stretches),
        *(
            f"{service} did not handle {event_id}"
            for (event_id, service), ok in found.delivered.items()
            if not ok
        ),
    ]


def _failed_requests(found: Found) -> Iterator[str]:
    for outcome in found.outcomes:
        if outcome.failure:
            during = next((item.process for item in found.stretches if item.has(outcome.due)), "the end")
            yield f"during {during}: {outcome.failure}"


def _schedule(found: Found, rate: float) -> Iterator[str]:
    due = rate * (found.stretches[-1].ended - found.stretches[0].begun)
    if len(found.outcomes) < SCHEDULE_KEPT * due:
        yield f"only {len(found.outcomes)} of {due:.0f} requests were sent: the rate was not kept"


def _sockets(watchers: Iterable[Watcher], stretches: Sequence[Stretch]) -> Iterator[str]:
    was_replaced = any(stretch.process == GATEWAY for stretch in stretches)
    for watcher in watchers:
        yield from (sighting.detail for sighting in watcher.sightings if sighting.what == "failed")
        seen = [sighting.what for sighting in watcher.sightings]
        if seen.count("resynced") < seen.count("opened") - 1:
            yield "a socket came back and was not told to resync"
        if was_replaced and seen.count("opened") < 2:
            yield "a socket outlived its gateway, or never came back"
        if seen and seen[-1] == "closed":
            yield "a socket was closed and did not come back"


def _quantile(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0

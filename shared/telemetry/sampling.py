"""Head sampling: a share of all traces, and whatever a kept trace has caused."""

from typing import Any

from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)

from shared.telemetry.attributes import CAUSE, LINK


def head_sampler(ratio: float) -> Sampler:
    """Decides where a trace begins, and everywhere in it the same. Raises ValueError outside of 0 to 1."""
    return ParentBased(_RootSampler(ratio))


class _RootSampler(Sampler):
    """A trace that an event or job begins is kept when the one that caused it is: half a story helps nobody.

    A link to what a client sent decides nothing, so that nobody outside can switch tracing on or off.
    """

    def __init__(self, ratio: float) -> None:
        self._by_ratio = TraceIdRatioBased(ratio)

    def should_sample(self, *arguments: Any, **named: Any) -> SamplingResult:
        """`ParentBased` names all of its arguments."""
        causes = [link for link in named["links"] or () if (link.attributes or {}).get(LINK) == CAUSE]
        sampler: Sampler = self._by_ratio
        if causes:
            sampler = ALWAYS_ON if any(link.context.trace_flags.sampled for link in causes) else ALWAYS_OFF
        return sampler.should_sample(*arguments, **named)

    def get_description(self) -> str:
        return f"RootOrCause{{{self._by_ratio.rate}}}"

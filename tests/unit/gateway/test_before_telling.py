"""What sockets are told of is ended in the cache first, by one question to Redis for all events at once."""

from services.gateway.invalidation import Invalidation
from services.gateway.redis_link import RedisDownError
from shared.contracts import booking_events
from shared.messages.envelope import Event
from tests.unit.gateway.cache_events import cache_event

NOWHERE = "pyamqp://nobody@127.0.0.1:1//"


def _raised_by(*events: Event) -> list[list[str]]:
    raised: list[list[str]] = []
    Invalidation(NOWHERE, raised.append).raise_before_telling(events)
    return raised


def test_all_changes_are_raised_at_once_and_each_once() -> None:
    """promises B7 and E1: what a cached answer does not hold is left out."""
    changes = [cache_event(booking_events.AVAILABILITY_CHANGED, provider) for provider in ("p", "q", "p")]
    raised = _raised_by(cache_event(booking_events.BOOKING_CONFIRMED, "p"), *changes)
    assert raised == [["availability:p", "availability:q"]]


def test_what_changes_no_cached_answer_costs_redis_nothing() -> None:
    """promise B7"""
    assert _raised_by(cache_event(booking_events.BOOKING_CONFIRMED, "p")) == []


def test_sockets_are_told_while_redis_is_away() -> None:
    """promise B7: nothing is read from it either."""

    def raise_generations(_names: list[str]) -> None:
        raise RedisDownError

    changed = [cache_event(booking_events.AVAILABILITY_CHANGED, "p")]
    Invalidation(NOWHERE, raise_generations).raise_before_telling(changed)

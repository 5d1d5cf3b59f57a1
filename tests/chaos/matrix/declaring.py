"""Short forms by which steps are declared."""

from dataclasses import replace

from tests.chaos.matrix.table import Kind, Step

API = "/api/v1"


def route(
    phase: str, walk: str, path: str, *asks: str, commits: tuple[str, ...] = (), verb: str = "POST"
) -> Step:
    """A route of the gateway, with the methods that it asks."""
    return Step(phase, Kind.ROUTE, f"{verb} {API}/{path}", walk, commits=commits, asks=asks)


def method(phase: str, walk: str, work: str, *commits: str) -> Step:
    """A method that calls and asks nobody."""
    return Step(phase, Kind.METHOD, work, walk, commits=commits)


def relay(phase: str, walk: str, event: str) -> Step:
    """The sending of an event."""
    return Step(phase, Kind.RELAY, f"relay {event}", walk)


def handler(phase: str, walk: str, work: str, effect: str) -> Step:
    """One transaction for an event."""
    return Step(phase, Kind.HANDLER, work, walk, commits=(effect,))


def timer(phase: str, walk: str, work: str, *commits: str) -> Step:
    """What a process does again and again."""
    return Step(phase, Kind.TIMER, work, walk, commits=commits)


def example(step: Step) -> Step:
    """The one of its kind and service that is tried at all points."""
    return replace(step, is_example=True)

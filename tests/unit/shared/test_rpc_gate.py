"""The breaker and the bound of calls, by a clock that the test moves."""

import pytest

from shared.errors import ServiceError
from shared.messages.rpc_gate import FAILURES_TO_OPEN, PROBE_SECONDS, RpcGate


class HandClock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def passes(gate: RpcGate) -> bool:
    try:
        with gate.admit():
            return True
    except ServiceError:
        return False


def test_five_missed_deadlines_in_a_row_open_the_breaker() -> None:
    clock = HandClock()
    gate = RpcGate("search", monotonic=clock)
    for _ in range(FAILURES_TO_OPEN - 1):
        gate.deadline_missed()
    assert passes(gate)
    gate.answered()
    for _ in range(FAILURES_TO_OPEN - 1):
        gate.deadline_missed()
    assert passes(gate)
    gate.deadline_missed()
    assert not passes(gate)


def test_one_probe_a_second_passes_an_open_breaker_and_its_answer_closes_it() -> None:
    clock = HandClock()
    gate = RpcGate("search", monotonic=clock)
    for _ in range(FAILURES_TO_OPEN):
        gate.deadline_missed()
    clock.now += PROBE_SECONDS
    assert passes(gate)
    assert not passes(gate)
    gate.deadline_missed()
    clock.now += PROBE_SECONDS
    assert passes(gate)
    gate.answered()
    assert passes(gate)
    assert passes(gate)


def test_more_calls_than_the_bound_are_refused_until_one_ends() -> None:
    gate = RpcGate("search", max_in_flight=2)
    with gate.admit():
        with gate.admit():
            assert not passes(gate)
        assert passes(gate)
    with pytest.raises(RuntimeError), gate.admit():
        raise RuntimeError
    with gate.admit():
        assert passes(gate)

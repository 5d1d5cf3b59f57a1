"""Half of the workers may wait for the internet; the next call is refused at once."""

import pytest

from shared.errors import ServiceError
from shared.worker.internet import InternetLimit


@pytest.mark.parametrize(("max_workers", "calls"), [(1, 1), (2, 1), (10, 5), (11, 5)])
def test_half_of_the_workers_may_call(max_workers: int, calls: int) -> None:
    limit = InternetLimit.for_workers(max_workers)
    held = [limit.call() for _ in range(calls)]
    for each in held:
        each.__enter__()
    with pytest.raises(ServiceError) as caught, limit.call():
        pass
    assert caught.value.code == "unavailable"
    held[0].__exit__(None, None, None)
    with limit.call():
        pass


def test_a_call_that_fails_gives_its_place_back() -> None:
    limit = InternetLimit(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="refused"), limit.call():
            raise ValueError("refused")

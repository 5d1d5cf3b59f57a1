from collections.abc import Iterator

import pytest

from tests.unit.gateway.door import Door


@pytest.fixture
def door() -> Iterator[Door]:
    opened = Door()
    yield opened
    opened.close()

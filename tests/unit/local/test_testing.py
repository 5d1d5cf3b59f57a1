"""`make test` starts servers only for tests that need them, and closes like pytest itself."""

from __future__ import annotations

from collections import Counter

from deploy.local.testing import closing_line, needs_stack


def test_all_parts_are_summed_up() -> None:
    counts = Counter(tests=820, failures=3, errors=1, skipped=2, milliseconds=61_500)
    assert closing_line(counts).strip("= ") == "3 failed, 814 passed, 2 skipped, 1 error in 61.50s"


def test_no_tests_is_said() -> None:
    assert "no tests ran" in closing_line(Counter())


def test_only_tests_that_need_servers_get_them() -> None:
    assert not needs_stack(["tests/unit/booking", "-k", "slots"])
    assert needs_stack(["tests/integration/booking"])
    assert needs_stack(["tests/unit", "tests/journey"])
    assert needs_stack(["-k", "slots"])

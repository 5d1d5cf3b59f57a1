"""A rolling run calls a message lost that was, and none that its client read when the socket had closed."""

import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.rolling.checks import ON_ITS_WAY, messages_to
from tests.rolling.committed import CommittedEvent
from tests.rolling.people import AccountHolder, Offer
from tests.rolling.watchers import Session, Watcher

AT = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EVENT = CommittedEvent("one", "booking", "booking_confirmed", "provider", "customer", {}, AT)


def _watcher(closed: datetime | None, read: datetime, heard: tuple[str, ...] = ()) -> Watcher:
    """One whose socket was open from before the event until `closed`, and who last read at `read`."""
    owner = SimpleNamespace(user_id="customer", offer=Offer("provider", "service", "2026-12-01", ()))
    client: Any = SimpleNamespace(heard=[SimpleNamespace(id=id_, at=AT + SECOND) for id_ in heard])
    watcher = Watcher("", cast(AccountHolder, owner), random.Random(1))  # noqa: S311 - no secret
    watcher.sessions = [Session(client, AT - SECOND, closed)]
    watcher.read_at = read
    return watcher


@pytest.mark.parametrize(
    ("closed", "read", "read_instead", "missed"),
    [
        (None, AT - SECOND, 0, 1),
        (None, AT + SECOND, 0, 1),
        (AT + ON_ITS_WAY, AT + 2 * ON_ITS_WAY, 0, 1),
        (AT + SECOND, AT - SECOND, 0, 1),
        (AT + SECOND, AT + 2 * SECOND, 1, 0),
        (AT - SECOND / 2, AT - SECOND, 0, 0),
    ],
    ids=[
        "open all the time",
        "open all the time, and read by chance",
        "open long enough",
        "closed, and nothing read since",
        "closed, and read anew",
        "closed before",
    ],
)
def test_what_was_not_heard(closed: datetime | None, read: datetime, read_instead: int, missed: int) -> None:
    """promise I3"""
    found = messages_to([_watcher(closed, read)], [EVENT])
    assert (len(found.told), found.read, len(found.missed)) == (0, read_instead, missed)


def test_what_was_heard_is_told_with_its_delay() -> None:
    found = messages_to([_watcher(None, AT, ("another", "one"))], [EVENT])
    assert found.told == [(AT.timestamp(), 1000.0)]
    assert (found.read, found.missed) == (0, [])

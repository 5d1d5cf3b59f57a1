"""What may go is deleted in small transactions, and what is kept is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from shared.database import batches
from shared.database.transaction import Database, read_app_now
from shared.messages.jobs import enqueue, forget_done_before
from tests.integration.shared.test_jobs import note, runner


def test_what_may_go_goes_batch_by_batch(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)
    with database.transaction() as connection:
        now = read_app_now(connection)
        for key in "abcde":
            enqueue(connection, "send", key, {}, now)
    runner(database, lambda job: note("sent")).run_due()
    transactions = 0

    @contextmanager
    def counted() -> Iterator[Connection]:
        nonlocal transactions
        transactions += 1
        with database.transaction() as connection:
            yield connection

    later = now + timedelta(hours=1)
    assert batches.delete_all(counted, lambda connection: forget_done_before(connection, now)) == 0
    assert batches.delete_all(counted, lambda connection: forget_done_before(connection, later)) == 5
    assert transactions == 4

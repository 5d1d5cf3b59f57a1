"""Who reads a payment to change it holds its row."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text

from services.payment.store import locks
from services.payment.usecases.desk import Desk
from shared.database.session import unread
from tests.fixtures.waiting import wait_until
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.paying import ask_for_3ds
from tests.integration.payment.records import rows

OURS = 77
_HOLD = text("SELECT pg_advisory_xact_lock(:number)")
_WRITE = text("UPDATE payment SET intent_id = 'pi_just_written'")
_WAIT = unread(
    f"SELECT pg_advisory_xact_lock({OURS}) WHERE %(intent_id)s IS NOT NULL",
    intent_id="varchar",
)
_FREE = "SELECT id FROM payment FOR UPDATE SKIP LOCKED"


def test_a_payment_whose_intent_is_written_meanwhile_is_locked_too(
    desk: Desk, bookings: Bookings, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """rule W2: a webhook may be faster than the commit that names its intent."""
    ask_for_3ds(desk, bookings)
    monkeypatch.setattr(locks, "_LOCK_OF_INTENT", _WAIT)

    def others_see() -> list[dict[str, object]]:
        with desk.transaction() as connection:
            assert locks.lock_payment_of_intent(connection, "pi_just_written") is not None
            return rows(owner, _FREE)

    with ThreadPoolExecutor(1) as pool:
        with owner.begin() as writing:
            writing.execute(_HOLD, {"number": OURS})
            writing.execute(_WRITE)
            seen = pool.submit(others_see)
            wait_until(lambda: rows(owner, "SELECT FROM pg_locks WHERE NOT granted"), "it to wait")
        assert seen.result() == []

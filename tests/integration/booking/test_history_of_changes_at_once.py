"""The history of who waited for another change: it keeps what the booking is after both."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.database.transaction import Transaction
from tests.fixtures.servers import ServiceDatabase
from tests.fixtures.table_lock import table_lock
from tests.integration.booking.desk import Desk
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk


def _ring(desk: Desk, visit: dict[str, Any]) -> None:
    desk.note(visit, "customer", "Ring twice.")


@pytest.mark.parametrize("change", [Desk.cancel, _ring])
def test_history_names_the_room_to_which_a_visit_was_moved_meanwhile(
    desk: Desk,
    transaction: Transaction,
    own: ServiceDatabase,
    ledger: Ledger,
    change: Callable[[Desk, dict[str, Any]], Any],
) -> None:
    """promise C4: whoever waits for a move that goes to another room keeps what it is after both."""
    provider = desk.open_provider(staff=2)
    mine = ProviderDesk(transaction, provider)
    mine.service_rules(needs=[{"resource_id": mine.rooms(2)}])
    visit = desk.hold(provider, "10:00")
    for agreed in (visit, desk.hold(provider, "14:00")):
        desk.payment_succeeds(agreed)
    with table_lock(own.owner_url, "outbox") as lock, ThreadPoolExecutor(2) as pool:
        moving = pool.submit(desk.reschedule, visit, "14:00")
        lock.wait_for_waiters(1)
        changing = pool.submit(change, desk, visit)
        lock.wait_for_waiters(2)
        lock.release()
        moving.result(), changing.result()
    rooms = ledger.one(
        "SELECT jsonb_agg(resource_id) FROM further_resource WHERE booking_id = :id", id=visit["booking_id"]
    )
    kept = ledger.rows(
        "SELECT facts -> 'further_ids' AS rooms FROM booking_history WHERE booking_id = :id ORDER BY version",
        id=visit["booking_id"],
    )
    assert [one.rooms for one in kept][-2:] == [rooms, rooms]
    assert kept[0].rooms != rooms

"""Sessions that several customers share, when the rules of their service change."""

from datetime import timedelta

from shared.database.transaction import Transaction
from tests.integration.booking.desk import Desk
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk


def test_who_joins_a_session_comes_for_as_long_as_that_takes(
    desk: Desk, transaction: Transaction, ledger: Ledger
) -> None:
    """rule C10: the service has become longer meanwhile; what is shown, and booked, is the session's time."""
    provider = desk.open_provider()
    mine = ProviderDesk(transaction, provider)
    mine.service_rules(capacity=3)
    first = desk.hold(provider, "10:00")
    change = "UPDATE service SET duration_minutes = 90 WHERE id = :id"
    ledger.run(change, id=provider.services[0])
    mine.service_rules(capacity=3, buffer_after_minutes=30)
    slots = {slot["local_time"]: slot for slot in desk.availability(provider)["slots"]}
    assert slots["10:00"]["ends_at"] == first["ends_at"]
    assert slots["11:00"]["ends_at"] - slots["11:00"]["starts_at"] == timedelta(minutes=90)
    second = desk.hold(provider, "10:00")
    assert (second["starts_at"], second["ends_at"]) == (first["starts_at"], first["ends_at"])
    blocked = "SELECT DISTINCT blocked::text FROM allocation WHERE resource_id = CAST(:staff AS uuid)"
    assert len(ledger.rows(blocked, staff=provider.staff[0])) == 1

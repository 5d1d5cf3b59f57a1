"""What calendars count of a session goes on rising when a customer moves their seat to another."""

from collections.abc import Callable
from typing import Any

from services.booking.settings import BookingSettings
from services.booking.usecases.read_visits import list_visits
from shared.contracts.booking_visit_forms import ListVisitsRequestSchema, VisitsSchema
from shared.contracts.declaration import read, write
from shared.database.migrate import upgrade
from shared.database.transaction import Database, Transaction
from tests.fixtures.servers import service_database
from tests.integration.booking.desk import Desk, Provider, member_of
from tests.integration.booking.provider_desk import ProviderDesk

Entry = dict[str, Any]
BEFORE = "0025"


def _opened(desk: Desk, transaction: Transaction) -> Provider:
    provider = desk.open_provider()
    ProviderDesk(transaction, provider).service_rules(capacity=3)
    return provider


def _paid(desk: Desk, provider: Provider, start: str) -> dict[str, Any]:
    seat = desk.hold(provider, start)
    desk.payment_succeeds(seat)
    return seat


def _entries(desk: Desk, provider: Provider) -> dict[str, Entry]:
    """The sessions of the provider, as its owner's calendar is told of them, by their local time."""
    workplaces = [{"provider_id": provider.provider_id, "staff_id": None}]
    request = read(ListVisitsRequestSchema, {"workplaces": workplaces})
    answer = list_visits(desk.transaction, request, member_of(provider))
    write(VisitsSchema, answer)
    return {entry["local_time"]: entry for entry in answer["visits"]}


def test_a_session_s_entry_rises_with_every_seat_that_is_left_and_taken_again(
    desk: Desk, transaction: Transaction
) -> None:
    """rule T16: calendars ignore what has no higher SEQUENCE; when it changed is told too."""
    provider = _opened(desk, transaction)
    first, second, _ = (_paid(desk, provider, "10:00") for _ in range(3))
    seen = [_entries(desk, provider)["10:00"]]
    changes: list[Callable[[], object]] = [
        lambda: desk.reschedule(first, "14:00"),
        lambda: desk.reschedule(second, "14:00"),
        lambda: desk.reschedule(first, "10:00"),
        lambda: desk.cancel(first),
        lambda: _paid(desk, provider, "10:00"),
    ]
    for change in changes:
        change()
        seen.append(_entries(desk, provider)["10:00"])
    assert len({entry["visit_id"] for entry in seen}) == 1
    assert [entry["seats_taken"] for entry in seen] == [3, 2, 1, 2, 1, 2]
    for name in ("version", "changed_at"):
        values = [entry[name] for entry in seen]
        assert values == sorted(set(values)), name


def test_no_entry_falls_when_the_release_comes(settings: BookingSettings) -> None:
    """rule T16: a session that nobody has left counts as before; what was left before is counted from then
    on, so that calendars that have seen it take what changes."""
    with service_database("booking", BEFORE) as made:
        database = Database(made.url, pool_size=5, application_name="left seats")
        desk = Desk(database.transaction, settings)
        provider = _opened(desk, database.transaction)
        first, *_ = [_paid(desk, provider, "10:00") for _ in range(3)]
        _paid(desk, provider, "12:00")
        desk.reschedule(first, "14:00")
        database.dispose()
        upgrade("services.booking", made.owner_url)
        database = Database(made.url, pool_size=5, application_name="left seats")
        desk = Desk(database.transaction, settings)
        entries = _entries(desk, provider)
        database.dispose()
    versions = {start: entry["version"] for start, entry in entries.items()}
    # Two changes of each seat; the one that moved left with its third, and has that where it is.
    assert versions == {"10:00": 2 * 2 + 3, "12:00": 2, "14:00": 3}

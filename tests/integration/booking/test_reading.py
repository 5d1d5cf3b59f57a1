"""Who sees which bookings, and lists that go on where they stopped."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.booking import list_moved_times
from services.booking.usecases.forget import forget_old
from services.booking.usecases.read_bookings import list_bookings, read_booking
from shared.contracts.booking_forms import BookingsSchema
from shared.contracts.declaration import Caller, write
from shared.errors import ServiceError
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, customer_of, member_of, somebody
from tests.integration.booking.ledger import Ledger


def test_a_booking_is_seen_by_those_concerned(desk: Desk) -> None:
    """rule B11: customer, the provider's members, administrators; for others it does not exist."""
    provider, other = desk.open_provider(), desk.open_provider()
    booking = desk.hold(provider)
    request = {"booking_id": booking["booking_id"]}
    admin = Caller(user_id=somebody().user_id, roles=("admin",))
    for caller in (customer_of(booking), member_of(provider), admin):
        assert booking.items() <= read_booking(desk.transaction, request, caller).items()
    for caller in (somebody(), member_of(other), Caller()):
        with pytest.raises(ServiceError) as refused:
            read_booking(desk.transaction, request, caller)
        assert refused.value.code == "not_found"


def test_a_list_goes_on_where_it_stopped(desk: Desk) -> None:
    """Newest first, each booking once, also when new ones come in between."""
    provider, caller = desk.open_provider(), somebody()
    made = [desk.hold(provider, f"{hour:02d}:00", caller)["booking_id"] for hour in range(9, 14)]
    first = list_bookings(desk.transaction, {"limit": 2, "cursor": None}, caller)
    write(BookingsSchema, first)
    desk.cancel(first["bookings"][0])
    desk.hold(provider, "15:00", caller)
    seen = [booking["booking_id"] for booking in first["bookings"]]
    cursor = first["next"]
    while cursor and len(seen) < 10:
        page = list_bookings(desk.transaction, {"limit": 2, "cursor": cursor}, caller)
        seen += [booking["booking_id"] for booking in page["bookings"]]
        cursor = page["next"]
    assert seen == made[::-1]
    assert list_bookings(desk.transaction, {"limit": 9, "cursor": None}, somebody())["bookings"] == []


@pytest.mark.parametrize(
    "cursor", ["x", "AAAA", "WyIyMDI3Il0=", "WyIyMDI3LTAxLTAxVDAwOjAwOjAwWiIsICJ4Il0=", "é"]
)
def test_a_foreign_cursor_is_refused(desk: Desk, cursor: str) -> None:
    with pytest.raises(ServiceError) as refused:
        list_bookings(desk.transaction, {"limit": 2, "cursor": cursor}, somebody())
    assert refused.value.code == "cursor_invalid"


def test_old_answers_are_forgotten(desk: Desk, ledger: Ledger, move_clock: MoveClock) -> None:
    provider = desk.open_provider()
    booking = desk.hold(provider)
    count = "SELECT count(*) FROM idempotency WHERE caller = :id"
    forget_old(desk.transaction)
    assert ledger.one(count, id=booking["customer_id"]) == 1
    with move_clock(timedelta(days=8)):
        forget_old(desk.transaction)
    assert ledger.one(count, id=booking["customer_id"]) == 0


def test_the_bound_of_holds_holds_at_the_same_moment(desk: Desk) -> None:
    """rule C18: many requests at once do not slip past the bound."""
    provider, caller = desk.open_provider(staff=10), somebody()

    def hold(_: int) -> str:
        try:
            return str(desk.hold(provider, "10:00", caller, allow_overlap=True)["state"])
        except ServiceError as error:
            return error.code

    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(hold, range(10)))
    assert outcomes.count("pending") == desk.settings.holds_per_customer
    assert outcomes.count("too_many_holds") == 10 - desk.settings.holds_per_customer


def test_visits_that_the_zone_data_moved_are_listed(
    desk: Desk,
    ledger: Ledger,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """rule T5: local time, zone and instant are stored; those that no longer agree are found, not moved."""
    provider = desk.open_provider(zone="America/New_York")
    moved, same = desk.hold(provider, "10:00"), desk.hold(provider, "12:00")
    ledger.run(
        "UPDATE booking SET local_start = local_start - interval '1 hour' WHERE id = :id",
        id=moved["booking_id"],
    )
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert list_moved_times.main() == 0
    listed = capsys.readouterr().out
    expected = f"{moved['booking_id']} America/New_York agreed {desk.day}T09:00 shown {desk.day}T10:00\n"
    assert expected in listed
    assert same["booking_id"] not in listed

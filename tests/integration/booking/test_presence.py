"""The carer's check-in and check-out: when, where, and how far from the address."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import ProgrammingError

from shared import clock
from shared.contracts.declaration import Caller
from shared.database.transaction import Database, Transaction
from shared.ids import new_id
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import ADDRESS, Desk, Provider, member_of, one_of_staff
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk

AT_THE_DOOR = {"latitude": 40.7486, "longitude": -73.9857, "accuracy_m": 8.0}
"""22 m north of the address: 0.0002 degrees of 111.2 km."""
DOWN_THE_STREET = {"latitude": 40.7507, "longitude": -73.9857, "accuracy_m": None}
"""256 m north of it."""


@pytest.fixture
def provider(desk: Desk, transaction: Transaction) -> Provider:
    made = desk.open_provider(staff=2)
    ProviderDesk(transaction, made).service_rules(places=["customer", "provider"])
    return made


def _agreed(desk: Desk, provider: Provider, **members: Any) -> dict[str, Any]:
    booking = desk.hold(provider, staff_id=provider.staff[0], **members)
    desk.payment_succeeds(booking)
    return booking


def _presences(desk: Desk, booking: dict[str, Any], caller: Caller | None = None) -> tuple[Any, Any]:
    seen = desk.look(booking, caller)
    return seen["check_in"], seen["check_out"]


def test_who_does_a_visit_checks_in_and_out_at_the_address(
    desk: Desk, provider: Provider, move_clock: MoveClock
) -> None:
    """promise C10: who is far is told so, and refused never; where exactly is the owner's to know."""
    visit = _agreed(desk, provider, place="customer", address=ADDRESS)
    owner, doer, colleague = member_of(provider), one_of_staff(provider), one_of_staff(provider, 1)
    assert _presences(desk, visit, owner) == (None, None)
    with move_clock(visit["starts_at"] - clock.now()):
        key = new_id()
        started = desk.start(visit, doer, position=AT_THE_DOOR, idempotency_key=key)
        assert desk.start(visit, doer, position=AT_THE_DOOR, idempotency_key=key) == started
    with move_clock(visit["ends_at"] - clock.now()):
        desk.complete(visit, doer, position=DOWN_THE_STREET)
    came, went = _presences(desk, visit, owner)
    assert (came["distance_m"], came["far"], came["position"]) == (22, False, AT_THE_DOOR)
    assert (went["distance_m"], went["far"], went["position"]) == (256, True, DOWN_THE_STREET)
    assert timedelta(minutes=59) < went["at"] - came["at"] < timedelta(minutes=61)
    for caller in (None, doer, colleague, Caller(user_id=new_id(), roles=("admin",))):
        assert _presences(desk, visit, caller) == (came | {"position": None}, went | {"position": None})


def test_a_time_is_kept_where_no_distance_is_known(
    desk: Desk, provider: Provider, move_clock: MoveClock, ledger: Ledger
) -> None:
    """promise C10: without a position, and of a visit that has no address; a visit that nobody began has no
    check-in, and one that the platform completes no check-out."""
    at_home, here = (
        _agreed(desk, provider, place="customer", address=ADDRESS),
        _agreed(desk, provider, place="provider", start="12:00"),
    )
    with move_clock(here["ends_at"] - clock.now()):
        desk.complete(at_home, member_of(provider))
        desk.start(here, one_of_staff(provider), position=AT_THE_DOOR)
    came, went = _presences(desk, at_home, member_of(provider))
    assert came is None
    assert (went["distance_m"], went["far"], went["position"]) == (None, None, None)
    came, went = _presences(desk, here, member_of(provider))
    assert (came["distance_m"], came["far"], came["position"], went) == (None, None, AT_THE_DOOR, None)
    told = str(ledger.events(provider.provider_id))
    assert "40.74" not in told


def test_what_was_said_of_being_there_is_never_changed(database: Database) -> None:
    """promise C10: the service itself may add to it, and neither change nor delete it."""
    for statement in ("UPDATE presence SET distance_metres = 0", "DELETE FROM presence"):
        with pytest.raises(ProgrammingError, match="permission denied"), database.transaction() as connection:
            connection.exec_driver_sql(statement)

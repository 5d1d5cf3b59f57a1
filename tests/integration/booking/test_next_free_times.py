"""Refusals of what is full or out of use name the next free times, whichever rule comes first."""

from typing import Any

import pytest

from shared.contracts import booking as contract
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from tests.integration.booking.desk import Desk, Provider
from tests.integration.booking.provider_desk import NAME, ProviderDesk


def _refusal(desk: Desk, provider: Provider) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        desk.hold(provider, "10:00")
    return refused.value


def test_a_full_session_of_somebody_who_takes_no_other_visit(desk: Desk, transaction: Transaction) -> None:
    """promise C6: full is said before the cap, and there is room on the days after."""
    provider = desk.open_provider()
    owner = ProviderDesk(transaction, provider)
    owner.service_rules(capacity=2)
    owner.staff(0, day_cap=1)
    for _ in range(2):
        desk.hold(provider, "10:00")
    error = _refusal(desk, provider)
    assert (error.code, error.details["reason"]) == ("session_full", "session_full")
    assert error.details["alternatives"][0]["local_date"] > desk.day.isoformat()


def test_a_resource_that_is_out_of_use(desk: Desk, transaction: Transaction) -> None:
    """promise F3: none of its units is used until it is active again; there is no other time then."""
    provider = desk.open_provider()
    owner = ProviderDesk(transaction, provider)
    room = owner.rooms()
    owner.service_rules(needs=[{"resource_id": room}])
    assert desk.free_times(provider)
    _put(owner, room, active=False)
    assert desk.free_times(provider) == []
    error = _refusal(desk, provider)
    assert (error.code, error.details["alternatives"]) == ("resource_busy", [])
    _put(owner, room, active=True)
    desk.hold(provider, "10:00")


def _put(owner: ProviderDesk, room: str, **members: Any) -> None:
    [kept] = owner.supply()["resources"]
    units = [{"unit_id": unit["unit_id"], "name": NAME} for unit in kept["units"]]
    owner.do(contract.PUT_RESOURCE, resource_id=room, kind="room", name=NAME, units=units, **members)

"""Who of those who may see a supply may change it, and what is kept of a change."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from shared import clock
from shared.contracts import booking as contract
from shared.contracts.declaration import Caller, RpcMethod
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.desk import Desk, Provider, member_of, one_of_staff
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import COMMANDS, NAME, ProviderDesk

AWAY: dict[str, Any] = {"from_date": "2030-01-01", "to_date": "2030-01-02"}
OF_ALL: Mapping[RpcMethod, dict[str, Any]] = {
    contract.CHANGE_HOURS: {"windows": []},
    contract.CHANGE_RULES: {"slot_step_minutes": 60},
    contract.CHANGE_SERVICE_RULES: {},
    contract.PUT_STAFF: {"name": NAME},
    contract.PUT_RESOURCE: {"kind": "room", "name": NAME, "units": [{"name": NAME}]},
    contract.ADD_TIME_OFF: AWAY,
    contract.REMOVE_TIME_OFF: {},
}
"""Each command, as it concerns more than one person's own time."""


@pytest.fixture
def provider(desk: Desk) -> Provider:
    return desk.open_provider(staff=2)


@pytest.fixture
def mine(transaction: Transaction, provider: Provider) -> ProviderDesk:
    return ProviderDesk(transaction, provider)


def _of_all(mine: ProviderDesk, method: RpcMethod) -> dict[str, Any]:
    if method is contract.CHANGE_SERVICE_RULES:
        return {"service_id": mine.provider.services[0]}
    if method is contract.REMOVE_TIME_OFF:
        return {"time_off_id": mine.do(contract.ADD_TIME_OFF, **AWAY)["changed_id"]}
    return OF_ALL[method]


def _refusal(mine: ProviderDesk, method: RpcMethod, caller: Caller, **members: Any) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        mine.do(method, caller, **members)
    return refused.value


@pytest.mark.parametrize("method", COMMANDS, ids=lambda method: method.name)
def test_one_of_the_staff_changes_nothing_that_concerns_others(mine: ProviderDesk, method: RpcMethod) -> None:
    """promise H2: nor somebody of whom only the membership is known, as from a peer of an older release;
    whom the owner lets do it is the owner."""
    members, before = _of_all(mine, method), mine.supply()
    unknown = Caller(user_id=new_id(), memberships=(mine.provider.provider_id,))
    for caller in (one_of_staff(mine.provider), unknown):
        assert _refusal(mine, method, caller, **members).code == "forbidden"
    assert mine.supply() == before
    mine.do(method, **members)


def test_one_of_the_staff_has_their_own_hours_and_time_off(mine: ProviderDesk, provider: Provider) -> None:
    """promise H2: theirs and nobody else's, also when they name what is a colleague's."""
    own, other = provider.staff
    sam, kim = one_of_staff(provider, 0), one_of_staff(provider, 1)
    mine.do(contract.CHANGE_HOURS, sam, staff_id=own, windows=[])
    mine.do(contract.CHANGE_HOURS, sam, staff_id=own, service_id=provider.services[0], windows=[])
    away = mine.do(contract.ADD_TIME_OFF, sam, staff_id=own, reason="knee", **AWAY)
    for method, members in (
        (contract.CHANGE_HOURS, {"staff_id": other, "windows": []}),
        (contract.CHANGE_HOURS, {"service_id": provider.services[0], "windows": []}),
        (contract.ADD_TIME_OFF, {"staff_id": other, **AWAY}),
        (contract.PUT_STAFF, {"staff_id": own, "name": NAME}),
    ):
        assert _refusal(mine, method, sam, **members).code == "forbidden"
    assert _refusal(mine, contract.REMOVE_TIME_OFF, kim, time_off_id=away["changed_id"]).code == "forbidden"
    told = [mine.supply(caller)["time_off"][0]["reason"] for caller in (sam, kim, member_of(provider))]
    assert told == ["knee", "", "knee"]
    mine.do(contract.REMOVE_TIME_OFF, sam, time_off_id=away["changed_id"])


@pytest.mark.parametrize("closed", ["date", "holiday"])
def test_one_of_the_staff_opens_no_date_that_is_closed(
    desk: Desk, mine: ProviderDesk, provider: Provider, closed: str
) -> None:
    """promise H2: by the owner, or as a holiday; who has hours there by the owner keeps them."""
    own, sam = provider.staff[0], one_of_staff(provider)
    day = date(clock.now().year + 1, 12, 25)
    if closed == "holiday":
        mine.do(contract.CHANGE_RULES, holiday_country="US", window_days=730)
    else:
        mine.do(contract.CHANGE_RULES, window_days=730)
        mine.do(contract.CHANGE_HOURS, dates=[{"date": day.isoformat(), "windows": []}])
    hours = [{"opens": "09:00", "closes": "10:00"}, {"opens": "12:00", "closes": "13:00"}]
    other_day = {"date": (day - timedelta(days=3)).isoformat(), "windows": hours}
    mine_then = {"date": day.isoformat(), "windows": hours}
    error = _refusal(mine, contract.CHANGE_HOURS, sam, staff_id=own, dates=[other_day, mine_then])
    assert (error.code, list(error.details["errors"])) == ("date_closed", ["dates.1.date"])
    for_service = {"staff_id": own, "service_id": provider.services[0]}
    error = _refusal(mine, contract.CHANGE_HOURS, sam, **for_service, dates=[mine_then])
    assert error.code == "date_closed"
    assert desk.free_times(provider, day) == []
    mine.do(contract.CHANGE_HOURS, sam, staff_id=own, dates=[other_day, {**mine_then, "windows": []}])
    mine.do(contract.CHANGE_HOURS, staff_id=own, dates=[mine_then])
    mine.do(contract.CHANGE_HOURS, sam, staff_id=own, dates=[other_day, mine_then])
    assert desk.free_times(provider, day) == ["09:00", "12:00"]
    mine.do(contract.CHANGE_HOURS, dates=[mine_then])
    longer = {**mine_then, "windows": [{"opens": "09:00", "closes": "11:00"}]}
    mine.do(contract.CHANGE_HOURS, sam, staff_id=own, dates=[longer])


def test_an_administrator_says_why(mine: ProviderDesk, provider: Provider, ledger: Ledger) -> None:
    """promise H2, rule C12: an override is explicit and kept with its reason; so is what others change."""
    admin = Caller(user_id=new_id(), roles=("admin",))
    for reason in (None, " "):
        error = _refusal(mine, contract.CHANGE_HOURS, admin, windows=[], override_reason=reason)
        assert (error.code, list(error.details["errors"])) == ("validation_failed", ["override_reason"])
    mine.do(contract.CHANGE_HOURS, admin, windows=[], override_reason="asked by phone")
    owner = member_of(provider)
    made = mine.do(contract.ADD_TIME_OFF, owner, **AWAY)["changed_id"]
    told = [tuple(one.values()) for one in mine.changes(admin)["changes"]]
    assert [one[:-1] for one in told] == [
        ("add_time_off", made, 0, "provider", owner.user_id, None),
        ("change_hours", None, 0, "admin", admin.user_id, "asked by phone"),
    ]
    assert told[0][-1] > told[1][-1]


def test_the_owner_and_administrators_look_back(mine: ProviderDesk, provider: Provider) -> None:
    """rules C12 and B11: page by page; the owner is told that an administrator did it and why, not which."""
    admin, owner = Caller(user_id=new_id(), roles=("admin",)), member_of(provider)
    mine.do(contract.CHANGE_HOURS, admin, windows=[], override_reason="asked by phone")
    for minutes in (15, 20, 30):
        mine.do(contract.CHANGE_RULES, owner, slot_step_minutes=minutes)
    first = mine.changes(owner, limit=3)
    assert [one["actor_id"] for one in first["changes"]] == [owner.user_id] * 3
    second = mine.changes(owner, limit=3, cursor=first["next"])
    assert second["next"] is None
    [last] = second["changes"]
    assert (last["actor"], last["actor_id"], last["reason"]) == ("admin", None, "asked by phone")
    for caller, code in (
        (one_of_staff(provider), "forbidden"),
        (Caller(user_id=new_id(), memberships=(provider.provider_id,)), "forbidden"),
        (Caller(user_id=new_id()), "not_found"),
    ):
        with pytest.raises(ServiceError) as refused:
            mine.changes(caller)
        assert refused.value.code == code

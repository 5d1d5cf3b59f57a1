"""A provider keeps so much and no more: whoever asks for free times reads all of it."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from shared.contracts import booking as contract
from shared.errors import ServiceError
from tests.integration.booking.desk import Desk
from tests.integration.booking.provider_desk import NAME, ProviderDesk, every_day

ROOM: dict[str, Any] = {"kind": "room", "name": NAME, "units": [{"name": NAME}]}
DAY_OFF = {"from_date": "2030-01-01", "to_date": "2030-01-02"}

_FILL = {
    "staff": """
        INSERT INTO staff (id, provider_id, name, active, all_services)
        SELECT gen_random_uuid(), :id, '{"en": "Sam"}', number % 2 = 0, true
        FROM generate_series(1, 498) AS number""",
    "resources": """
        INSERT INTO resource_pool (id, provider_id, kind, name, active)
        SELECT gen_random_uuid(), :id, 'room', '{"en": "Room"}', true FROM generate_series(1, 199)""",
    "time_off": """
        INSERT INTO time_off (id, provider_id, period, reason)
        SELECT gen_random_uuid(), :id, tstzrange(now() + number * interval '1 hour',
            now() + (number + 1) * interval '1 hour'), ''
        FROM generate_series(-50, 999) AS number WHERE number < -10 OR number > 0""",
    "windows": """
        INSERT INTO working_hours (id, provider_id, service_id, weekday, opens, closes)
        SELECT gen_random_uuid(), :id, gen_random_uuid(), 1, 540, 600 FROM generate_series(1, 9993)""",
    "dates": """
        INSERT INTO date_hours (id, provider_id, service_id, day)
        SELECT gen_random_uuid(), :id, gen_random_uuid(), CURRENT_DATE + 1 + number % 300
        FROM generate_series(1, 9999) AS number""",
}


@pytest.fixture
def mine(desk: Desk) -> ProviderDesk:
    return ProviderDesk(desk.transaction, desk.open_provider())


def _fill(owner: Engine, mine: ProviderDesk, kept: str) -> None:
    """One less than there may be, seven of windows; of time off, some is over."""
    with owner.begin() as connection:
        connection.execute(text(_FILL[kept]), {"id": mine.provider.provider_id})


@pytest.mark.parametrize(
    ("kept", "most", "method", "members"),
    [
        ("staff", 500, contract.PUT_STAFF, {"name": NAME}),
        ("resources", 200, contract.PUT_RESOURCE, ROOM),
        ("time_off", 1000, contract.ADD_TIME_OFF, DAY_OFF),
    ],
)
def test_one_more_than_there_may_be_is_refused(
    owner: Engine, mine: ProviderDesk, kept: str, most: int, method: Any, members: dict[str, Any]
) -> None:
    """promise H5: by a code that says what and how many; nothing is added, what is there can be changed."""
    _fill(owner, mine, kept)
    last = mine.do(method, **members)["changed_id"]
    before = mine.supply()
    with pytest.raises(ServiceError) as refused:
        mine.do(method, **members)
    assert (refused.value.code, refused.value.details) == ("too_much_kept", {"kept": kept, "most": most})
    assert mine.supply() == before
    if kept == "time_off":
        mine.do(contract.REMOVE_TIME_OFF, time_off_id=last)
        mine.do(method, **members)
    else:
        own_id = {"staff": "staff_id", "resources": "resource_id"}[kept]
        mine.do(method, **members, **{own_id: last})


@pytest.mark.parametrize(
    ("kept", "hours"),
    [
        ("windows", {"windows": every_day("09:00", "12:00")}),
        ("dates", {"dates": [{"date": "2030-01-01", "windows": []}]}),
    ],
)
def test_hours_of_people_and_services_are_bounded_together(
    owner: Engine, mine: ProviderDesk, kept: str, hours: dict[str, Any]
) -> None:
    """promise H5: replacing what is there adds nothing; another's hours would."""
    _fill(owner, mine, kept)
    one, other = mine.provider.services
    for _ in range(2):
        mine.do(contract.CHANGE_HOURS, service_id=one, **hours)
    with pytest.raises(ServiceError) as refused:
        mine.do(contract.CHANGE_HOURS, service_id=other, **hours)
    assert (refused.value.code, refused.value.details["kept"]) == ("too_much_kept", kept)


def test_units_that_were_replaced_are_kept_and_counted(mine: ProviderDesk) -> None:
    """promise H5: bookings of the past name them."""
    hundred = [{"name": NAME}] * 100
    pool = mine.do(contract.PUT_RESOURCE, kind="room", name=NAME, units=hundred)["changed_id"]
    for _ in range(4):
        mine.do(contract.PUT_RESOURCE, resource_id=pool, kind="room", name=NAME, units=hundred)
    with pytest.raises(ServiceError) as refused:
        mine.do(contract.PUT_RESOURCE, resource_id=pool, **ROOM)
    assert refused.value.details == {"kept": "units", "most": 500}

"""Examples of what is asked and answered about a provider's supply."""

from typing import Any

from tests.contract import values
from tests.contract.values import Value

CHANGE: Value = {
    "provider_id": values.PROVIDER,
    "confirmation": None,
    "override_reason": None,
    "idempotency_key": values.KEY,
}
UNIT = "01890000-0000-7000-8000-00000000aa01"
RESOURCE = "01890000-0000-7000-8000-00000000aa02"
TIME_OFF = "01890000-0000-7000-8000-00000000aa03"
NAME = values.texts("Room 1", "غرفة")

HOURS: Value = {
    "staff_id": None,
    "service_id": None,
    "windows": [{"weekday": 5, "opens": "22:00", "closes": "26:00"}],
    "dates": [{"date": "2027-01-15", "windows": [{"opens": "10:00", "closes": "12:00"}]}],
}
RULES: Value = {
    "slot_step_minutes": 30,
    "minimum_notice_minutes": 60,
    "window_days": 90,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 15,
}
HOLIDAYS: Value = {"holiday_country": "GB", "holiday_subdivision": "SCT", "travel_speed_kmh": 40}
SERVICE_RULES: Value = RULES | {
    "capacity": 8,
    "staff_count": 1,
    "day_cap": 10,
    "week_cap": 40,
    "places": ["provider", "online"],
    "acceptance": "provider",
    "answer_hours": 12,
    "needs": [{"resource_id": RESOURCE, "count": 1}],
}
MEMBER: Value = {
    "name": values.texts("Sam", "سام"),
    "active": True,
    "all_services": False,
    "service_ids": [values.SERVICE],
    "day_cap": 6,
    "week_cap": None,
}
ROOMS: Value = {
    "kind": "room",
    "name": NAME,
    "active": True,
    "units": [{"unit_id": UNIT, "name": NAME, "active": True}],
}


def _changed(changed_id: str | None, stranded: int = 0) -> dict[str, Any]:
    return {"provider_id": values.PROVIDER, "changed_id": changed_id, "stranded": stranded}


REQUESTS: dict[str, Value] = {
    "booking.get_supply": {"provider_id": values.PROVIDER},
    "booking.list_supply_changes": {
        "provider_id": values.PROVIDER,
        "limit": 20,
        "cursor": None,
    },
    "booking.change_hours": CHANGE | HOURS | {"confirmation": "sb_1", "override_reason": "asked by phone"},
    "booking.change_rules": CHANGE | RULES | HOLIDAYS,
    "booking.change_service_rules": CHANGE | SERVICE_RULES | {"service_id": values.SERVICE},
    "booking.put_staff": CHANGE | MEMBER | {"staff_id": values.STAFF},
    "booking.put_resource": CHANGE | ROOMS | {"resource_id": RESOURCE},
    "booking.add_time_off": CHANGE
    | {
        "staff_id": values.STAFF,
        "from_date": "2027-01-15",
        "from_time": "00:00",
        "to_date": "2027-01-16",
        "to_time": "12:00",
        "reason": "course",
    },
    "booking.remove_time_off": CHANGE | {"time_off_id": TIME_OFF},
}

ANSWERS: dict[str, Value] = {
    "booking.get_supply": {
        "provider_id": values.PROVIDER,
        "time_zone": "America/New_York",
        "rules": RULES | HOLIDAYS,
        "hours": [HOURS],
        "services": [
            SERVICE_RULES | {"service_id": values.SERVICE, "name": values.MASSAGE, "duration_minutes": 60}
        ],
        "staff": [MEMBER | {"staff_id": values.STAFF}],
        "resources": [ROOMS | {"resource_id": RESOURCE}],
        "time_off": [
            {
                "time_off_id": TIME_OFF,
                "staff_id": None,
                "starts_at": "2027-01-15T05:00:00.000000Z",
                "ends_at": "2027-01-16T05:00:00.000000Z",
                "reason": "course",
            }
        ],
    },
    "booking.list_supply_changes": {
        "changes": [
            {
                "command": "change_hours",
                "changed_id": None,
                "stranded": 2,
                "actor": "admin",
                "actor_id": values.USER,
                "reason": "asked by phone",
                "at": "2027-01-11T09:30:00.000000Z",
            }
        ],
        "next": "b3BhcXVl",
    },
    "booking.change_hours": _changed(None, 2),
    "booking.change_rules": _changed(None),
    "booking.change_service_rules": _changed(values.SERVICE),
    "booking.put_staff": _changed(values.STAFF),
    "booking.put_resource": _changed(RESOURCE),
    "booking.add_time_off": _changed(TIME_OFF),
    "booking.remove_time_off": _changed(TIME_OFF),
}

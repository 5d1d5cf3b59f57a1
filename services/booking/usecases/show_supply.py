"""Shows a provider's members what the provider has to give."""

from datetime import timedelta
from typing import Any

from services.booking.domain.calendar import DEFAULT_WINDOWS
from services.booking.domain.offering import Acceptance
from services.booking.store.supply_changes import DEFAULT_RULES
from services.booking.store.supply_view import supply_as_kept, time_off_from
from shared.contracts.booking_supply_forms import ANSWER_HOURS, ServiceRulesSchema
from shared.contracts.declaration import Caller
from shared.database.transaction import Transaction, read_app_now
from shared.errors import not_found

Object = dict[str, Any]

_NO_RULES = {
    "capacity": 1,
    "staff_count": 1,
    "places": ["provider"],
    "acceptance": Acceptance.INSTANT.value,
    "answer_hours": ANSWER_HOURS,
}
_OF_SERVICE = [name for name in ServiceRulesSchema._declared_fields if name != "needs"]


def get_supply(transaction: Transaction, request: Object, caller: Caller) -> Object:
    """SupplySchema for the provider's members and administrators; for others `not_found` (rule B11).

    Why a colleague is away is the owner's and an administrator's to know.
    """
    provider_id = request["provider_id"]
    if not (caller.acts_for(provider_id) or caller.is_admin):
        raise not_found()
    with transaction() as connection:
        now = read_app_now(connection)
        # A day earlier than in UTC may be today's in some zone.
        kept = supply_as_kept(connection, provider_id, now.date() - timedelta(days=1))
        if kept is None:
            raise not_found()
        away = [_told(entry, caller, provider_id) for entry in time_off_from(connection, provider_id, now)]
    rules = kept["calendar"] or {}
    return {
        "provider_id": provider_id,
        "time_zone": kept["time_zone"],
        "rules": {name: rules.get(name, default) for name, default in DEFAULT_RULES.items()}
        | {name: rules.get(name) for name in ("holiday_country", "holiday_subdivision", "travel_speed_kmh")},
        "hours": _hours(kept),
        "services": [_service(entry) for entry in kept["services"] or ()],
        "staff": [entry | {"service_ids": entry["service_ids"] or []} for entry in kept["staff"] or ()],
        "resources": [entry | {"units": entry["units"] or []} for entry in kept["resources"] or ()],
        "time_off": away,
    }


def _told(time_off: Object, caller: Caller, provider_id: str) -> Object:
    post = caller.post_at(provider_id)
    if caller.is_admin or (post is not None and post.reaches(time_off["staff_id"])):
        return time_off
    return time_off if time_off["staff_id"] is None else time_off | {"reason": ""}


def _hours(kept: Object) -> list[Object]:
    """The provider's first, then everybody's and every service's who have some of their own."""
    found: dict[tuple[str | None, str | None], Object] = {}

    def of(staff_id: str | None, service_id: str | None) -> Object:
        empty: Object = {"staff_id": staff_id, "service_id": service_id, "windows": None, "dates": []}
        return found.setdefault((staff_id, service_id), empty)

    default = [(one.weekday, one.opens, one.closes) for one in DEFAULT_WINDOWS]
    of(None, None)["windows"] = [
        _window(*window) for window in (default if kept["calendar"] is None else kept["windows"] or ())
    ]
    for staff_id, service_id, weekday, opens, closes in kept["own_windows"] or ():
        hours = of(staff_id, service_id)
        added = [] if weekday is None else [_window(weekday, opens, closes)]
        hours["windows"] = [*(hours["windows"] or ()), *added]
    for staff_id, service_id, day, opens, closes in kept["dates"] or ():
        dates = of(staff_id, service_id)["dates"]
        if not dates or dates[-1]["date"] != day:
            dates.append({"date": day, "windows": []})
        if opens is not None:
            dates[-1]["windows"].append({"opens": _clock(opens), "closes": _clock(closes)})
    return list(found.values())


def _service(entry: Object) -> Object:
    rules = entry["rules"] or _NO_RULES
    return {
        "service_id": entry["service_id"],
        "name": entry["name"],
        "duration_minutes": entry["duration_minutes"],
        "needs": entry["needs"] or [],
        **{name: rules.get(name) for name in _OF_SERVICE},
    }


def _window(weekday: int, opens: int, closes: int) -> Object:
    return {"weekday": weekday, "opens": _clock(opens), "closes": _clock(closes)}


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"

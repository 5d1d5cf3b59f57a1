"""Walks of visits that repeat: booked, moved and ended together."""

from tests.chaos.customers import CARD
from tests.chaos.house import ADDRESS
from tests.chaos.matrix.visit import NOTHING, Found, Visit
from tests.chaos.matrix.walk import Walk
from tests.chaos.places import AT_HOME

TWO_VISITS = "FREQ=DAILY;COUNT=2"
FARTHER = 2
"""So many days later they are moved: to none that the other has."""


def _repeat(visit: Visit) -> None:
    """Hold two days in a row."""
    slot = visit.free_slot(AT_HOME)
    body = {
        "providerId": AT_HOME.provider_id,
        "serviceId": AT_HOME.service_id,
        "bookingDate": slot["localDate"],
        "startTime": slot["localTime"],
        "notes": visit.key("series"),
        "rule": TWO_VISITS,
        "address": ADDRESS,
    }
    series = visit.command("create_series", "customer/series", body, "series").data
    visit.held, visit.stand = series, lambda: _series_stands(visit, series)


def _series_stands(visit: Visit, series: Found) -> str:
    now = visit.ask("series", f"customer/series/{series['seriesId']}")
    words = sorted(set(map(_words, now.get("instances", []), series["instances"])))
    return " and ".join(words) or NOTHING


def _words(now: Found, then: Found) -> str:
    """How a visit of it stands, and whether it is at another time than it was."""
    if now["booking"] is None:
        return NOTHING
    is_moved = now["booking"]["startsAt"] != then["booking"]["startsAt"]
    return f"{now['booking']['state']}{', moved' if is_moved else ''}"


def _repeat_and_pay(visit: Visit) -> None:
    _repeat(visit)
    path = f"customer/series/{visit.held['seriesId']}/pay"
    visit.command("pay_series", path, {"paymentMethodId": CARD}, "pay-series")
    visit.wait_to_stand("confirmed")


def _move_series(visit: Visit) -> None:
    path = f"customer/series/{visit.held['seriesId']}/reschedule"
    visit.command("reschedule_series", path, {"scope": "all", "shiftDays": FARTHER}, "move-series")


def _end_series(visit: Visit) -> None:
    path = f"customer/series/{visit.held['seriesId']}/cancel"
    visit.command("cancel_series", path, {"scope": "all", "reason": "another plan"}, "end-series")


_ENDED_MEANWHILE = f"expired and {NOTHING}"
"""On a slow machine the hold of the first visit, 5 s, may end before the second is held."""

SERIES_WALKS: dict[str, Walk] = {
    "repeat": Walk(_repeat, ("pending", "expired", _ENDED_MEANWHILE), after=_end_series),
    "move a series": Walk(_move_series, ("confirmed, moved",), before=_repeat_and_pay, after=_end_series),
    "end a series": Walk(_end_series, ("cancelled", "expired"), before=_repeat),
}

"""Walks of those who wait in line for a time: joined, left, and what was offered declined."""

from datetime import UTC, datetime, timedelta

from tests.chaos.house import HOUSE
from tests.chaos.matrix.visit import NOTHING, Found, Visit
from tests.chaos.matrix.walk import Walk
from tests.chaos.places import IN_LINE

FAR_IN_LINE = 7
DAYS_IN_LINE, HOURS_IN_LINE = 60, 12
NO_TIME_OF_IT = "10:07"
"""Nobody can be offered what does not begin then."""


def _join(visit: Visit) -> None:
    _join_for(visit, f"{8 + visit.number // DAYS_IN_LINE % HOURS_IN_LINE:02d}:00")


def _join_for_nothing(visit: Visit) -> None:
    _join_for(visit, NO_TIME_OF_IT)


def _join_for(visit: Visit, hour: str) -> None:
    day = datetime.now(UTC).date() + timedelta(days=FAR_IN_LINE + visit.number % DAYS_IN_LINE)
    body = {
        "providerId": IN_LINE.provider_id,
        "serviceId": IN_LINE.service_id,
        "date": day.isoformat(),
        "from": hour,
        "to": hour,
        "staffId": HOUSE.rare,
        "notes": visit.key("join"),
    }
    entry = visit.command("join", "customer/waitlist", body, "join").data
    visit.held, visit.stand = entry, lambda: _entry_stands(visit, entry)


def _entry_stands(visit: Visit, entry: Found) -> str:
    seen = visit.ask("waitlist", "customer/waitlist?limit=100").get("entries", [])
    known = {one["waitlistId"]: one["state"] for one in seen}
    return str(known.get(entry["waitlistId"], NOTHING))


def _be_offered(visit: Visit) -> None:
    _join(visit)
    visit.wait_to_stand("offered")


def _leave(visit: Visit) -> None:
    visit.command("leave", f"customer/waitlist/{visit.held['waitlistId']}/leave", None, "leave")


def _decline_offer(visit: Visit) -> None:
    path = f"customer/waitlist/{visit.held['waitlistId']}/decline"
    visit.command("decline_offer", path, None, "decline")


_OFFERED = ("offered", "missed")
"""An offer lasts for 5 s."""

LINE_WALKS: dict[str, Walk] = {
    "join a line": Walk(_join, _OFFERED),
    "leave a line": Walk(_leave, ("left",), before=_join_for_nothing),
    "decline an offer": Walk(_decline_offer, ("declined", "missed"), before=_be_offered),
}

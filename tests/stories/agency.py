"""An agency of five carers, through HTTP alone: night shift, shared room, group, holiday, new hours."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import requests

from deploy.local.stack import Stack
from shared import clock
from tests.fixtures.customer import Customer
from tests.fixtures.waiting import wait_until
from tests.journey.finding import OWNER
from tests.stories.story import Cast, Object, Story, data_of, refusal_of

CARERS = 5
CARER = "Carer of the story"
ROOM = "Room of the story"
CHRISTMAS = (12, 25)


@dataclass
class Agency:
    """The provider of the demo data as an agency: its owner, its carers, a day on which nobody else works."""

    cast: Cast
    owner: Customer
    provider_id: str
    services: list[str]
    day: date
    carers: list[str] = field(default_factory=list)
    room: str = ""
    bookings: list[tuple[Customer, str]] = field(default_factory=list)

    def change(self, path: str, expected: int = 200, **body: Any) -> Object:
        answer = self.owner.post(f"provider/{path}", {"providerId": self.provider_id, **body})
        return data_of(answer, expected)

    def free(self, service: int, day: date | None = None, staff_id: str | None = None) -> list[Object]:
        query = {"serviceId": self.services[service], "date": (day or self.day).isoformat()}
        if staff_id is not None:
            query["staffId"] = staff_id
        path = f"customer/providers/{self.provider_id}/availability"
        slots: list[Object] = data_of(self.owner.get(path, **query))["slots"]
        return slots

    def explain(self, service: int, day: date, time: str, **members: str) -> Object:
        query = {"serviceId": self.services[service], "at": f"{day.isoformat()}T{time}", **members}
        return data_of(self.owner.get(f"customer/providers/{self.provider_id}/availability/explain", **query))

    def ask(self, service: int, day: date, time: str, **members: Any) -> requests.Response:
        """Somebody new asks for a time."""
        customer = self.cast.customer()
        body = {
            "providerId": self.provider_id,
            "serviceId": self.services[service],
            "bookingDate": day.isoformat(),
            "startTime": time,
            **members,
        }
        answer = customer.post("customer/bookings", body)
        if answer.status_code == 201:
            self.bookings.append((customer, answer.json()["data"]["bookingId"]))
        return answer


def opened(stack: Stack) -> Agency:
    """The agency before its story: what an earlier one has left is put away, and so is everybody else."""
    cast = Cast(stack.url)
    owner = cast.signed_in(*OWNER)
    provider_id = owner.get("auth/me").json()["data"]["memberships"][0]["providerId"]
    supply = data_of(owner.get("provider/schedule", providerId=provider_id))
    services = sorted(supply["services"], key=lambda one: (one["durationMinutes"], one["serviceId"]))
    agency = Agency(cast, owner, provider_id, [one["serviceId"] for one in services][:3], _today())
    assert len(agency.services) >= 3, "the demo data have a provider with three services"
    put_away(agency)
    return agency


def put_away(agency: Agency) -> None:
    """Everything as it was before; what was held is given back."""
    for customer, booking_id in agency.bookings:
        customer.post(f"customer/bookings/{booking_id}/cancel")
    agency.bookings.clear()
    supply = data_of(agency.owner.get("provider/schedule", providerId=agency.provider_id))
    agency.change("schedule/rules", holidayCountry="")
    for service_id in agency.services:
        agency.change(f"services/{service_id}/rules")
    for one in supply["staff"]:
        is_carer = one["name"]["en"].startswith(CARER)
        if is_carer and one["active"]:
            member = {name: one[name] for name in ("name", "allServices", "serviceIds")}
            _confirmed(agency, f"staff/{one['staffId']}", active=False, **member)
        if not is_carer:
            _confirmed(agency, "schedule/hours", staffId=one["staffId"], dates=[])


def ended(agency: Agency) -> None:
    put_away(agency)
    agency.cast.leave()


def _confirmed(agency: Agency, path: str, **body: Any) -> None:
    """Visits of earlier stories that are in the way are known."""
    answer = agency.owner.post(f"provider/{path}", {"providerId": agency.provider_id, **body})
    if answer.status_code == requests.codes.conflict:
        body["confirmation"] = answer.json()["details"]["confirmation"]
        answer = agency.owner.post(f"provider/{path}", {"providerId": agency.provider_id, **body})
    data_of(answer)


def _soon(condition: Callable[[], object], what: str) -> None:
    """Free times are advice: a list may be as old as an event on its way (rule C15)."""
    wait_until(condition, what, seconds=5)


def _staff_of(slots: list[Object]) -> set[str]:
    return {staff_id for slot in slots for staff_id in slot["staffIds"]}


def _local_times(slots: list[Object]) -> set[tuple[str, str]]:
    return {(slot["localDate"], slot["localTime"]) for slot in slots}


def _first(slots: list[Object]) -> str:
    return min(str(slot["localTime"]) for slot in slots)


def _window(weekday: int, opens: str, closes: str) -> Object:
    return {"weekday": weekday, "opens": opens, "closes": closes}


def _week(opens: str, closes: str) -> list[Object]:
    return [_window(weekday, opens, closes) for weekday in range(1, 8)]


def five_carers_start(agency: Agency) -> str:
    """promise F3: a day six weeks ahead is theirs alone; one of them works at night."""
    agency.day = _some_day(agency)
    supply = data_of(agency.owner.get("provider/schedule", providerId=agency.provider_id))
    for one in supply["staff"]:
        if one["active"] and not one["name"]["en"].startswith(CARER):
            dates = [{"date": day.isoformat(), "windows": []} for day in _days(agency)]
            agency.change("schedule/hours", staffId=one["staffId"], dates=dates)
    for number in range(CARERS):
        name = {"en": f"{CARER} {number + 1}", "ar": "مقدم رعاية"}
        agency.carers.append(agency.change("staff", 201, name=name)["changedId"])
    for carer in agency.carers[:-1]:
        agency.change("schedule/hours", staffId=carer, windows=_week("09:00", "17:00"))
    agency.change("schedule/hours", staffId=agency.carers[-1], windows=_week("22:00", "30:00"))
    _soon(lambda: _staff_of(agency.free(0)) == set(agency.carers), "the five and nobody else to be free")
    return f"{CARERS} carers on {agency.day}, nobody else"


def anyone_free_is_taken_in_turn(agency: Agency) -> str:
    """promise C7, rule C11: four want the same time, anyone will do, each gets another; not a fifth."""
    answers = [agency.ask(0, agency.day, "10:00") for _ in range(5)]
    taken = [data_of(answer, 201)["staffId"] for answer in answers[:4]]
    assert sorted(taken) == sorted(agency.carers[:-1]), taken
    problem = refusal_of(answers[4])
    assert problem["code"] == "slot_taken", problem
    assert problem["details"]["alternatives"], problem
    return "four at 10:00, each another's; the fifth gets alternatives"


def a_night_shift_crosses_midnight(agency: Agency) -> str:
    """rule T8: 00:30 is listed with the evening before and booked by its own date."""
    night = agency.carers[-1]
    tomorrow = agency.day + timedelta(days=1)
    wanted = {(agency.day.isoformat(), "22:00"), (tomorrow.isoformat(), "00:30")}
    _soon(lambda: wanted <= _local_times(agency.free(0, staff_id=night)), "the night to be free")
    booking = data_of(agency.ask(0, tomorrow, "00:30"), 201)
    assert booking["staffId"] == night, booking
    taken = (tomorrow.isoformat(), "00:30")
    _soon(lambda: taken not in _local_times(agency.free(0, staff_id=night)), "00:30 to be gone")
    return f"booked {tomorrow} 00:30 from the evening of {agency.day}"


def two_services_share_a_room(agency: Agency) -> str:
    """rule C9: carers are free, the room is not; the refusal says so, and names nobody."""
    name = {"en": ROOM, "ar": "غرفة"}
    made = agency.change("resources", 201, kind="room", name=name, units=[{"name": name}])
    agency.room = made["changedId"]
    for service in (0, 1):
        path = f"services/{agency.services[service]}/rules"
        agency.change(path, needs=[{"resourceId": agency.room}])
    data_of(agency.ask(0, agency.day, "12:00"), 201)
    problem = refusal_of(agency.ask(1, agency.day, "12:00"))
    assert problem["code"] == "resource_busy", problem
    explained = agency.explain(1, agency.day, "12:00")
    assert [(one["rule"], one["resourceId"]) for one in explained["reasons"]] == [
        ("resource_busy", agency.room)
    ]
    return "the second service is refused: resource_busy"


def a_group_fills_up(agency: Agency) -> str:
    """rule C10: three seats, one session; the fourth is refused, and a seat that is given back is free."""
    agency.change(f"services/{agency.services[2]}/rules", capacity=3)
    one = agency.carers[0]
    bookings = [data_of(agency.ask(2, agency.day, "14:00", staffId=one), 201) for _ in range(3)]
    assert {booking["staffId"] for booking in bookings} == {one}
    problem = refusal_of(agency.ask(2, agency.day, "14:00", staffId=one))
    assert problem["code"] == "session_full", problem
    customer, booking_id = agency.bookings[-1]
    data_of(customer.post(f"customer/bookings/{booking_id}/cancel"))
    data_of(agency.ask(2, agency.day, "14:00", staffId=one), 201)
    return "3 of 3 seats; the fourth is refused: session_full"


def a_refusal_is_explained(agency: Agency) -> str:
    """rule B16: the rule, until when a hold lasts, the nearest times; none for a free time."""
    closed = agency.explain(0, agency.day, "18:30")
    assert [reason["rule"] for reason in closed["reasons"]] == ["closed"], closed
    assert closed["alternatives"], closed
    free = agency.explain(2, agency.day, "15:00")
    assert (free["isFree"], free["reasons"]) == (True, []), free
    return "18:30 is closed, 15:00 is free"


def a_holiday_closes_the_day(agency: Agency) -> str:
    """promise F3: by the country of the agency; hours for that date open it again."""
    christmas = _next(*CHRISTMAS)
    window = (christmas - _today()).days + 2
    agency.change("schedule/rules", holidayCountry="US", windowDays=max(90, window))
    _soon(lambda: agency.free(2, christmas, agency.carers[0]) == [], "the holiday to be closed")
    reasons = agency.explain(2, christmas, "11:00", staffId=agency.carers[0])["reasons"]
    assert [(one["rule"], one["holiday"]) for one in reasons] == [("holiday", "Christmas Day")], reasons
    hours = [{"date": christmas.isoformat(), "windows": [{"opens": "10:00", "closes": "14:00"}]}]
    agency.change("schedule/hours", staffId=agency.carers[0], windows=_week("09:00", "17:00"), dates=hours)
    _soon(lambda: _staff_of(agency.free(2, christmas)) == {agency.carers[0]}, "the one to be free")
    return f"{christmas} is closed; one carer works from 10:00"


def hours_change_under_visits(agency: Agency) -> str:
    """promise F3: the visits that would be outside are listed, nothing is done; confirmed, it is."""
    carer = agency.carers[1]
    windows = _week("13:00", "17:00")
    body = {"providerId": agency.provider_id, "staffId": carer, "windows": windows}
    problem = refusal_of(agency.owner.post("provider/schedule/hours", body))
    assert problem["code"] == "bookings_stranded", problem
    listed = [(one["localDate"], one["localTime"]) for one in problem["details"]["bookings"]]
    assert listed == [(agency.day.isoformat(), "10:00")], listed
    first = _first(agency.free(2, staff_id=carer))
    assert first < "13:00", first
    done = agency.change(
        "schedule/hours",
        staffId=carer,
        windows=windows,
        confirmation=problem["details"]["confirmation"],
    )
    assert done["stranded"] == 1, done
    _soon(lambda: _first(agency.free(2, staff_id=carer)) == "13:00", "the new hours to be listed")
    return "one visit is listed; confirmed, the hours change and the visit stays"


STEPS: tuple[Callable[[Agency], str], ...] = (
    five_carers_start,
    anyone_free_is_taken_in_turn,
    a_night_shift_crosses_midnight,
    two_services_share_a_room,
    a_group_fills_up,
    a_refusal_is_explained,
    a_holiday_closes_the_day,
    hours_change_under_visits,
)
STORY = Story(opened, STEPS, ended)


def _today() -> date:
    return clock.now().date()


def _some_day(agency: Agency) -> date:
    """A working day some weeks ahead that is no holiday."""
    day = _today() + timedelta(days=40)
    while day.isoweekday() > 5 or (day.month, day.day) in (CHRISTMAS, (1, 1)):
        day += timedelta(days=1)
    return day


def _days(agency: Agency) -> Iterator[date]:
    yield agency.day
    yield agency.day + timedelta(days=1)
    yield _next(*CHRISTMAS)


def _next(month: int, day: int) -> date:
    """The next such day that is not tomorrow already."""
    year = _today().year
    found = date(year, month, day)
    return found if found > _today() + timedelta(days=1) else date(year + 1, month, day)

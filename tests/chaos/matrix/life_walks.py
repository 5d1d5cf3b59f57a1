"""Walks of visits that are asked for first, moved, replaced, begun, missed and noted on."""

from datetime import UTC, datetime, timedelta

from tests.chaos.customers import CARD
from tests.chaos.house import ADDRESS, day_of
from tests.chaos.matrix.visit import NOTED, POLL_SECONDS, Visit
from tests.chaos.matrix.walk import CONFIRMED, PAID_BACK, Walk
from tests.chaos.places import ASKED_FIRST, AT_HOME

ASKED = "pending, asked, paid"
GRACE = timedelta(minutes=16)
"""So long after its start a visit may be missed, or be done."""
UNANSWERED = timedelta(hours=2)
"""Longer than the house has to answer."""
NOBODY_OBJECTED = timedelta(hours=26)
LOOKS_AT_A_PRICE = 200
SOON, HOURS = timedelta(minutes=30), 12
"""A visit of one of the next hours, so that those of a run are not all of one time."""


def _booking_id(visit: Visit) -> str:
    return str(visit.held["bookingId"])


# Asked first


def _hold_asked(visit: Visit) -> None:
    visit.hold_at(ASKED_FIRST, visit.free_slot(ASKED_FIRST))


def _pay(visit: Visit) -> None:
    visit.pay(CARD)


def _be_asked_first(visit: Visit) -> None:
    _hold_asked(visit)
    visit.pay(CARD)
    visit.wait_to_stand(ASKED)


def _accept(visit: Visit) -> None:
    visit.owner.accept(_booking_id(visit), visit.key("accept"))


def _decline(visit: Visit) -> None:
    visit.owner.decline(_booking_id(visit), visit.key("decline"))


# Soon


def _agree_soon(visit: Visit) -> None:
    """At home, within hours: the card is held until after it."""
    earliest = datetime.now(UTC) + SOON + timedelta(hours=visit.number % HOURS)
    path = f"customer/providers/{AT_HOME.provider_id}/availability"
    for ahead in (0, 1):
        day = (day_of(earliest) + timedelta(days=ahead)).isoformat()
        query = {"serviceId": AT_HOME.service_id, "date": day}
        slots = visit.person.ask("availability", "GET", path, params=query).data.get("slots", [])
        later = [slot for slot in slots if datetime.fromisoformat(slot["startsAt"]) >= earliest]
        if later:
            visit.hold_at(AT_HOME, later[0], address=ADDRESS)
            visit.pay(CARD)
            visit.wait_to_stand(CONFIRMED)
            return
    raise LookupError("the house has no time soon")


def _until_start(visit: Visit) -> timedelta:
    return datetime.fromisoformat(visit.held["startsAt"]) - datetime.now(UTC)


def _until_begun(visit: Visit) -> timedelta:
    return _until_start(visit) + GRACE


def _until_nobody_objected(visit: Visit) -> timedelta:
    return _until_start(visit) + NOBODY_OBJECTED


def _until_unanswered(visit: Visit) -> timedelta:
    return UNANSWERED


def _start(visit: Visit) -> None:
    visit.owner.start(_booking_id(visit), visit.key("start"))


def _complete(visit: Visit) -> None:
    visit.owner.complete(_booking_id(visit), visit.key("complete"))


def _miss(visit: Visit) -> None:
    visit.owner.miss(_booking_id(visit), visit.key("miss"))


def _be_missed(visit: Visit) -> None:
    _agree_soon(visit)
    with visit.later(_until_begun(visit)):
        _miss(visit)
    visit.wait_to_stand("no_show, paid")


def _contest(visit: Visit) -> None:
    path = f"customer/bookings/{_booking_id(visit)}/contest"
    visit.command("contest", path, {"reason": "I was at the door"}, "contest")


def _be_contested(visit: Visit) -> None:
    _be_missed(visit)
    _contest(visit)


def _decide(outcome: str) -> Walk:
    def decide(visit: Visit) -> None:
        visit.administrator.decide(_booking_id(visit), outcome, visit.key("decide"))

    won, lost = "cancelled, contest overturned, paid back", "no_show, contest stands, paid"
    wanted = won if outcome == "overturned" else lost
    return Walk(decide, (wanted,), before=_be_contested)


# Another time, by either side


def _hold_and_pay(visit: Visit) -> None:
    visit.hold()
    visit.pay(CARD)
    visit.wait_to_stand(CONFIRMED)


def _move(visit: Visit) -> None:
    slot = visit.free_slot(visit.place, 2)
    body = {"bookingDate": slot["localDate"], "startTime": slot["localTime"]}
    visit.command("reschedule", f"customer/bookings/{_booking_id(visit)}/reschedule", body, "move")


def _agree_before_it_is_dearer(visit: Visit) -> None:
    """Return when booking knows that a new visit costs more than the agreed one."""
    _hold_and_pay(visit)
    place, slot = visit.place, visit.free_slot(visit.place, 2)
    visit.publisher.raise_price(place.provider_id, place.service_id)
    path = f"customer/bookings/{_booking_id(visit)}/reschedule-quote"
    query = {"date": slot["localDate"], "time": slot["localTime"]}
    for _ in range(LOOKS_AT_A_PRICE):
        if visit.person.ask("reschedule_quote", "GET", path, params=query).data.get("priceDifference"):
            return
        visit.person.pause(POLL_SECONDS)
    raise LookupError("nobody has heard of the new price")


def _replace(visit: Visit) -> None:
    """Book a time that costs more, for which the agreed visit is given up once it is paid."""
    held, paid = visit.held, visit.paid
    slot = visit.free_slot(visit.place, 2)
    visit.hold_at(visit.place, slot, "again", replacesBookingId=held["bookingId"])
    visit.pay(CARD, "pay-again")
    visit.stand = lambda: f"{visit.of(visit.held, visit.paid)}, for one {visit.of(held, paid)}"


def _agree_far(visit: Visit) -> None:
    visit.hold_at(AT_HOME, visit.free_slot(AT_HOME), address=ADDRESS)
    visit.pay(CARD)
    visit.wait_to_stand(CONFIRMED)


def _call_off(visit: Visit) -> None:
    visit.owner.call_off(_booking_id(visit), visit.key("call-off"))


def _note(visit: Visit) -> None:
    path = f"customer/bookings/{_booking_id(visit)}"
    visit.command("notes", path, {"notes": visit.key(NOTED)}, "note", "PATCH")


def _be_noted(visit: Visit) -> None:
    visit.owner.note(_booking_id(visit), visit.key(NOTED), visit.key("note"))


LIFE_WALKS: dict[str, Walk] = {
    "pay, asked first": Walk(_pay, (ASKED,), before=_hold_asked, after=_accept),
    "be accepted": Walk(_accept, (CONFIRMED,), before=_be_asked_first),
    "be declined by the provider": Walk(_decline, (PAID_BACK,), before=_be_asked_first),
    "be left unanswered": Walk(Walk.nothing, (PAID_BACK,), before=_be_asked_first, ahead=_until_unanswered),
    "begin": Walk(_start, ("in_progress, paid",), before=_agree_soon, ahead=_until_start),
    "be done": Walk(_complete, ("completed, paid",), before=_agree_soon, ahead=_until_begun),
    "count as done": Walk(
        Walk.nothing, ("completed, paid",), before=_agree_soon, ahead=_until_nobody_objected
    ),
    "be missed": Walk(_miss, ("no_show, paid",), before=_agree_soon, ahead=_until_begun),
    "contest": Walk(_contest, ("no_show, contest open, paid",), before=_be_missed),
    "lose a contest": _decide("stands"),
    "win a contest": _decide("overturned"),
    "move": Walk(_move, ("confirmed, moved, paid",), before=_hold_and_pay),
    "replace": Walk(_replace, (f"{CONFIRMED}, for one {PAID_BACK}",), before=_agree_before_it_is_dearer),
    "be called off": Walk(_call_off, (PAID_BACK,), before=_agree_far),
    "note": Walk(_note, ("confirmed, noted, paid",), before=_hold_and_pay),
    "be noted": Walk(_be_noted, ("confirmed, noted, paid",), before=_agree_far),
}

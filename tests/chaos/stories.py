"""Customers whose bookings have a longer life: moved, asked first, repeated, waited for, missed, attended."""

import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.chaos.administrator import Administrator
from tests.chaos.agreeing import LOOK_SECONDS, Found
from tests.chaos.customers import CARD, POLLS
from tests.chaos.dearer import ReplacingCustomer
from tests.chaos.house import HOUSE, day_of
from tests.chaos.house_owner import HouseOwner
from tests.chaos.person import Calls
from tests.chaos.places import ASKED_FIRST, IN_LINE, Place
from tests.chaos.plans import Habits, Plan

VISITS_OF_A_SERIES = 3
HOURS_IN_LINE = ("10:00", "11:00")
"""Few, so that people wait for each other."""
SOON_ENOUGH = timedelta(minutes=1)
"""So far ahead a visit is whose provider will not answer: it can be paid until then."""
SOON_TO_BE_PAID = timedelta(days=1)
"""So far ahead a series is of which one visit is paid: its customer is told that the others are not."""

PASSING = frozenset(
    {"not_tried", "outcome_unknown", "unavailable", "deadline_exceeded", "request_in_progress"}
)
"""What of the visits of a series that are paid together a repeat with the same key may settle."""


class LifeCustomer(ReplacingCustomer):
    """Does what its plans say; `begun` are the ids of its visits that began before the run, agreed."""

    def __init__(self, calls: Calls, seed: int, number: int, places: list[Place], habits: Habits) -> None:
        super().__init__(calls, seed, number, places, habits)
        self.begun: deque[str] = deque()
        self._owner = HouseOwner(calls, f"{self.name}-owner")
        self._administrator = Administrator(calls, f"{self.name}-administrator")
        self._stories: dict[str, Callable[[Plan], None]] = {
            "moved": self._be_moved,
            "asked": self._ask_first,
            "series": self._repeat,
            "line": self._stand_in_line,
            "missed": self._miss,
            "attended": self._attend,
            "replaced": self.replace,
        }

    def visit(self, plan: Plan) -> None:
        story = self._stories.get(plan.story)
        if story is None or (plan.story in ("missed", "attended") and not self.begun):
            super().visit(plan)
            return
        story(plan)
        self.pause(plan.pauses[5])

    # Another time

    def _be_moved(self, plan: Plan) -> None:
        """Pay a visit, move it once or twice, and keep or cancel it."""
        place, day = self.places[plan.place], self.first_day() + timedelta(days=plan.day)
        held = self.hold_any(plan, place, day)
        if held is None or not self.pay_until(plan, held, "confirmed"):
            return
        for number in range(2 if plan.turns[0] < 0.3 else 1):
            self.pause(plan.pauses[4])
            self._move(plan, place, held, number)
        if plan.turns[1] < 0.4:
            path = f"customer/bookings/{held['bookingId']}/cancel"
            self.insist("cancel", path, {"reason": "moved too often"}, f"{plan.key}-cancel")

    def _move(self, plan: Plan, place: Place, held: Found, number: int) -> None:
        slots = self.free(place, self.first_day() + timedelta(days=plan.day + number))
        if not slots or self.calls.ending.is_set():
            return
        slot = slots[min(plan.rank + number, len(slots) - 1)]
        path = f"customer/bookings/{held['bookingId']}"
        body: Found = {"bookingDate": slot["localDate"], "startTime": slot["localTime"]}
        if plan.turns[2] < 0.5:
            query = {"date": slot["localDate"], "time": slot["localTime"]}
            shown = self.ask("reschedule_quote", "GET", f"{path}/reschedule-quote", params=query)
            body |= {"quoteId": shown.data["quoteId"]} if shown.is_success else {}
        key = f"{plan.key}-move-{number}"
        moved = self.insist("reschedule", f"{path}/reschedule", body, key)
        if plan.reuses_key or plan.turns[3] < 0.3:
            self.insist("reschedule", f"{path}/reschedule", moved.body, key)

    # Asked first

    def _ask_first(self, plan: Plan) -> None:
        """Pay, and wait for the answer, which may never come: then the visit's start is the deadline."""
        never = plan.answer == "never"
        held = self._hold_soon(plan) if never else self.hold_any(plan, ASKED_FIRST, self.first_day())
        if held is None or not self.pay_until(plan, held, "pending") or never:
            return
        self.pause(plan.pauses[4])
        booking_id = held["bookingId"]
        acts: dict[str, list[Callable[[Plan, str], None]]] = {
            "accept": [self._accept],
            "decline": [self._decline],
            "cancel": [self.cancel],
            "race": [self._accept, self.cancel],
        }
        both = [threading.Thread(target=act, args=(plan, booking_id)) for act in acts[plan.answer]]
        for one in both:
            one.start()
        for one in both:
            one.join()
        self.ask("booking", "GET", f"customer/bookings/{booking_id}")

    def _accept(self, plan: Plan, booking_id: str) -> None:
        self._owner.accept(booking_id, f"{plan.key}-accept")

    def _decline(self, plan: Plan, booking_id: str) -> None:
        self._owner.decline(booking_id, f"{plan.key}-decline")

    def _hold_soon(self, plan: Plan) -> Found | None:
        """The first start that is far enough to be paid."""
        earliest = datetime.now(UTC) + SOON_ENOUGH
        slots = self.free(ASKED_FIRST, day_of(earliest), 1)
        late = [slot for slot in slots if datetime.fromisoformat(slot["startsAt"]) >= earliest]
        held = self.hold_one(ASKED_FIRST, late, 0, f"{plan.key}-hold") if late else None
        return held.data if held else None

    # Repeated

    def _repeat(self, plan: Plan) -> None:
        """Book three days in a row; pay one, all or none; cancel one, the following, or all."""
        is_kept = 0.3 <= plan.turns[0] < 0.7
        place, day = self.places[plan.place], self.first_day() + timedelta(days=plan.day)
        if is_kept:
            day = datetime.now(UTC).date() + SOON_TO_BE_PAID
        slots = self.free(place, day)
        if not slots:
            return
        slot = slots[min(plan.rank, len(slots) - 1)]
        asked = {
            "providerId": place.provider_id,
            "serviceId": place.service_id,
            "bookingDate": slot["localDate"],
            "startTime": slot["localTime"],
            "rule": f"FREQ=DAILY;COUNT={VISITS_OF_A_SERIES}",
        }
        seen = self.ask("preview_series", "POST", "customer/series/preview", asked)
        decisions = [one for shown in seen.data.get("instances", []) if (one := _decision(shown))]
        key = f"{plan.key}-series"
        body = asked | {"notes": key, "decisions": decisions}
        made = self.insist("create_series", "customer/series", body, key)
        if plan.reuses_key:
            self.insist("create_series", "customer/series", body, key)
        booked = [one for one in made.data.get("instances", []) if one["booking"]]
        if not booked:
            return
        if is_kept:
            self._pay_one_of(plan, made.data, booked[-1]["booking"])
        elif plan.turns[0] < 0.3:
            self._pay_together(plan, made.data)
        if plan.turns[0] < 0.5 or 0.7 <= plan.turns[0] < 0.85:
            self._cancel_series(plan, made.data, booked)

    def _pay_one_of(self, plan: Plan, series: Found, visit: Found) -> None:
        """From then on the others are kept for days."""
        if not self.pay_until(plan, visit, "confirmed"):
            return
        self.ask("series", "GET", f"customer/series/{series['seriesId']}")
        self.pause(plan.pauses[3])

    def _pay_together(self, plan: Plan, series: Found) -> None:
        """All visits by one command, which is given again until each of them has an outcome."""
        path = f"customer/series/{series['seriesId']}"
        for _ in range(POLLS):
            paid = self.insist(
                "pay_series", f"{path}/pay", {"paymentMethodId": CARD}, f"{plan.key}-pay-series"
            )
            is_open = any(one["code"] in PASSING for one in paid.data.get("visits", []))
            if not is_open or self.calls.ending.is_set():
                break
            self.pause(LOOK_SECONDS)
        self.ask("series", "GET", path)
        self.pause(plan.pauses[3])

    def _cancel_series(self, plan: Plan, series: Found, booked: list[Found]) -> None:
        scope = ("one", "following", "all")[int(plan.turns[1] * 3)]
        which: Found = {"scope": scope}
        if scope != "all":
            which["position"] = booked[-1]["position"] if plan.turns[2] < 0.7 else booked[0]["position"]
        path, body = f"customer/series/{series['seriesId']}", dict(which)
        if plan.turns[3] < 0.5:
            quote = self.ask("series_quote", "GET", f"{path}/refund-quote", params=which)
            body |= {"refundQuoteId": quote.data["quoteId"]} if quote.is_success else {}
        self.insist("cancel_series", f"{path}/cancel", body, f"{plan.key}-cancel-series")

    # In line

    def _stand_in_line(self, plan: Plan) -> None:
        """Wait for an hour of the rare one; take what is offered, decline it, or let it go."""
        hour = HOURS_IN_LINE[plan.rank % len(HOURS_IN_LINE)]
        body = {
            "providerId": IN_LINE.provider_id,
            "serviceId": IN_LINE.service_id,
            "date": (self.first_day() + timedelta(days=plan.day)).isoformat(),
            "from": hour,
            "to": hour,
            "staffId": HOUSE.rare,
            "notes": f"{plan.key}-join",
        }
        joined = self.insist("join", "customer/waitlist", body, f"{plan.key}-join")
        if not joined.is_success:
            return
        entry = self._await_offer(joined.data)
        path = f"customer/waitlist/{entry['waitlistId']}"
        if entry["state"] == "waiting" and plan.turns[0] < 0.6:
            self.insist("leave", f"{path}/leave", None, f"{plan.key}-leave")
        elif entry["state"] == "offered" and plan.turns[1] < 0.25:
            self.insist("decline_offer", f"{path}/decline", None, f"{plan.key}-decline")
        elif entry["state"] == "offered" and plan.turns[1] < 0.75:
            taken = self.pay_until(plan, entry["booking"], "confirmed")
            if taken and plan.turns[2] < 0.8:
                self.cancel(plan, entry["booking"]["bookingId"])

    def _await_offer(self, entry: Found) -> Found:
        for _ in range(POLLS):
            if entry["state"] != "waiting" or self.calls.ending.is_set():
                break
            self.pause(LOOK_SECONDS)
            seen = self.ask("waitlist", "GET", "customer/waitlist", params={"limit": 100})
            known = {one["waitlistId"]: one for one in seen.data.get("entries", [])}
            entry = known.get(entry["waitlistId"], entry)
        return entry

    # When it has begun

    def _miss(self, plan: Plan) -> None:
        """Be said to be missing; contest it; an administrator decides."""
        booking_id, key = self.begun.popleft(), plan.key
        self._owner.miss(booking_id, f"{key}-missed")
        if plan.turns[0] < 0.2:
            return
        path = f"customer/bookings/{booking_id}/contest"
        self.insist("contest", path, {"reason": "I was at the door"}, f"{key}-contest")
        if plan.turns[1] < 0.2:
            self.insist("contest", path, {"reason": "I was at the door, twice"}, f"{key}-again")
        outcome = "stands" if plan.turns[2] < 0.5 else "overturned"
        self._administrator.decide(booking_id, outcome, f"{key}-decide")
        self.ask("booking", "GET", f"customer/bookings/{booking_id}")

    def _attend(self, plan: Plan) -> None:
        """The carer checks in and out; both sides write notes."""
        booking_id, key = self.begun.popleft(), plan.key
        self._owner.note(booking_id, "bring the mat", f"{key}-provider-note")
        # What the customer has noted begins with the key by which checks know whose it is.
        path, note = f"customer/bookings/{booking_id}", {"notes": f"{key}-note"}
        self.insist("notes", path, note, f"{key}-note", "PATCH")
        if plan.turns[0] < 0.7:
            self._owner.start(booking_id, f"{key}-start")
            self.pause(plan.pauses[4])
        self._owner.complete(booking_id, f"{key}-complete")
        self.ask("booking", "GET", path)


def _decision(shown: Found) -> Found | None:
    """Take an alternative where there is one, skip what can't be had; None: as the rule says."""
    if shown["prospect"] == "free":
        return None
    if not shown["alternatives"]:
        return {"localDate": shown["localDate"], "choice": "skip"}
    instead = shown["alternatives"][0]
    return {"localDate": shown["localDate"], "choice": "alternative", "startTime": instead["localTime"]}

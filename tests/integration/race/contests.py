"""What is fought over in a round: by whom it can be had at most, and by which attempts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import count, cycle, product
from random import Random

from tests.integration.booking.desk import Desk, Provider
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk
from tests.integration.booking.series_desk import Waiting

HOURS = (9, 11, 13, 15)
SHIFTS = (0, 15, 30)
SHORT, LONG = 0, 1
FAR = 50
"""So many days behind the first that is fought over lie the visits that move."""
IN_LINE = 3
OFFERING = 0.5
"""Of all who are at freed time, so many offer it to those in line; the others want it past them."""
ANY = tuple(product(SHIFTS, (SHORT, LONG)))


class Kind(StrEnum):
    """By what the attempts of a round differ, or what stands in their way."""

    SHIFTED = "shifted"
    OVERLAPPING = "overlapping"
    PENDING = "pending"
    ANYONE = "anyone"
    SEVERAL = "several resources"
    GROUP = "group"
    RESCHEDULED = "rescheduled"
    SWAPPED = "swapped"
    SERIES = "series"
    WAITLIST = "waitlist"


@dataclass(frozen=True)
class Agreed:
    """A visit that was paid for, and can be moved by its customer."""

    booking_id: str
    customer_id: str


@dataclass(frozen=True)
class Attempt:
    """One customer's wish; `start` is local time of the provider, or None: to offer what is free to those in
    line. `agreed`: it is for this visit to move."""

    kind: Kind
    provider_id: str
    service_id: str
    day: date
    start: str | None
    agreed: Agreed | None = None


@dataclass(frozen=True)
class Contest:
    """One round: of all attempts exactly so many can win, and so many visits are in its two hours then."""

    kind: Kind
    provider: Provider
    day: date
    hour: int
    wins: int
    visits: int
    attempts: list[Attempt]


WISHES = {
    Kind.SHIFTED: tuple(product(SHIFTS, (SHORT,))),
    Kind.RESCHEDULED: tuple(product(SHIFTS, (SHORT,))),
    Kind.SERIES: tuple(product(SHIFTS, (SHORT,))),
    # Who comes second must not open a second session beside the first.
    Kind.GROUP: ((0, SHORT),),
}


class Grounds:
    """Where a kind is fought out: its providers, whose days are used up one after the other."""

    def __init__(self, desk: Desk, ledger: Ledger, chance: Random) -> None:
        self._desk, self._ledger, self._chance = desk, ledger, chance
        self._opened = {kind: _open(desk, kind) for kind in Kind}
        self._hours = {kind: ((days, hour) for days in count() for hour in HOURS) for kind in Kind}
        self._movable: list[Agreed] = []
        self._later = ((days, hour) for days in count(FAR) for hour in range(9, 18))

    def contests(self, number: int) -> Iterator[Contest]:
        """Kind after kind, without end, with so many attempts each; at hours that nobody has booked."""
        for kind in cycle(Kind):
            days, hour = next(self._hours[kind])
            provider, room = self._opened[kind]
            day = self._desk.day + timedelta(days=days)
            if kind is Kind.SWAPPED:
                attempts = self._swaps(provider, day, hour, number)
                yield Contest(kind, provider, day, hour, 0, 2, attempts)
                continue
            if kind is Kind.PENDING:
                self._leave_an_ended_hold(provider, day, hour)
            if kind is Kind.WAITLIST:
                self._free_before_a_line(provider, day, hour)
            movable = self._movables(provider, number) if kind is Kind.RESCHEDULED else [None] * number
            attempts = [self._attempt(kind, provider, day, hour, agreed) for agreed in movable]
            yield Contest(kind, provider, day, hour, room, room, attempts)

    def _attempt(
        self, kind: Kind, provider: Provider, day: date, hour: int, agreed: Agreed | None
    ) -> Attempt:
        """One of all ways to want a part of the two hours; a visit that moves stays as long as it is."""
        wishes = WISHES.get(kind, ANY)
        shift, service = self._chance.choice(wishes)
        start: str | None = f"{hour:02d}:{shift:02d}"
        if kind is Kind.WAITLIST and self._chance.random() < OFFERING:
            start = None
        return Attempt(kind, provider.provider_id, provider.services[service], day, start, agreed)

    def _leave_an_ended_hold(self, provider: Provider, day: date, hour: int) -> None:
        """It still blocks the middle of the hours, until whoever wants them releases it (rule C7)."""
        held = self._desk.hold(provider, f"{hour:02d}:15", booking_date=day.isoformat())
        ended = "UPDATE booking SET hold_ends_at = app_now() - interval '1 second' WHERE id = :id"
        self._ledger.run(ended, id=held["booking_id"])

    def _free_before_a_line(self, provider: Provider, day: date, hour: int) -> None:
        """Somebody has cancelled, several wait for just that, and nothing is offered to any of them yet."""
        held = self._desk.hold(provider, f"{hour:02d}:15", booking_date=day.isoformat())
        for _ in range(IN_LINE):
            times = {"from_time": f"{hour:02d}:00", "to_time": f"{hour:02d}:30"}
            Waiting(self._desk, provider, None, date=day.isoformat(), **times)
        self._desk.cancel(held)

    def _movables(self, provider: Provider, number: int) -> list[Agreed | None]:
        """Visits that have never been moved, far from the hours that are fought over."""
        moved = "SELECT id FROM booking WHERE provider_id = :id AND moves > 0"
        gone = {str(row.id) for row in self._ledger.rows(moved, id=provider.provider_id)}
        self._movable = [one for one in self._movable if one.booking_id not in gone]
        while len(self._movable) < number:
            days, hour = next(self._later)
            self._movable.append(self._agree(provider, self._desk.day + timedelta(days=days), hour))
        return [*self._movable[:number]]

    def _swaps(self, provider: Provider, day: date, hour: int, number: int) -> list[Attempt]:
        """Two visits side by side, each of which wants to be where the other is: neither can be first."""
        pair = [self._agree(provider, day, one) for one in (hour, hour + 1)]
        return [
            Attempt(
                Kind.SWAPPED,
                provider.provider_id,
                provider.services[SHORT],
                day,
                f"{hour + 1 - one % 2:02d}:00",
                pair[one % 2],
            )
            for one in range(number)
        ]

    def _agree(self, provider: Provider, day: date, hour: int) -> Agreed:
        held = self._desk.hold(provider, f"{hour:02d}:00", booking_date=day.isoformat())
        self._desk.payment_succeeds(held)
        return Agreed(held["booking_id"], held["customer_id"])


def _open(desk: Desk, kind: Kind) -> tuple[Provider, int]:
    """A provider, and how many can win of those who want the same two hours there."""
    if kind is Kind.ANYONE:
        return desk.open_provider(staff=3), 3
    if kind is Kind.SEVERAL:
        provider = desk.open_provider(staff=3)
        owner = ProviderDesk(desk.transaction, provider)
        room = owner.rooms(2)
        for service in (SHORT, LONG):
            owner.service_rules(service, needs=[{"resource_id": room}])
        return provider, 2
    provider = desk.open_provider()
    if kind is Kind.GROUP:
        ProviderDesk(desk.transaction, provider).service_rules(SHORT, capacity=3)
        return provider, 3
    return provider, 1

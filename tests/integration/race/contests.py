"""What is fought over in a round: by whom it can be had at most, and by which attempts."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import count, cycle, product
from random import Random

from tests.integration.booking.desk import PRICE, Desk, Provider
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk
from tests.integration.booking.series_desk import Waiting

HOURS = (9, 11, 13, 15)
SHIFTS = (0, 15, 30)
SHORT, LONG = 0, 1
FAR = 50
"""So many days behind the first that is fought over lie the visits that move."""
LESS = PRICE - 1000
"""For so much were those visits agreed whose customers want a time that costs more."""
IN_LINE = 3
OFFERING = 0.5
"""Of all who are at freed time, so many offer it to those in line; the others want it past them."""
ANY = tuple(product(SHIFTS, (SHORT, LONG)))

_MOVED = """
SELECT id FROM booking WHERE provider_id = :id AND (moves > 0 OR state = 'cancelled')
"""


class Kind(StrEnum):
    """By what the attempts of a round differ, or what stands in their way."""

    SHIFTED = "shifted"
    OVERLAPPING = "overlapping"
    PENDING = "pending"
    ANYONE = "anyone"
    SEVERAL = "several resources"
    GROUP = "group"
    RESCHEDULED = "rescheduled"
    DEARER = "dearer"
    SWAPPED = "swapped"
    SERIES = "series"
    WAITLIST = "waitlist"
    MIXED = "mixed"


@dataclass(frozen=True)
class Agreed:
    """A visit that was paid for, and can be moved by its customer."""

    booking_id: str
    customer_id: str


@dataclass(frozen=True)
class Attempt:
    """One customer's wish; `start` is local time of the provider, or None: to offer what is free to those in
    line. `agreed`: it is for this visit to move, or to be given up for a time that costs more."""

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
    Kind.DEARER: tuple(product(SHIFTS, (SHORT,))),
    Kind.SERIES: tuple(product(SHIFTS, (SHORT,))),
    # Who comes second must not open a second session beside the first.
    Kind.GROUP: ((0, SHORT),),
}
MIXED = (Kind.OVERLAPPING, Kind.RESCHEDULED, Kind.DEARER, Kind.SERIES, Kind.WAITLIST)
"""By these ways the same hours of the same person are wanted in one round."""
AGREED_FOR = {Kind.RESCHEDULED: PRICE, Kind.DEARER: LESS}


class Grounds:
    """Where a kind is fought out: its providers, whose days are used up one after the other."""

    def __init__(self, desk: Desk, ledger: Ledger, chance: Random) -> None:
        self._desk, self._ledger, self._chance = desk, ledger, chance
        self._opened = {kind: _open(desk, kind) for kind in Kind}
        self._hours = {kind: ((days, hour) for days in count() for hour in HOURS) for kind in Kind}
        self._movable: defaultdict[tuple[str, int], list[Agreed]] = defaultdict(list)
        self._later = {kind: ((days, hour) for days in count(FAR) for hour in range(9, 18)) for kind in Kind}

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
            if kind in (Kind.WAITLIST, Kind.MIXED):
                self._free_before_a_line(provider, day, hour)
            attempts = list(self._attempts(kind, provider, day, hour, number))
            yield Contest(kind, provider, day, hour, room, room, attempts)

    def _attempts(
        self, kind: Kind, provider: Provider, day: date, hour: int, number: int
    ) -> Iterator[Attempt]:
        """So many of all ways to want a part of the two hours."""
        ways = [way for way, _ in zip(cycle(MIXED if kind is Kind.MIXED else (kind,)), range(number))]
        movable = {
            way: iter(self._movables(kind, price, ways.count(way)))
            for way, price in AGREED_FOR.items()
            if way in ways
        }
        for way in ways:
            shift, service = self._chance.choice(WISHES.get(way, ANY))
            start: str | None = f"{hour:02d}:{shift:02d}"
            if way is Kind.WAITLIST and (kind is Kind.MIXED or self._chance.random() < OFFERING):
                start = None
            agreed = next(movable[way]) if way in movable else None
            yield Attempt(way, provider.provider_id, provider.services[service], day, start, agreed)

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

    def _movables(self, kind: Kind, price: int, number: int) -> list[Agreed]:
        """Visits at this price that have never been moved, far from the hours that are fought over."""
        provider, _ = self._opened[kind]
        pool = self._movable[provider.provider_id, price]
        moved = {str(row.id) for row in self._ledger.rows(_MOVED, id=provider.provider_id)}
        pool[:] = [one for one in pool if one.booking_id not in moved]
        self._charge(provider, price)
        while len(pool) < number:
            days, hour = next(self._later[kind])
            pool.append(self._agree(provider, self._desk.day + timedelta(days=days), hour))
        self._charge(provider, PRICE)
        return pool[:number]

    def _charge(self, provider: Provider, price: int) -> None:
        dearer = "UPDATE service SET price_amount = :price WHERE id = :id"
        self._ledger.run(dearer, price=price, id=provider.services[SHORT])

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

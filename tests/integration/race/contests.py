"""What is fought over in a round: by whom it can be had at most, and by which attempts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import count, cycle, product
from random import Random

from shared.contracts import booking as contract
from shared.ids import new_id
from tests.integration.booking.desk import Desk, Provider
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk

HOURS = (9, 11, 13, 15)
SHIFTS = (0, 15, 30)
SHORT, LONG = 0, 1


class Kind(StrEnum):
    """By what the attempts of a round differ, or what stands in their way."""

    SHIFTED = "shifted"
    OVERLAPPING = "overlapping"
    PENDING = "pending"
    ANYONE = "anyone"
    SEVERAL = "several resources"
    GROUP = "group"


@dataclass(frozen=True)
class Attempt:
    """One customer's wish; `start` is local time of the provider."""

    kind: Kind
    provider_id: str
    service_id: str
    day: date
    start: str


@dataclass(frozen=True)
class Contest:
    """One round: of all attempts exactly so many can win. `prepare` happens before it begins."""

    kind: Kind
    provider: Provider
    day: date
    hour: int
    winners: int
    wishes: tuple[tuple[int, int], ...]
    prepare: Callable[[], None]

    def attempts(self, number: int, chance: Random) -> list[Attempt]:
        """So many, drawn from all ways to want a part of the same two hours."""
        drawn = [chance.choice(self.wishes) for _ in range(number)]
        return [
            Attempt(
                self.kind,
                self.provider.provider_id,
                self.provider.services[service],
                self.day,
                f"{self.hour:02d}:{shift:02d}",
            )
            for shift, service in drawn
        ]


def contests(desk: Desk, ledger: Ledger) -> Iterator[Contest]:
    """Kind after kind, each round at hours that nobody has booked, without end."""
    grounds = [_Ground(kind, *_open(desk, kind)) for kind in Kind]
    for ground in cycle(grounds):
        yield ground.next(desk, ledger)


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


_WISHES = {
    Kind.SHIFTED: tuple(product(SHIFTS, (SHORT,))),
    # Who comes second must not open a second session beside the first.
    Kind.GROUP: ((0, SHORT),),
}


class _Ground:
    """One kind's provider, whose days are used up one after the other."""

    def __init__(self, kind: Kind, provider: Provider, winners: int) -> None:
        self._kind, self._provider, self._winners = kind, provider, winners
        self._hours = ((days, hour) for days in count() for hour in HOURS)

    def next(self, desk: Desk, ledger: Ledger) -> Contest:
        days, hour = next(self._hours)
        day = desk.day + timedelta(days=days)
        wishes = _WISHES.get(self._kind, tuple(product(SHIFTS, (SHORT, LONG))))

        def prepare() -> None:
            if self._kind is Kind.PENDING:
                _leave_an_ended_hold(desk, ledger, self._provider, day, hour)

        return Contest(self._kind, self._provider, day, hour, self._winners, wishes, prepare)


def _leave_an_ended_hold(desk: Desk, ledger: Ledger, provider: Provider, day: date, hour: int) -> None:
    """It still blocks the middle of the hours, until whoever wants them releases it (rule C7)."""
    held = desk.hold(provider, f"{hour:02d}:15", booking_date=day.isoformat())
    ended = "UPDATE booking SET hold_ends_at = app_now() - interval '1 second' WHERE id = :id"
    ledger.run(ended, id=held["booking_id"])


def request_of(attempt: Attempt) -> dict[str, object]:
    """As the contract wants it, under a key of its own."""
    return dict(
        contract.CREATE_BOOKING.request().load(
            {
                "provider_id": attempt.provider_id,
                "service_id": attempt.service_id,
                "booking_date": attempt.day.isoformat(),
                "start_time": attempt.start,
                "idempotency_key": new_id(),
            }
        )
    )

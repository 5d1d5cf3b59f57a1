"""Processes that try at the same moment, each with connections of its own."""

import multiprocessing
import zoneinfo
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from services.booking.settings import BookingSettings
from services.booking.usecases.book_series import create_series
from services.booking.usecases.hold_slot import create_booking
from services.booking.usecases.offer_freed import offer_freed
from services.booking.usecases.payment_outcomes import apply_payment_succeeded
from services.booking.usecases.reschedule import reschedule_booking
from shared import clock
from shared.contracts import booking as contract
from shared.contracts.booking_series import CREATE_SERIES
from shared.contracts.declaration import Caller, read
from shared.contracts.payment import PAYMENT_SUCCEEDED
from shared.database.transaction import Database
from shared.errors import ServiceError, unavailable
from shared.ids import new_id
from tests.integration.booking.desk import payment_event
from tests.integration.race.contests import Agreed, Attempt, Kind

Object = dict[str, Any]

WON, NOTHING_TO_OFFER = "held", "nothing_to_offer"
TWICE = "FREQ=DAILY;INTERVAL=30;COUNT=2"
"""The second visit lies behind all days that are fought over."""
START_SECONDS = 60
REPEATS = 3


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: WON or the refusal's code. Instants of the machine's monotonic clock."""

    attempt: Attempt
    code: str
    began: float
    ended: float
    repeats: int


@dataclass(frozen=True)
class Racers:
    """Processes that wait for their next round."""

    pipes: Sequence[Connection]

    def race(self, shares: Sequence[Sequence[Attempt]]) -> list[Outcome]:
        """Each process tries its share, one after the other; all of them begin at once."""
        for pipe, share in zip(self.pipes, shares, strict=True):
            pipe.send(share)
        return [outcome for pipe in self.pipes for outcome in pipe.recv()]


@contextmanager
def racers(database_url: str, number: int) -> Iterator[Racers]:
    """So many processes, until the end of the block."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(number)
    pipes, processes = [], []
    for _ in range(number):
        ours, theirs = context.Pipe()
        process = context.Process(target=_run, args=(database_url, theirs, barrier), daemon=True)
        process.start()
        pipes.append(ours)
        processes.append(process)
    try:
        yield Racers(pipes)
    finally:
        for pipe, process in zip(pipes, processes, strict=True):
            pipe.send(None)
            process.join(START_SECONDS)
            process.kill()


def _run(database_url: str, pipe: Connection, barrier: Barrier) -> None:
    zoneinfo.reset_tzpath(to=())
    database = Database(database_url, pool_size=1, application_name="care race")
    settings = BookingSettings(database_url=database_url, amqp_uri="")
    while (share := pipe.recv()) is not None:
        barrier.wait(START_SECONDS)
        pipe.send([_try(database, settings, attempt) for attempt in share])
    database.dispose()


def _try(database: Database, settings: BookingSettings, attempt: Attempt) -> Outcome:
    """Asked again under its key where the machine is so busy that a lock is not had in time, as who books
    does."""
    began, key, repeats = clock.monotonic(), new_id(), 0
    while (code := _code_of(database, settings, attempt, key)) == unavailable.code and repeats < REPEATS:
        repeats += 1
    return Outcome(attempt, code, began, clock.monotonic(), repeats)


def _code_of(database: Database, settings: BookingSettings, attempt: Attempt, key: str) -> str:
    try:
        return _ask(database, settings, attempt, key)
    except ServiceError as error:
        return error.code


def _ask(database: Database, settings: BookingSettings, attempt: Attempt, key: str) -> str:
    """As the service's door and timer do; what came of it."""
    if attempt.start is None:
        return WON if offer_freed(database.transaction, settings) else NOTHING_TO_OFFER
    wish: Object = {
        "booking_date": attempt.day.isoformat(),
        "start_time": attempt.start,
        "idempotency_key": key,
    }
    if attempt.kind in (Kind.RESCHEDULED, Kind.SWAPPED):
        agreed = _agreed(attempt)
        move = read(contract.RESCHEDULE_BOOKING.request, wish | {"booking_id": agreed.booking_id})
        reschedule_booking(database.transaction, settings, move, Caller(user_id=agreed.customer_id))
        return WON
    wish |= {"provider_id": attempt.provider_id, "service_id": attempt.service_id}
    if attempt.kind is Kind.DEARER:
        return _pay_in_place(database, settings, wish, _agreed(attempt))
    customer = Caller(user_id=key)
    if attempt.kind is Kind.SERIES:
        asked = read(CREATE_SERIES.request, wish | {"rule": TWICE})
        first, _ = create_series(database.transaction, settings, asked, customer)["instances"]
        return str(first["code"] or WON)
    hold = read(contract.CREATE_BOOKING.request, wish)
    create_booking(database.transaction, settings, hold, customer)
    return WON


def _pay_in_place(database: Database, settings: BookingSettings, wish: Object, agreed: Agreed) -> str:
    """Held beside the agreed visit, paid, and the agreed one given up for it."""
    hold = read(contract.CREATE_BOOKING.request, wish | {"replaces_booking_id": agreed.booking_id})
    held = create_booking(database.transaction, settings, hold, Caller(user_id=agreed.customer_id))
    apply_payment_succeeded(database.transaction, payment_event(PAYMENT_SUCCEEDED, held))
    return WON


def _agreed(attempt: Attempt) -> Agreed:
    assert attempt.agreed is not None, attempt
    return attempt.agreed

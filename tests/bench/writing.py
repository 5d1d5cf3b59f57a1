"""What is held and paid: beside pgbench, beside the bare path of a booking, and at a constant rate."""

import itertools
import json
import uuid

from tests.bench.bench import WRITERS, Bench, transactions
from tests.bench.floors.database import make_database
from tests.bench.rounds import Subject
from tests.bench.rows import Row, at_least, below, row_of
from tests.bench.wire import Asked, Next, ask, raw_request

BARE = "floor: the bare path of a booking"
SPREAD, LARGE = "create booking, spread", "create booking, one provider"
BARE_SHARE = 0.65
STEADY_RATE = 100.0
PAYERS = 4
PAYABLE, BOOKED_A_SECOND = 300, 60.0
"""Held before each round of payments: more than are paid in it."""


def booking(bench: Bench) -> list[Row]:
    """Holding a time, as fast as it goes, and a hundred a second."""
    url = make_database(bench.admin_url)
    with (
        bench.floor_service("booking_service", DATABASE_URL=url),
        bench.floor_gateway("booking_gateway") as port,
    ):
        make, commands = _bare_bookings(), bench.commands
        subjects = [
            transactions(bench, WRITERS),
            Subject(BARE, lambda seconds: ask(port, WRITERS, make, seconds)),
            bench.subject(SPREAD, WRITERS, commands.book, floor=BARE, target=at_least(BARE_SHARE)),
            bench.subject(LARGE, WRITERS, commands.book_large, floor=BARE, target=at_least(BARE_SHARE)),
        ]
        rows = bench.measure(subjects, bench.rounds, bench.seconds)
    name = f"create booking, {STEADY_RATE:.0f} a second"
    steady = bench.steady(name, commands.book, STEADY_RATE, bench.rounds, bench.seconds)
    return [*rows, steady.with_target(below(p99=40))]


def paying(bench: Bench) -> list[Row]:
    """Paying what is held, against Stripe's stand-in, which is a Python process on the same cores."""
    rounds = []
    for _ in range(bench.rounds):
        bench.ours(WRITERS, bench.commands.book, PAYABLE / BOOKED_A_SECOND, BOOKED_A_SECOND)
        rounds.append(bench.meter.around(lambda: bench.ours(PAYERS, bench.commands.pay, bench.seconds)))
    return [row_of("pay, against Stripe's stand-in", rounds)]


def _bare_bookings() -> Next:
    """Each at another hour of one of a thousand carers."""
    numbers = itertools.count()
    carers = [str(uuid.uuid4()) for _ in range(1000)]

    def make() -> Asked:
        number = next(numbers)
        hour, carer = divmod(number, len(carers))
        day, hour = divmod(hour, 24)
        asked = {
            "customer": str(uuid.uuid4()),
            "provider": carers[carer],
            "starts": f"2030-01-{1 + day:02}T{hour:02}:00:00Z",
            "ends": f"2030-01-{1 + day:02}T{hour:02}:59:00Z",
        }
        raw = raw_request(
            "POST", "/bookings", json.dumps(asked).encode(), {"Content-Type": "application/json"}
        )
        return Asked("book", raw, b"201")

    return make

"""What every group of rows works with: the stack, the floors, the people, how long and how often."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from deploy.local.progress import Progress
from deploy.local.stack import Stack
from services.booking.settings import BookingSettings
from services.gateway.settings import GatewaySettings
from shared.settings import load
from tests.bench.answers import Answers
from tests.bench.floors.database import pgbench
from tests.bench.floors.running import running_gateway, running_service
from tests.bench.meter import Meter
from tests.bench.people import People
from tests.bench.requests import Commands, Looks
from tests.bench.rounds import Subject, measure
from tests.bench.rows import Row, row_of
from tests.bench.settling import Settling
from tests.bench.stage import execute
from tests.bench.wire import Next, ask

FLOORS_HOST = "bare"
READERS, WRITERS, MOST = 16, 8, 64
"""Connections of the closed loops, where both sides of a ratio have the same; and of an open loop."""


_END_HOLDS = """
WITH ended AS (
    UPDATE booking SET state = 'expired', pending_for = NULL, hold_ends_at = NULL, held_from = NULL
    WHERE state = 'pending' AND payment_id IS NULL RETURNING id
)
DELETE FROM allocation USING ended WHERE booking_id = ended.id
"""


@dataclass
class Bench:
    """The run: what is measured and how thoroughly."""

    stack: Stack
    progress: Progress
    rounds: int
    seconds: float
    people: People = field(init=False)
    looks: Looks = field(init=False)
    commands: Commands = field(init=False)

    def __post_init__(self) -> None:
        self.people = People(self.stack.environment("gateway")["JWT_PRIVATE_KEY"])
        self.looks = Looks(self.people)
        self.commands = Commands(self.people)
        self._gateway = load(GatewaySettings, self.stack.environment("gateway"))
        self._workers = str(load(BookingSettings, self.stack.environment("booking")).max_workers)
        self.stack.add_virtual_hosts(FLOORS_HOST)
        self.meter = Meter(self._processes, Settling(self.stack).wait)

    def _processes(self) -> dict[str, int]:
        return {**self.stack.server_pids(), **self.stack.pids()}

    @property
    def port(self) -> int:
        """Of the gateway."""
        return self._gateway.port

    @property
    def admin_url(self) -> str:
        return self.stack.admin_database_url(None)

    def ours(self, connections: int, make: Next, seconds: float, rate: float | None = None) -> Answers:
        """Ask the gateway."""
        self.people.renew()
        return ask(self.port, connections, make, seconds, rate)

    def measure(self, subjects: Sequence[Subject], rounds: int, seconds: float) -> list[Row]:
        """By turns, with what each costs."""
        return measure(subjects, rounds, seconds, self.meter.around)

    def steady(self, name: str, make: Next, rate: float, rounds: int, seconds: float) -> Row:
        """The gateway in an open loop, with what it costs."""
        loop = partial(self.ours, MOST, make, seconds, rate)
        return row_of(name, [self.meter.around(loop) for _ in range(rounds)])

    def subject(self, name: str, connections: int, make: Next, **judged: object) -> Subject:
        """The gateway in a closed loop."""
        return Subject(name, lambda seconds: self.ours(connections, make, seconds), **judged)  # type: ignore[arg-type]

    def put_holds_away(self) -> None:
        """End what is held unpaid, quietly: a customer may hold only a few, and the next group holds anew."""
        execute(self.stack, "booking", _END_HOLDS)
        self.commands.held.clear()

    @contextmanager
    def floor_gateway(self, module: str, **environment: str) -> Iterator[int]:
        """A bare app in as many processes as the gateway has; its port."""
        settings = {"AMQP_URI": self.floors_amqp_uri, "REDIS_URL": self._floors_redis_url, **environment}
        with running_gateway(module, self._gateway.workers, settings) as port:
            yield port

    @contextmanager
    def floor_service(self, module: str, **environment: str) -> Iterator[None]:
        """A bare service of as many workers as booking has."""
        settings = {"AMQP_URI": self.floors_amqp_uri, "MAX_WORKERS": self._workers, **environment}
        with running_service(module, settings):
            yield

    @property
    def floors_amqp_uri(self) -> str:
        return f"{self.stack.amqp_uri.removesuffix('/')}{FLOORS_HOST}"

    @property
    def _floors_redis_url(self) -> str:
        return self.stack.redis_url.removesuffix("/0") + "/1"


def transactions(bench: Bench, clients: int) -> Subject:
    """pgbench with the transaction of a booking."""

    def run(seconds: float) -> Answers:
        done = pgbench(bench.admin_url, clients, seconds)
        return Answers({"transaction": done.milliseconds}, seconds=len(done.milliseconds) / done.rate)

    return Subject("floor: pgbench, the transaction of a booking", run)

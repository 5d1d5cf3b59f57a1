"""What a cell of the crash matrix is: a step and a point in it; which of them go together, or why not."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.payment.clients.stripe_gateway import CALL, CALLED
from shared.contracts import booking, gateway, payment, search
from shared.database.transaction import AFTER_COMMIT, BEFORE_COMMIT
from shared.fault_points import line_of
from shared.messages.jobs import CLAIMED
from shared.messages.publisher import UNCONFIRMED
from shared.messages.relay import BEFORE_SENDING, CONFIRMED
from shared.messages.rpc_client import ANSWER, ASK
from shared.worker.consumer import ANSWERED
from shared.worker.events import PUT_ASIDE


class Kind(StrEnum):
    """What works on a step."""

    ROUTE = "route"
    METHOD = "RPC method"
    HANDLER = "event handler"
    JOB = "job"
    TIMER = "timer"
    RELAY = "relay"


class Point(StrEnum):
    """Where in a step its process dies, in the order of the table's columns."""

    ASKING = ASK.strip()
    ANSWER = ANSWER.strip()
    CLAIMED = CLAIMED
    CALL = CALL.strip()
    CALLED = CALLED.strip()
    BEFORE_COMMIT = BEFORE_COMMIT
    AFTER_COMMIT = AFTER_COMMIT
    ANSWERED = ANSWERED
    SENDING = BEFORE_SENDING
    UNCONFIRMED = UNCONFIRMED
    CONFIRMED = CONFIRMED
    PUT_ASIDE = PUT_ASIDE


ASKS = (Point.ASKING, Point.ANSWER)
CALLS = (Point.CALL, Point.CALLED)
COMMITS = (Point.BEFORE_COMMIT, Point.AFTER_COMMIT)
ASIDE = (Point.UNCONFIRMED, Point.PUT_ASIDE)

ALWAYS: dict[Kind, tuple[Point, ...]] = {
    Kind.ROUTE: (),
    Kind.METHOD: (Point.ANSWERED,),
    Kind.HANDLER: (),
    Kind.JOB: (Point.CLAIMED,),
    Kind.TIMER: (),
    Kind.RELAY: (Point.SENDING, Point.UNCONFIRMED, Point.CONFIRMED),
}
"""Points that every step of a kind passes once."""

SOMETIMES: dict[Kind, tuple[Point, ...]] = {
    Kind.ROUTE: (*ASKS, *COMMITS),
    Kind.METHOD: (*ASKS, *CALLS, *COMMITS),
    Kind.HANDLER: (*COMMITS, *ASIDE),
    Kind.JOB: (*CALLS, *COMMITS),
    Kind.TIMER: COMMITS,
    Kind.RELAY: (),
}
"""Points that a step of a kind passes as often as it says: once for each question, call, commit."""

NEVER: dict[Kind, dict[Point, str]] = {
    Kind.ROUTE: {
        **dict.fromkeys(CALLS, "only payment calls Stripe"),
        Point.ANSWERED: "HTTP has no acknowledgement: whoever hears no answer asks again with the key",
    },
    Kind.METHOD: {},
    Kind.HANDLER: {
        **dict.fromkeys(ASKS, "a handler asks no other service"),
        **dict.fromkeys(CALLS, "a handler calls nobody outside: it leaves a job"),
        Point.ANSWERED: "an event has no answer; its acknowledgement follows the commit at once",
    },
    Kind.JOB: {
        **dict.fromkeys(ASKS, "no job asks another service"),
        Point.ANSWERED: "nobody waits for a job's answer",
    },
    Kind.TIMER: {
        **dict.fromkeys(ASKS, "no timer asks another service"),
        **dict.fromkeys(CALLS, "a timer calls nobody outside: it leaves a job"),
        Point.ANSWERED: "nobody asked a timer",
    },
    Kind.RELAY: {
        **dict.fromkeys(ASKS, "the relay asks no service"),
        **dict.fromkeys(CALLS, "the relay speaks to the broker only"),
        **dict.fromkeys(COMMITS, "the relay reads and deletes outside of any transaction of ours"),
        Point.ANSWERED: "nobody asks the relay",
    },
}
"""Why a kind of step has no such point, beside what holds for all but one kind."""

ONLY: dict[Point, tuple[tuple[Kind, ...], str]] = {
    Point.CLAIMED: ((Kind.JOB,), "only jobs are claimed"),
    Point.SENDING: ((Kind.RELAY,), "events are sent by the relay, which is a step of its own"),
    Point.UNCONFIRMED: ((Kind.RELAY, Kind.HANDLER), "only the relay, and who puts an event aside, sends"),
    Point.CONFIRMED: ((Kind.RELAY,), "only the relay has an outbox to delete from"),
    Point.PUT_ASIDE: ((Kind.HANDLER,), "only an event that failed is put aside"),
}
"""Points of some kinds, and why the others have none."""

LACKING: dict[tuple[Point, ...], str] = {
    ASKS: "this step asks no service",
    CALLS: "this step does not call Stripe",
    COMMITS: "this step writes nothing itself",
    ASIDE: "one piece of code puts aside for all handlers, when a database refused; it is tried at one",
}
"""Why a step has none of the points that its kind may have."""

ONCE: dict[Kind, dict[Point, str]] = {
    Kind.ROUTE: {
        Point.ASKING: "nothing has happened yet, and whoever hears no answer asks again: tried at one route",
    },
    Kind.METHOD: {
        Point.ANSWERED: (
            "the broker brings it again to one that finds it done, as after the last commit: tried at one "
            "method of each service"
        ),
    },
    Kind.HANDLER: {
        Point.BEFORE_COMMIT: (
            "nothing is written, and the broker brings the event again: tried at one handler of each service"
        ),
    },
    Kind.RELAY: {
        Point.SENDING: "one piece of code sends all events of a service: tried at one of them",
        Point.CONFIRMED: (
            "one piece of code sends all events of a service: tried at one of them; that it is sent twice "
            "is tried at each, unconfirmed"
        ),
    },
}
"""Points at which nothing of the step itself is at stake: all of a kind pass them in one and the same code,
and it is tried at one step of each service (`is_example`)."""


SENDER: dict[str, str] = {
    event.name: event.service for contract in (booking, gateway, payment, search) for event in contract.EVENTS
}
"""Every event and the service whose relay sends it."""


@dataclass(frozen=True)
class Step:
    """`work` is what the process calls it, `walk` what a customer does so that it happens.

    `commits` says in words what each transaction writes, `calls` and `asks` name Stripe's operations and
    the methods in their order, `fails_once`: the handler's event is put aside first, `is_example`: it is
    tried also at points of `ONCE`.
    """

    phase: str
    kind: Kind
    work: str
    walk: str
    commits: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    fails_once: bool = False
    is_example: bool = False

    @property
    def service(self) -> str:
        """Whose process works on it."""
        name = self.work.removeprefix("relay ")
        if self.kind is Kind.RELAY:
            return SENDER[name]
        return {Kind.ROUTE: "gateway", Kind.JOB: "payment"}.get(self.kind) or name.partition(".")[0]

    def cells(self) -> Iterator["Cell"]:
        """Every cell of this step."""
        left_out = {} if self.is_example else ONCE.get(self.kind, {})
        yield from (cell for cell in self.passed() if cell.point not in left_out)

    def passed(self) -> Iterator["Cell"]:
        """Every point of this step, also those that are tried at another."""
        yield from (Cell(self, point, point.value, 1) for point in ALWAYS[self.kind])
        yield from self._each(ASKS, self.asks)
        yield from self._each(CALLS, self.calls)
        for number in range(1, len(self.commits) + 1):
            yield from (Cell(self, point, point.value, number) for point in COMMITS)
        if self.fails_once:
            yield from (Cell(self, point, point.value, 1) for point in ASIDE)

    def _each(self, points: tuple[Point, ...], names: tuple[str, ...]) -> Iterator["Cell"]:
        passed: Counter[str] = Counter()
        for name in names:
            passed[name] += 1
            yield from (Cell(self, point, f"{point} {name}", passed[name]) for point in points)

    def reason_against(self, point: Point) -> str:
        """Why this step has no such point; empty when it has."""
        if any(cell.point is point for cell in self.cells()):
            return ""
        if any(cell.point is point for cell in self.passed()):
            return ONCE[self.kind][point]
        if point in ONLY and self.kind not in ONLY[point][0]:
            return ONLY[point][1]
        if point in NEVER[self.kind]:
            return NEVER[self.kind][point]
        return next(reason for points, reason in LACKING.items() if point in points)


@dataclass(frozen=True)
class Cell:
    """A step and the `number`-th time that a point is passed in it; `detail`: the point with its object."""

    step: Step
    point: Point
    detail: str
    number: int

    @property
    def line(self) -> str:
        """As the fault points of the process name it."""
        return line_of(self.step.work, self.detail, self.number)

    def __str__(self) -> str:
        return f"{self.step.phase}: {self.line}"

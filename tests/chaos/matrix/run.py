"""Walks through cell after cell on one stack: in each a process dies, and its customer is served."""

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, cycle
from pathlib import Path

from deploy.local.failure import LaunchError
from tests.chaos.administrator import Administrator
from tests.chaos.faults.record import FaultLog
from tests.chaos.history import History
from tests.chaos.house_owner import HouseOwner
from tests.chaos.instance import ChaosStack
from tests.chaos.matrix.burial import Burials
from tests.chaos.matrix.folder import FaultPoints
from tests.chaos.matrix.quiet import Quiet
from tests.chaos.matrix.steps import CELLS
from tests.chaos.matrix.table import Cell
from tests.chaos.matrix.visit import Visit
from tests.chaos.matrix.walk import Walk, booking_later
from tests.chaos.matrix.walks import WALKS
from tests.chaos.person import Calls, Person
from tests.chaos.places import find_places
from tests.chaos.publisher import Publisher

PERSONS, PLACES = 17, 4
"""Enough that nobody meets the limits of an account; a prime, so that nobody is at a place on a day twice."""
STRIKE_SECONDS = 25.0
"""So long a process may take until it passes the point: a payment is looked at again after 5 s, a hold ends
after 5 s."""
POLL_SECONDS = 0.05
FAULT = "fault_point"
NOT_REACHED = "not reached"


@dataclass(frozen=True)
class Result:
    """What came of a cell: how it stood for the customer in the end, and what was wrong with that."""

    cell: Cell
    outcome: str
    problem: str
    seconds: float


class Matrix:
    """The stack, its customers, and the folder by which processes die."""

    def __init__(
        self, chaos: ChaosStack, points: FaultPoints, history: History, log: FaultLog, folder: Path
    ) -> None:
        self._chaos = chaos
        self._points = points
        self._log = log
        self._calls = Calls(chaos.stack.url, chaos.stack.standin_proxy_url, history)
        self._burials, self._quiet = Burials(chaos), Quiet(chaos)
        self._places = find_places(chaos.stack.url, PLACES)
        self._publisher = Publisher(chaos.stack, folder, 0, [place.provider_id for place in self._places])
        self._persons = cycle([Person(self._calls, f"matrix-{number}") for number in range(PERSONS)])
        self._owner = HouseOwner(self._calls, "matrix-owner")
        self._administrator = Administrator(self._calls, "matrix-administrator")
        self._numbers = count()

    def close(self) -> None:
        """Leave the stack to itself; the history belongs to whoever opened it."""
        self._quiet.close()

    def walk(self, cells: Iterable[Cell]) -> Iterator[Result]:
        """One cell after the other; each comes with what was wrong in it."""
        for cell in cells:
            yield self._walk_through(cell)

    def passed(self, name: str) -> set[str]:
        """Every point that is passed while a customer takes this walk and nothing is done to anybody."""
        walk, visit = WALKS[name], self._visit(name)
        self._prepare(walk, visit)
        self._points.record()
        try:
            with walk.clock(self._chaos.stack, visit):
                with walk.obstacles(self._chaos.stack, visit):
                    walk.act(visit)
                    self._wait_until_passed({cell.line for cell in CELLS if cell.step.walk == name})
                visit.wait_to_stand(*walk.wanted)
            self._quiet.wait()
            return self._points.passed()
        finally:
            self._points.end_record()
            walk.after(visit)

    def _wait_until_passed(self, lines: set[str]) -> None:
        end = time.monotonic() + STRIKE_SECONDS
        while not lines <= self._points.passed() and time.monotonic() < end:
            threading.Event().wait(POLL_SECONDS)

    def _walk_through(self, cell: Cell) -> Result:
        began = time.monotonic()
        walk, visit = WALKS[cell.step.walk], self._visit(cell.step.walk)
        outcome, problem = "", ""
        try:
            self._burials.await_return(cell.step.service)
            self._prepare(walk, visit)
            with ExitStack() as clock:
                with self._death_in(cell) as is_dead, walk.obstacles(self._chaos.stack, visit):
                    # Only now: what is due is done within a second.
                    clock.enter_context(walk.clock(self._chaos.stack, visit))
                    walk.act(visit)
                    if not is_dead.wait(STRIKE_SECONDS):
                        problem = NOT_REACHED
                outcome = visit.wait_to_stand(*walk.wanted)
            if outcome not in walk.wanted:
                problem = problem or f"{outcome}, not {walk.wanted[0]}"
            walk.after(visit)
        except (LaunchError, LookupError) as error:
            problem = f"{type(error).__name__}: {error}"
        return Result(cell, outcome, problem, time.monotonic() - began)

    def _prepare(self, walk: Walk, visit: Visit) -> None:
        """Lead up to the step, and let what came before come to its end: it would meet the point first."""
        self._quiet.wait(is_patient=walk.is_patient)
        walk.before(visit)
        self._quiet.wait()

    @contextmanager
    def _death_in(self, cell: Cell) -> Iterator[threading.Event]:
        """Within the block a process that passes the cell's point dies, once, and is buried."""
        is_dead, is_over = threading.Event(), threading.Event()

        def watch() -> None:
            while not is_over.wait(POLL_SECONDS):
                pid = self._points.struck()
                if pid:
                    with self._log.fault(FAULT, str(cell), cell.detail):
                        self._burials.bury(cell.step.service, pid)
                    is_dead.set()
                    return

        with ThreadPoolExecutor(1) as pool:
            self._points.arm(cell.line)
            watching = pool.submit(watch)
            try:
                yield is_dead
            finally:
                self._points.disarm()
                is_over.set()
            watching.result()

    def _later(self, ahead: timedelta) -> AbstractContextManager[None]:
        return booking_later(self._chaos.stack, ahead)

    def _visit(self, walk: str) -> Visit:
        number = next(self._numbers)
        if walk == "register":
            person = Person(self._calls, f"registered-{number}")
        else:
            person = next(self._persons)
            if not person.customer.token:
                person.sign_up()
        return Visit(
            person,
            self._owner,
            self._administrator,
            self._places,
            self._publisher,
            self._later,
            number,
        )

"""One run of chaos: customers and faults at once, then rest, then all facts."""

import shlex
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from deploy.local.demo import accounts_command
from deploy.local.progress import Progress
from deploy.local.stack import Stack
from deploy.local.variables import base_environment
from tests.chaos import gather
from tests.chaos.earlier import book_earlier
from tests.chaos.facts import FAULTS, HISTORY, Facts, write_facts
from tests.chaos.faults.lanes import Faults
from tests.chaos.faults.record import LEAST_OF_EACH_KIND, FaultLog, read_faults
from tests.chaos.history import History, read_history
from tests.chaos.house_owner import HouseOwner
from tests.chaos.instance import ChaosStack, chaos_stack
from tests.chaos.options import LONG_SECONDS, Options
from tests.chaos.person import Calls
from tests.chaos.places import find_places
from tests.chaos.publisher import Publisher
from tests.chaos.settle import Answer, come_to_rest, nobody_answers, replay_parked
from tests.chaos.slowness import slowed
from tests.chaos.stories import LifeCustomer
from tests.fixtures.command import run as run_command

ARRIVING_AT_ONCE = 6
PEACE_SECONDS = 2.0
"""Customers walk about before the first fault."""
DEADLINE = timedelta(seconds=20)
"""So long after the arrival of all the answers are due that nobody will give."""
PATIENCE_SECONDS = 90.0
"""So long after the faults customers repeat commands whose outcome they don't know."""
JOURNEY_SECONDS = 180
EXTENSION = 0.5
"""A long run goes on by at most this share of its time, until enough faults of each kind have met work."""


def run(options: Options, progress: Progress) -> Facts:
    """Break the stack for a while, let it come to rest, and gather what is known then."""
    with chaos_stack(options.instance, progress) as chaos:
        return run_on(chaos, options, progress)


def run_on(chaos: ChaosStack, options: Options, progress: Progress) -> Facts:
    """The same on a stack that runs, and goes on running."""
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / FAULTS).unlink(missing_ok=True)
    gather.hear_all_events(chaos.stack.amqp_uri)
    facts = Facts(seconds=options.seconds)
    what = f"{options.customers} customers and faults for {options.seconds:.0f} s"
    history = History(options.folder / HISTORY)
    calls = Calls(chaos.stack.url, chaos.stack.standin_proxy_url, history)
    with progress.step(what), slowed(chaos, options.slow):
        facts.unrest += _do_chaos(chaos, calls, options)
    # The customers' calls have ended: whoever answers now asks by calls of its own.
    owner = HouseOwner(Calls(calls.url, calls.standin_url, history), "owner")
    rest(chaos, facts, progress, options.rest_seconds, owner.accept_all)
    history.close()
    gather_all(chaos, facts, options.folder, progress)
    if options.has_journey:
        with progress.step("the journey again"):
            facts.journey = walk_again(chaos.stack)
    write_facts(facts, options.folder)
    return facts


def rest(
    chaos: ChaosStack, facts: Facts, progress: Progress, seconds: float, answer: Answer = nobody_answers
) -> None:
    """Let the stack come to rest, within so many seconds, and replay what was parked."""
    with progress.step("coming to rest"):
        facts.unrest += come_to_rest(chaos, seconds, answer)
        facts.parked = gather.parked_events(chaos.stack.amqp_uri)
        if replay_parked(chaos):
            facts.unrest += come_to_rest(chaos, seconds, answer)
        facts.parked_after = gather.parked_events(chaos.stack.amqp_uri)


def gather_all(chaos: ChaosStack, facts: Facts, folder: Path, progress: Progress) -> None:
    """Add what is known of a stack at rest; its history is closed."""
    with progress.step("gathering facts"):
        facts.exchanges, facts.faults = read_history(folder / HISTORY), read_faults(folder / FAULTS)
        gather.gather(chaos.stack, facts)


def _do_chaos(chaos: ChaosStack, calls: Calls, options: Options) -> list[str]:
    """What of the driver itself went wrong, in words."""
    log = FaultLog(options.folder / FAULTS)
    places = find_places(chaos.stack.url, options.habits.places)
    customers = [
        LifeCustomer(calls, options.seed, number, places, options.habits)
        for number in range(options.customers)
    ]
    with ThreadPoolExecutor(ARRIVING_AT_ONCE) as arrivals:
        list(arrivals.map(lambda customer: customer.sign_up(), customers))
    if options.begun or options.due:
        for number, booking_id in book_earlier(chaos, customers, options.begun, options.due, DEADLINE):
            customers[number].begun.append(booking_id)
    faults = Faults(chaos, calls.history, log, options)
    publisher = Publisher(chaos.stack, options.folder, options.seed, [one.provider_id for one in places])
    with ThreadPoolExecutor(options.customers) as pool:
        walks = [pool.submit(customer.run) for customer in customers]
        threading.Event().wait(PEACE_SECONDS)
        faults.start()
        publisher.start()
        _wait(walks, options.seconds)
        if options.seconds >= LONG_SECONDS:
            _wait(walks, options.seconds * EXTENSION, lambda: not log.kinds_below(LEAST_OF_EACH_KIND))
        calls.ending.set()
        errors = faults.end()
        publisher.end()
        errors += _await_outcomes(calls, walks)
    return errors


def _wait(walks: list["Future[None]"], seconds: float, is_enough: Callable[[], bool] = lambda: False) -> None:
    """Until the time is over, it is enough, or a customer's program has failed: the rest would be in vain."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not is_enough() and not any(walk.done() for walk in walks):
        threading.Event().wait(0.2)


def _await_outcomes(calls: Calls, walks: list["Future[None]"]) -> list[str]:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and not all(walk.done() for walk in walks):
        threading.Event().wait(0.1)
    late = sum(not walk.done() for walk in walks)
    calls.ended.set()
    errors = [f"a customer's program failed: {error!r}" for walk in walks if (error := walk.exception())]
    if late:
        errors.append(f"{late} customers had not learned an outcome after {PATIENCE_SECONDS:.0f} s")
    return errors


def walk_again(stack: Stack) -> list[str]:
    """Walk the journey; what it said when it failed."""
    command = [sys.executable, "-m", "tests.journey", "--url", stack.url]
    # Payment runs twice here: which of its processes counts a webhook is not known.
    command += [f"--metrics=search={stack.health_url('search')}/metrics"]
    command += [f"--standin={stack.standin_proxy_url}", f"--accounts={shlex.join(accounts_command(stack))}"]
    environment = base_environment(stack.wiring, "journey")
    done = run_command(command, env=environment, cwd=stack.instance.root, seconds=JOURNEY_SECONDS)
    return done.stderr.splitlines() if done.returncode else []

"""One run: customers and sockets at work, each process replaced in turn, then everything is compared."""

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from deploy.local.instance import SERVICES
from deploy.local.running_stack import RunningStack
from tests.fixtures.waiting import wait_until
from tests.rolling.checks import Messages, deliveries, messages_to, states_that_differ
from tests.rolling.committed import Committed, CommittedEvent
from tests.rolling.figures import Found, Stretch, faults_of, rows_of, told_of
from tests.rolling.market import find_offers
from tests.rolling.people import AccountHolder, Person, UnexpectedError
from tests.rolling.report import Report
from tests.rolling.traffic import Traffic
from tests.rolling.watchers import Watcher

BEFORE = "(none)"
"""The stretch before the first replacement, to compare with."""
SETTLE_SECONDS = 60.0
ALIKE_SECONDS = 10.0
STEPS_TO_FINISH = 100
PAUSE_SECONDS = 0.1
SETUP_LANES = 4


@dataclass(frozen=True)
class Plan:
    """How much goes on, what is replaced, and how long the traffic goes on around each replacement."""

    rate: float = 50.0
    sockets: int = 100
    customers: int = 50
    strangers: int = 30
    processes: tuple[str, ...] = SERVICES
    seconds_between: float = 8.0
    seed: int = 20_260


def run(stack: RunningStack, plan: Plan) -> Report:
    """Raises AssertionError when the run could not begin or nothing ever settled."""
    chance = random.Random(plan.seed)  # noqa: S311 - a mix that can be repeated, no secret
    holders, strangers = _people(stack.url, plan, chance)
    watchers = [Watcher(stack.url, holders[n % len(holders)], chance) for n in range(plan.sockets)]
    urls = {service: stack.admin_database_url(service) for service in SERVICES}
    with Committed(urls).noted() as committed, _watching(watchers):
        traffic = Traffic(plan.rate, strangers, holders, chance)
        stretches = _replace_all(stack, plan, traffic)
        faults = _finish(holders)
        events = _settled_events(stack, committed)
        messages = _messages(watchers, events)
        faults += [*messages.missed, *_differences(watchers)]
        delivered = deliveries(committed, events)
    for person in (*holders, *strangers):
        person.close()
    found = Found(stretches, traffic.outcomes, watchers, events, delivered, messages)
    rows, faults = rows_of(found), [*faults_of(found, plan.rate), *faults]
    return Report(plan.rate, plan.sockets, plan.customers, rows, told_of(messages), faults)


def _people(url: str, plan: Plan, chance: random.Random) -> tuple[list[AccountHolder], list[Person]]:
    address = urlsplit(url)
    place = (address.hostname or "", address.port or 80)
    offers = find_offers(url, plan.customers)
    holders = [AccountHolder(*place, offer, chance) for offer in offers]
    with ThreadPoolExecutor(SETUP_LANES) as pool:
        list(pool.map(lambda holder: holder.register(url), holders))
    return holders, [Person(*place, chance.choice(offers), chance) for _ in range(plan.strangers)]


@contextmanager
def _watching(watchers: Sequence[Watcher]) -> Iterator[None]:
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.wait_until_open()
    try:
        yield
    finally:
        with ThreadPoolExecutor(len(watchers)) as pool:
            list(pool.map(Watcher.stop, watchers))


def _replace_all(stack: RunningStack, plan: Plan, traffic: Traffic) -> list[Stretch]:
    """Under traffic, one after the other; each stretch lasts until the next replacement begins."""
    stretches = [Stretch(BEFORE, time.monotonic())]
    with traffic:
        time.sleep(plan.seconds_between)
        for process in plan.processes:
            stretch = Stretch(process, time.monotonic())
            stretches[-1].ended = stretch.begun
            stretches.append(stretch)
            before = stack.pids()[process]
            stack.roll(process)
            assert stack.pids()[process] != before, f"{process} is the same process as before"
            stretch.took = time.monotonic() - stretch.begun
            time.sleep(plan.seconds_between)
        stretches[-1].ended = time.monotonic()
    return stretches


def _finish(holders: Sequence[AccountHolder]) -> list[str]:
    """Let everybody cancel what they still hold; what failed."""

    def finish(holder: AccountHolder) -> str:
        steps = holder.finish()
        for _ in range(STEPS_TO_FINISH):
            request = next(steps, None)
            if request is None:
                return ""
            try:
                holder.send(request)
            except UnexpectedError as error:
                return str(error)
            time.sleep(PAUSE_SECONDS)
        return "a paid booking was never confirmed"

    with ThreadPoolExecutor(SETUP_LANES) as pool:
        return [failure for failure in pool.map(finish, holders) if failure]


def _settled_events(stack: RunningStack, committed: Committed) -> list[CommittedEvent]:
    """All events, once none of them is on its way any more."""

    def wait() -> None:
        wait_until(
            # Asked twice: what a handler of the last message has committed shall not be overlooked.
            lambda: committed.unsent() == 0 and stack.undelivered_messages() == 0 and committed.unsent() == 0,
            "outboxes and queues to be empty",
            seconds=SETTLE_SECONDS,
            poll=PAUSE_SECONDS,
        )

    wait()
    events = committed.events()
    wait()
    return events


def _messages(watchers: Sequence[Watcher], events: Sequence[CommittedEvent]) -> Messages:
    """What came of each message, once the last ones had the time that a message may take."""
    deadline = time.monotonic() + ALIKE_SECONDS
    while (found := messages_to(watchers, events)).missed and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
    return found


def _differences(watchers: Sequence[Watcher]) -> list[str]:
    """Told and read states that differ for longer than a message takes."""
    deadline = time.monotonic() + ALIKE_SECONDS
    while (found := list(states_that_differ(watchers))) and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
    return found

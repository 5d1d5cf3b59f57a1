"""How long a fact takes from its commit to a handler, and to 1, 100 and 1,000 sockets."""

import itertools
import json
import time
from collections.abc import Iterator

import amqp
from kombu.connection import Connection

from tests.bench import world
from tests.bench.answers import Answers
from tests.bench.bench import WRITERS, Bench
from tests.bench.commits import Commits
from tests.bench.listeners import Heard, Listeners
from tests.bench.rows import Row, below, row_of
from tests.fixtures.customer import new_address
from tests.fixtures.waiting import wait_until

BROADCAST = "bare.broadcast"
WATCHERS = {1: (20.0, 25), 100: (10.0, 50), 1000: (2.0, 120)}
"""Sockets on one provider's day: bookings of that day a second, and the p99 that is aimed at."""
SECONDS = 5.0
HANDLER_RATE, HANDLER_SECONDS = 20.0, 5.0


def telling(bench: Bench) -> list[Row]:
    """To the handler, then to sockets beside a bare broadcast to as many."""
    hours = _hours_of_the_large()
    rows = [_to_handler(bench)]
    with bench.floor_gateway("socket_gateway") as port:
        for sockets, (rate, limit) in WATCHERS.items():
            rows.append(_bare(bench, port, sockets, rate))
            rows.append(_ours(bench, sockets, rate, hours).with_target(below(p99=limit)))
    return rows


def _to_handler(bench: Bench) -> Row:
    """booking_held, to notify's handler."""
    with Commits(bench.stack).noted() as commits:
        bench.ours(WRITERS, bench.commands.book, HANDLER_SECONDS, HANDLER_RATE)
        wait_until(lambda: bench.stack.unsent_events() == 0, "the outboxes to be empty")
        wait_until(lambda: bench.stack.undelivered_messages() == 0, "the queues to be empty")
        committed, handled = commits.of("booking_held"), commits.handled("notify")
    times = [(handled[event] - at) * 1000 for event, at in committed.items() if event in handled]
    lost = len(committed) - len(times)
    answers = Answers({"event": times}, seconds=HANDLER_SECONDS)
    answers.wrong.update({"not handled": lost} if lost else {})
    return row_of("event, commit to handler", [answers])


def _ours(bench: Bench, sockets: int, rate: float, hours: Iterator[tuple[int, int]]) -> Row:
    """From the commit of a booking to each socket that watches the provider's day."""
    large, people = world.large_provider(), bench.people
    ahead, _ = next(hours)
    watched = json.dumps(
        {
            "event": "subscribe-provider-availability",
            "data": {"providerId": large.id, "date": world.day(ahead)},
        }
    )
    people.renew()
    first = [[_sign_in(people.token_of(number)), watched] for number in range(sockets)]
    day = itertools.dropwhile(lambda one: one[0] != ahead, hours)
    with (
        Commits(bench.stack).noted() as commits,
        Listeners(bench.port, [new_address() for _ in range(sockets)], first) as listeners,
    ):
        wait_until(lambda: _subscribed(listeners) == sockets, "the subscriptions", seconds=60)
        bench.ours(WRITERS, lambda: bench.commands.book_at(large, *next(day)), SECONDS, rate)
        committed = commits.of("availability_changed", large.id)
        due = len(committed) * sockets
        heard = _await(listeners, "availability-updated", due)
    answers = Answers(seconds=SECONDS)
    answers.by_kind["message"] = [(one.at - committed[one.frame["id"]]) * 1000 for one in heard]
    answers.wrong.update({"not told": due - len(heard)} if due != len(heard) else {})
    return row_of(f"event, commit to {sockets} sockets", [answers], _floor_name(sockets))


def _bare(bench: Bench, port: int, sockets: int, rate: float) -> Row:
    """From publishing to each socket of a bare gateway."""
    channel = Connection(bench.floors_amqp_uri).channel()
    channel.exchange_declare(BROADCAST, type="fanout", durable=False, auto_delete=False)
    sent = dict[str, float]()
    with Listeners(port, [new_address() for _ in range(sockets)], [()] * sockets) as listeners:
        for number in range(round(rate * SECONDS)):
            sent[str(number)] = time.time()
            body = json.dumps({"event": "bare", "id": str(number), "data": {"filling": "x" * 200}})
            channel.basic_publish(amqp.Message(body), exchange=BROADCAST)
            time.sleep(1 / rate)
        heard = _await(listeners, "bare", len(sent) * sockets)
    channel.connection.close()
    answers = Answers({"message": [(one.at - sent[one.frame["id"]]) * 1000 for one in heard]})
    answers.seconds = SECONDS
    return row_of(_floor_name(sockets), [answers])


def _floor_name(sockets: int) -> str:
    return f"floor: bare broadcast to {sockets} sockets"


def _await(listeners: Listeners, event: str, count: int) -> list[Heard]:
    """The messages of this event, as soon as so many have come or no more come for ten seconds."""
    end = time.monotonic() + 10
    while True:
        heard = [one for one in listeners.heard() if one.frame["event"] == event]
        if len(heard) >= count or time.monotonic() > end:
            return heard
        time.sleep(0.2)


def _subscribed(listeners: Listeners) -> int:
    return sum(one.frame["event"] == "subscribed" for one in listeners.heard())


def _sign_in(token: str) -> str:
    return json.dumps({"event": "authenticate", "data": {"token": token}})


def _hours_of_the_large() -> Iterator[tuple[int, int]]:
    """Each of its hours as often as it has carers, from the last day of the window backwards.

    The other rows book it from the first day on.
    """
    for ahead in range(world.LAST_DAY, world.FIRST_DAY, -1):
        for hour in (*range(world.OPENS), *range(world.CLOSES, 24)):
            for _ in range(world.LARGE_STAFF):
                yield ahead, hour

"""The operator's way to parked events: `python -m shared.messages.dead_letters list|replay`."""

import argparse
import sys
from os import environ
from typing import TextIO

from shared.messages.broker import BrokerUnavailableError
from shared.messages.parked import ParkedEvents
from shared.messages.topology import SERVICES


def main(arguments: list[str], output: TextIO = sys.stdout) -> int:
    """List or replay what AMQP_URI's broker has parked. 0: done, 1: no broker, 2: wrong call."""
    options = _parser().parse_args(arguments)
    amqp_uri = environ.get("AMQP_URI", "")
    if not amqp_uri:
        sys.stderr.write("AMQP_URI is not set (the broker, with account and virtual host)\n")
        return 2
    parked = ParkedEvents(amqp_uri, [options.service] if options.service else SERVICES)
    try:
        if options.action == "list":
            _print(parked, output)
        else:
            count = parked.replay(options.id or None)
            output.write(f"{count} replayed\n")
    except BrokerUnavailableError as error:
        sys.stderr.write(f"the broker is not available or did not take an event: {error}\n")
        return 1
    return 0


def _print(parked: ParkedEvents, output: TextIO) -> None:
    events = parked.list()
    for event in events:
        output.write(
            f"{event.event_id}  {event.type}  {event.handler_queue}  {event.reason}"
            f"  {event.parked_at}  attempts={event.attempts}\n"
        )
    output.write(f"{len(events)} parked\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m shared.messages.dead_letters", description=__doc__)
    parser.add_argument("action", choices=("list", "replay"))
    parser.add_argument("--service", choices=SERVICES, help="only what this service's handlers gave up")
    parser.add_argument("--id", action="append", metavar="EVENT_ID", help="only this event; repeatable")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

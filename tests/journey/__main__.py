"""Walks one customer through a running stack: `python -m tests.journey --url URL --metrics search=URL`."""

import argparse
import shlex
import sys
from pathlib import Path

from tests.journey.route import STEPS
from tests.journey.walk import Done, JourneyError, Walk, walk_step, write_report


def main() -> int:
    """Walk every step; 1 when one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.journey", description=__doc__)
    parser.add_argument("--url", required=True, help="the gateway")
    parser.add_argument("--report", type=Path, help="where the steps go as JSON")
    parser.add_argument("--metrics", action="append", default=[], help="PROCESS=URL of its /metrics")
    parser.add_argument("--standin", default="", help="Stripe's stand-in, to authenticate a payment there")
    parser.add_argument("--accounts", default="", help="the command that prints a booking's accounts")
    arguments = parser.parse_args()
    walk = Walk(
        arguments.url,
        dict(item.split("=", 1) for item in arguments.metrics),
        arguments.standin,
        tuple(shlex.split(arguments.accounts)),
    )
    done: list[Done] = []
    try:
        for step in STEPS:
            done.append(walk_step(walk, step))
            _tell(done[-1])
    except JourneyError as error:
        sys.stderr.write(f"FAILED  {error}\n")
        return 1
    finally:
        walk.close()
        if arguments.report:
            write_report(done, arguments.report)
    return 0


def _tell(step: Done) -> None:
    sys.stdout.write(f"{step.milliseconds:8.0f} ms  {step.name}: {'; '.join(step.checked)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

"""Tells a story through a running stack: `python -m tests.stories --instance demo`."""

import argparse
import sys
import time

from deploy.local.stack import Stack
from tests.stories import agency


def main() -> int:
    """Tell every step; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.stories", description=__doc__)
    parser.add_argument("--instance", default="demo", help="name of the instance, which runs")
    stack = Stack(parser.parse_args().instance)
    told = agency.opened(stack.url)
    try:
        for step in agency.STEPS:
            started = time.perf_counter()
            said = step(told)
            milliseconds = (time.perf_counter() - started) * 1000
            sys.stdout.write(f"{milliseconds:8.0f} ms  {step.__name__.replace('_', ' ')}: {said}\n")
            sys.stdout.flush()
    except AssertionError as error:
        sys.stderr.write(f"FAILED  {step.__name__.replace('_', ' ')}: {error}\n")
        return 1
    finally:
        agency.put_away(told)
        told.owner.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

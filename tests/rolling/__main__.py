"""The run as a program: `python -m tests.rolling --instance demo`; 1 when anything failed or was lost."""

import argparse
import sys
from pathlib import Path

from deploy.local.instance import SERVICES
from deploy.local.running_stack import RunningStack
from tests.rolling.run import Plan, run


def main(arguments: list[str]) -> int:
    """Run, print the table, write it as JSON."""
    options = _parser().parse_args(arguments)
    plan = Plan(
        rate=options.rate,
        sockets=options.sockets,
        customers=options.customers,
        processes=tuple(options.processes or SERVICES),
        seconds_between=options.seconds,
    )
    report = run(RunningStack(options.instance), plan)
    report.write(options.report)
    sys.stdout.write(f"{report.text()}\n")
    return 1 if report.faults else 0


def _parser() -> argparse.ArgumentParser:
    plan = Plan()
    parser = argparse.ArgumentParser(prog="python -m tests.rolling", description=__doc__)
    parser.add_argument("--instance", required=True, help="an instance that runs, with demo data")
    parser.add_argument("--report", type=Path, required=True, help="where the figures go as JSON")
    parser.add_argument("--rate", type=float, default=plan.rate, help="requests a second")
    parser.add_argument("--sockets", type=int, default=plan.sockets)
    parser.add_argument("--customers", type=int, default=plan.customers, help="accounts, opened for the run")
    parser.add_argument("--seconds", type=float, default=plan.seconds_between, help="after each replacement")
    parser.add_argument("processes", nargs="*", choices=[[], *SERVICES], help="all five by default")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

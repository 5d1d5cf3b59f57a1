"""The commands behind the Makefile: `python3 -m deploy.local COMMAND`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from deploy.local.demo import run_demo
from deploy.local.failure import LaunchError
from deploy.local.instance import SERVICES, Instance
from deploy.local.load import run_load
from deploy.local.preparation import prepare, prepare_for_checks
from deploy.local.progress import Progress
from deploy.local.report import show_logs, show_next_steps, show_status
from deploy.local.rolling import run_rolling
from deploy.local.stack import Stack
from deploy.local.testing import run_tests

_NOT_FOUND = 127


def main(arguments: list[str]) -> int:
    """Carry out one command; 0 when it succeeded, 1 with a message when it could not."""
    options = _parser().parse_args(arguments)
    try:
        handler: Callable[[argparse.Namespace], int] = options.handler
        return handler(options)
    except LaunchError as error:
        sys.stdout.flush()
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; what was started still runs (make down ends it)", file=sys.stderr)
        return 130


def _demo(options: argparse.Namespace) -> int:
    return run_demo(options.instance, Progress())


def _up(options: argparse.Namespace) -> int:
    progress = Progress()
    stack = Stack(options.instance, progress=progress)
    prepare(stack.instance, os.environ, progress)
    stack.start()
    show_next_steps(stack)
    return 0


def _down(options: argparse.Namespace) -> int:
    progress = Progress()
    with progress.step(f"stopping the instance {options.instance}"):
        Stack(options.instance, progress=progress).stop()
    return 0


def _status(options: argparse.Namespace) -> int:
    return show_status(Stack(options.instance))


def _logs(options: argparse.Namespace) -> int:
    return show_logs(Instance(options.instance))


def _environment(options: argparse.Namespace) -> int:
    prepare_for_checks(Instance(options.instance), Progress())
    return 0


def _prepare(options: argparse.Namespace) -> int:
    prepare(Instance(options.instance), os.environ, Progress())
    return 0


def _test(options: argparse.Namespace) -> int:
    return run_tests(options.arguments, Progress())


def _rolling(options: argparse.Namespace) -> int:
    arguments = [part for part in options.arguments if part != "--"]
    return run_rolling(options.instance, arguments, Progress())


def _load(options: argparse.Namespace) -> int:
    arguments = [part for part in options.arguments if part != "--"]
    return run_load(options.instance, arguments, Progress())


def _run(options: argparse.Namespace) -> int:
    """Replace this process by a command that has the environment of a service of the instance."""
    stack = Stack(options.instance)
    if not stack.ports:
        raise LaunchError(f"the instance {options.instance} was never started: make up")
    environment = {**stack.environment(options.service), **stack.migration_environment(options.service)}
    command = [part for part in options.arguments if part != "--"]
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606 (a command given by the person)
    except FileNotFoundError:
        print(f"there is no program {command[0]}", file=sys.stderr)
        return _NOT_FOUND


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m deploy.local", description=__doc__)
    parser.add_argument(
        "--instance", default=os.environ.get("INSTANCE") or "demo", help="name of the instance"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, handler: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text)
        command.set_defaults(handler=handler)
        return command

    add("demo", _demo, "bring everything up and walk one customer from search to refund")
    add("up", _up, "bring everything up")
    add("down", _down, "stop all of the instance and nothing else")
    add("status", _status, "show what runs")
    add("logs", _logs, "follow the logs")
    add("environment", _environment, "make the virtual environment of the lock")
    add("prepare", _prepare, "install all that a stack needs, for commands that start one themselves")
    test = add("test", _test, "run the tests on an instance of their own")
    test.add_argument("arguments", nargs=argparse.REMAINDER, help="handed to pytest: only these tests run")
    rolling = add("rolling", _rolling, "replace each process while customers go on")
    rolling.add_argument("arguments", nargs=argparse.REMAINDER, help="handed to tests.rolling")
    load = add("load", _load, "people use the stack for some minutes")
    load.add_argument("arguments", nargs=argparse.REMAINDER, help="handed to deploy.local.load")
    run = add("run", _run, "run a command in the environment of a service")
    run.add_argument("service", choices=SERVICES)
    run.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser

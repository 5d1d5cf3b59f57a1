"""The stack that is measured, on an instance of its own, with the settings of production."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2

from deploy.local.demo import load_demo_data
from deploy.local.instance import ROOT
from deploy.local.progress import Progress
from deploy.local.stack import Stack
from tests.bench import world

SETTINGS = {
    # What the local profile sets otherwise, as production has it by default.
    "RECONCILE_SECONDS": "300",
    "PAYOUT_SECONDS": "86400",
    "PAYOUT_WAIT_SECONDS": "172800",
    "OTEL_TRACES_SAMPLER_ARG": "0.1",
    "LOG_LEVEL": "INFO",
    # Longer than a run: holds of one row must not end in the midst of another.
    "HOLD_SECONDS": "7200",
    "HOLDS_PER_CUSTOMER": "1000",
    "HOLDS_PER_ADDRESS": "1000",
}


@contextmanager
def measured_stack(instance: str, progress: Progress, *, is_kept: bool) -> Iterator[Stack]:
    """Within the block a fresh stack runs with the market of the bench; afterwards it is ended.

    With `is_kept` what an earlier run left is used again, and goes on running.
    """
    with _collector() as port:
        settings = {**SETTINGS, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}"}
        stack = Stack(instance, settings, progress)
        try:
            stack.start(is_fresh=not is_kept)
            load_demo_data(stack, progress, world.content())
            analyze(stack)
            yield stack
        finally:
            if not is_kept:
                with progress.step(f"stopping the instance {instance}"):
                    stack.stop()


def analyze(stack: Stack) -> None:
    """What autovacuum would do within a minute or two, in the midst of a row."""
    for service in ("search", "booking", "payment", "notify", "gateway"):
        execute(stack, service, "VACUUM ANALYZE")


def execute(stack: Stack, service: str, statement: str) -> list[tuple[object, ...]]:
    """One statement as the superuser in a service's database, committed by itself."""
    connection = psycopg2.connect(stack.admin_database_url(service).replace("+psycopg2", ""))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()


@contextmanager
def _collector() -> Iterator[int]:
    command = [sys.executable, "-m", "tests.bench.collector"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()

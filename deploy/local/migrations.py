"""Works on the tables of every service as their owner: brings them to where its code expects them, and lets
PostgreSQL look at them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.local.failure import with_log
from deploy.local.variables import Wiring, migration_environment

_TIMEOUT_SECONDS = 300


def migrate(wiring: Wiring, python: Path, services: Iterable[str]) -> None:
    """Run the migrations of the services side by side. Raises LaunchError with the log of one that failed."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda one: _as_owner(wiring, one, _migrating(python, one), "migrate"), services))


def analyze(wiring: Wiring, python: Path, services: Iterable[str]) -> None:
    """After an import: what was empty is not read as a whole any more. Raises like `migrate`."""
    command = [str(python), "-m", "shared.database.analyze"]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda one: _as_owner(wiring, one, command, "analyze"), services))


def _migrating(python: Path, service: str) -> list[str]:
    return [str(python), "-m", "shared.database.migrate", f"services.{service}"]


def _as_owner(wiring: Wiring, service: str, command: list[str], what: str) -> None:
    log = wiring.instance.log(f"{what}-{service}")
    with log.open("wb") as output:
        result = subprocess.run(
            command,
            env=migration_environment(wiring, service),
            cwd=wiring.instance.root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    if result.returncode != 0:
        raise with_log(f"{what} of {service} failed", log)

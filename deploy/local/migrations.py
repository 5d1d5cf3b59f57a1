"""Brings the tables of every service to where its code expects them."""

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
        list(pool.map(lambda service: _migrate(wiring, python, service), services))


def _migrate(wiring: Wiring, python: Path, service: str) -> None:
    log = wiring.instance.log(f"migrate-{service}")
    with log.open("wb") as output:
        result = subprocess.run(
            [str(python), "-m", "shared.database.migrate", f"services.{service}"],
            env=migration_environment(wiring, service),
            cwd=wiring.instance.root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    if result.returncode != 0:
        raise with_log(f"the migrations of {service} failed", log)

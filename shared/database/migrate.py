"""Bring a service's database to the newest schema: `python -m shared.database.migrate services.booking`."""

import logging
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import environ
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from shared import logs
from shared.database import alembic_environment
from shared.database.revisions import Standing, alembic_config, let_service_ask, standing

log = logging.getLogger(__name__)

LOCK_NUMBER = 0x63617265
"""Advisory lock of whoever migrates this database ('care')."""
LOCK_WAIT_SECONDS = 120
"""How long a second pod waits for the first to finish; then it fails and is started again."""
LOCK_TIMEOUT_SECONDS = 3
"""DDL that waits for a table makes everyone behind it wait too: it gives up instead and tries again."""
ATTEMPTS = 10
HEAD = "head"
LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK_DETECTED = "40P01"
"""Somebody had one of its tables and waited for another that it had: the migration is rolled back."""

_WAITED_IN_VAIN = (LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED)


@dataclass(frozen=True)
class Waiting:
    """Sleep and chance of the loops, so that tests neither sleep nor depend on luck."""

    sleep: Any = time.sleep
    jitter: Any = random.random


def upgrade(package: str, url: str, revision: str = HEAD, waiting: Waiting | None = None) -> None:
    """Run the migrations of `services.<name>` up to `revision`, alone.

    `url` is the owner role's. Every migration is a transaction of its own. A migration that can't
    get a table lock in LOCK_TIMEOUT_SECONDS, or that PostgreSQL ends to break a deadlock, is rolled back
    and tried again with a growing wait.
    A database that a later release has migrated stays as it is: this release is rolled back to.
    Raises OperationalError after the last attempt, TimeoutError when another process migrates too long.
    """
    waiting = waiting or Waiting()
    engine = create_engine(url, poolclass=NullPool)
    with _alone(engine, waiting):
        if revision == HEAD and _is_ahead(engine, package):
            logs.event(log, logging.WARNING, "database_is_ahead")
            return
        for attempt in range(1, ATTEMPTS + 1):
            try:
                _run(engine, package, revision)
            except OperationalError as error:
                if getattr(error.orig, "pgcode", None) not in _WAITED_IN_VAIN or attempt == ATTEMPTS:
                    raise
                logs.event(log, logging.WARNING, "migration_waits_for_lock", attempt=attempt)
                waiting.sleep(attempt * (0.5 + waiting.jitter()))
            else:
                return


def differences(connection: Connection, metadata: MetaData) -> list[Any]:
    """What Alembic would still change to turn the database into `metadata`; empty: they are equal.

    Exclusion constraints and functions are not compared (Alembic doesn't know them).
    """
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": False}
    )
    return list(compare_metadata(context, metadata))


def _run(engine: Engine, package: str, revision: str) -> None:
    config = alembic_config(package)
    with engine.connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'"))
        connection.commit()
        config.attributes[alembic_environment.CONNECTION] = connection
        command.upgrade(config, revision)
        let_service_ask(connection, package)
        connection.commit()


def _is_ahead(engine: Engine, package: str) -> bool:
    with engine.connect() as connection:
        return standing(connection, package) is Standing.AHEAD


@contextmanager
def _alone(engine: Engine, waiting: Waiting) -> Iterator[None]:
    """Hold the advisory lock on a connection of its own, so that a failed migration keeps it."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        for _ in range(LOCK_WAIT_SECONDS):
            if connection.execute(text(f"SELECT pg_try_advisory_lock({LOCK_NUMBER})")).scalar_one():
                break
            waiting.sleep(1)
        else:
            raise TimeoutError("another process has been migrating this database for too long")
        yield
    finally:
        connection.close()


def main(arguments: list[str]) -> int:
    """`services.<name> [revision]`; the database is that of MIGRATION_DATABASE_URL."""
    if not arguments:
        sys.stderr.write("usage: python -m shared.database.migrate services.<name> [revision]\n")
        return 2
    url = environ.get("MIGRATION_DATABASE_URL", "")
    if not url:
        sys.stderr.write("MIGRATION_DATABASE_URL is not set (the database, as its owner role)\n")
        return 2
    logs.configure(arguments[0].rpartition(".")[2], environ.get("LOG_LEVEL", "INFO"))
    upgrade(arguments[0], url, arguments[1] if len(arguments) > 1 else HEAD)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

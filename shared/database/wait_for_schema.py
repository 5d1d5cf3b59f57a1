"""Wait until a service's database is as this release needs it: `python -m shared.database.wait_for_schema
services.booking`, before its process starts. Kubernetes rolls out nothing that came before its migrations."""

import logging
import signal
import sys
import time
from collections.abc import Callable
from os import environ

from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from shared import logs
from shared.database.engine import connect_arguments
from shared.database.revisions import Standing, standing

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0
LOG_EVERY_LOOKS = 15
"""A line every half minute while it waits."""
UNREACHABLE = "unreachable"
ENDED_BY_SIGTERM = 128 + signal.SIGTERM


def wait(package: str, url: str, sleep: Callable[[float], None] = time.sleep) -> Standing:
    """Return when the database is not behind the migrations of `services.<name>`; as long as it takes.

    `url` is the app role's. A database that can't be reached is waited for too: the roll-out stands
    meanwhile and the release before goes on.
    """
    looks = 0
    while (found := _look(package, url)) in (Standing.BEHIND, UNREACHABLE):
        if looks % LOG_EVERY_LOOKS == 0:
            logs.event(log, logging.WARNING, "waiting_for_schema", database=str(found))
        looks += 1
        sleep(POLL_SECONDS)
    logs.event(log, logging.INFO, "schema_found", database=str(found))
    return Standing(found)


def _look(package: str, url: str) -> str:
    engine = create_engine(url, poolclass=NullPool, connect_args=connect_arguments("wait_for_schema"))
    try:
        with engine.connect() as connection:
            return standing(connection, package)
    except DBAPIError as error:
        logs.event(log, logging.DEBUG, "database_unreachable", reason=type(error).__name__)
        return UNREACHABLE
    finally:
        engine.dispose()


def main(arguments: list[str]) -> int:
    """`services.<name>`; the database is that of DATABASE_URL."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m shared.database.wait_for_schema services.<name>\n")
        return 2
    url = environ.get("DATABASE_URL", "")
    if not url:
        sys.stderr.write("DATABASE_URL is not set (the service's own database, as its app role)\n")
        return 2
    logs.configure(arguments[0].rpartition(".")[2], environ.get("LOG_LEVEL", "INFO"))
    # The first process of a container gets no signal that it did not ask for.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ENDED_BY_SIGTERM))
    wait(arguments[0], url)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Drafts a migration from the difference between a service's tables and its database (`make migration`)."""

from __future__ import annotations

import os
import sys

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine

from shared.database.alembic_environment import CONNECTION
from shared.database.migrate import alembic_config


def draft(package: str, message: str, url: str) -> None:
    """Write the next numbered file into the service's migrations/versions; `url` is the owner role's."""
    config = alembic_config(package)
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    head = ScriptDirectory.from_config(config).get_current_head()
    with create_engine(url, poolclass=NullPool).connect() as connection:
        config.attributes[CONNECTION] = connection
        command.revision(config, message, autogenerate=True, rev_id=f"{int(head or 0) + 1:04d}")


def main(arguments: list[str]) -> int:
    """`services.<name> MESSAGE`; the database is that of MIGRATION_DATABASE_URL."""
    package, message = arguments
    if not message:
        print('usage: make migration s=booking m="hold expiry"', file=sys.stderr)
        return 2
    draft(package, message, os.environ["MIGRATION_DATABASE_URL"])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

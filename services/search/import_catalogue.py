"""Bulk import: `python -m services.search.import_catalogue FILE`, safe to repeat.

Reads DATABASE_URL. Writes like the service does, through its store and outbox, so that copies and
caches follow; the events leave with the relay of a running search process.
"""

import os
import sys
from dataclasses import asdict
from pathlib import Path

from services.search.catalogue_file import read_catalogue
from services.search.domain.catalogue import CatalogueError
from services.search.usecases.publish_catalogue import publish_catalogue
from shared.database.transaction import Database
from shared.errors import ServiceError


def main(arguments: list[str]) -> int:
    """Import one file and print what changed. Answers 0, or 1 with the reason on standard error."""
    url = os.environ.get("DATABASE_URL", "")
    if len(arguments) != 1 or not url:
        sys.stderr.write(f"usage: DATABASE_URL=... python -m {__spec__.name} FILE\n")
        return 2
    database = Database(url, pool_size=1, application_name="search import")
    try:
        changes = publish_catalogue(database.transaction, read_catalogue(Path(arguments[0])))
    except (CatalogueError, ServiceError, OSError) as error:
        sys.stderr.write(f"nothing more was imported: {error}\n")
        return 1
    finally:
        database.dispose()
    sys.stdout.write(
        ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in asdict(changes).items()) + "\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Lets PostgreSQL look at a service's tables after an import: `python -m shared.database.analyze`.

Plans that sessions keep were made for the tables as they were (`shared.database.kept_plans`), and are made
anew when these are analysed. Autovacuum does it within a minute or two; until then what was empty is read as
a whole.
"""

import sys
from collections.abc import Iterable
from os import environ

import psycopg2
from sqlalchemy import make_url

_OURS = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE tableowner = current_user"


def analyze(url: str) -> None:
    """Analyse all tables that belong to the role of `url`, the owner's: the role of a service may not."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg2.connect(address)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(_OURS)
            for (table,) in cursor.fetchall():
                cursor.execute(f"ANALYZE {table}")
    finally:
        connection.close()


def main(arguments: Iterable[str]) -> int:
    """No arguments; the database is that of MIGRATION_DATABASE_URL."""
    url = environ.get("MIGRATION_DATABASE_URL", "")
    if list(arguments) or not url:
        sys.stderr.write("usage: MIGRATION_DATABASE_URL=... python -m shared.database.analyze\n")
        return 2
    analyze(url)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

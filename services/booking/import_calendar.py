"""Bulk import of calendars: `python -m services.booking.import_calendar FILE`; safe to repeat."""

import json
import sys
from os import environ
from pathlib import Path

from services.booking.usecases.calendar_import import CalendarFileError, import_calendar
from shared.database.transaction import Database
from shared.errors import ServiceError

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2


def main(arguments: list[str]) -> int:
    """Import the file into the database of DATABASE_URL. A running service sends what it emits."""
    url = environ.get("DATABASE_URL", "")
    if len(arguments) != 1 or not url:
        sys.stderr.write("usage: DATABASE_URL=... python -m services.booking.import_calendar FILE\n")
        return EXIT_USAGE
    database = Database(url, pool_size=1, application_name="booking import")
    try:
        content = json.loads(Path(arguments[0]).read_text("utf-8"))
        imported = import_calendar(database.transaction, content)
    except (OSError, ValueError, KeyError, CalendarFileError, ServiceError) as error:
        sys.stderr.write(f"{arguments[0]} was not imported: {type(error).__name__}: {error}\n")
        return EXIT_FAILED
    finally:
        database.dispose()
    sys.stdout.write(f"calendars changed: {imported.calendars}, bookings added: {imported.bookings}\n")
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

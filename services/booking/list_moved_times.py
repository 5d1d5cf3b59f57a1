"""Lists visits that new zone data moved on the wall: `python -m services.booking.list_moved_times`."""

import sys
from os import environ

from services.booking.usecases.moved_times import find_moved_times
from shared.database.transaction import Database
from shared.errors import ServiceError

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2


def main() -> int:
    """A line per visit of the database of DATABASE_URL: id, zone, agreed time, time shown now."""
    url = environ.get("DATABASE_URL", "")
    if not url:
        sys.stderr.write("usage: DATABASE_URL=... python -m services.booking.list_moved_times\n")
        return EXIT_USAGE
    database = Database(url, pool_size=1, application_name="booking moved times")
    try:
        for moved in find_moved_times(database.transaction):
            booking = moved.booking
            agreed, shown = (f"{time:%Y-%m-%dT%H:%M}" for time in (moved.agreed, moved.shown))
            sys.stdout.write(f"{booking.booking_id} {booking.time_zone} agreed {agreed} shown {shown}\n")
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAILED
    finally:
        database.dispose()
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main())

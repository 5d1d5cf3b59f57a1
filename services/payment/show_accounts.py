"""Prints a ledger: `python -m services.payment.show_accounts --payment ID` or `--booking ID`."""

import argparse
import sys
from os import environ

from services.payment.usecases.accounts import lines_of_booking, lines_of_payment, printed
from shared.database.transaction import Database
from shared.errors import ServiceError
from shared.ids import is_id

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2


def main(arguments: list[str] | None = None) -> int:
    """Every entry and every balance, from the database of DATABASE_URL; 1 when there is nothing."""
    parser = argparse.ArgumentParser(prog="python -m services.payment.show_accounts", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--payment", metavar="ID")
    which.add_argument("--booking", metavar="ID")
    chosen = parser.parse_args(arguments)
    url, wanted = environ.get("DATABASE_URL", ""), chosen.payment or chosen.booking
    if not url or not is_id(wanted):
        sys.stderr.write("DATABASE_URL is not set\n" if not url else f"{wanted} is not an id\n")
        return EXIT_USAGE
    database = Database(url, pool_size=1, application_name="payment accounts")
    try:
        read = lines_of_payment if chosen.payment else lines_of_booking
        lines = read(database.transaction, wanted)
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAILED
    finally:
        database.dispose()
    for line in printed(lines):
        sys.stdout.write(f"{line}\n")
    return EXIT_OK if lines else EXIT_FAILED


if __name__ == "__main__":
    sys.exit(main())

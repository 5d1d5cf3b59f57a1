"""Begins a failed refund anew: `python -m services.payment.retry_refund --refund ID`."""

import argparse
import sys
from os import environ

from services.payment.usecases.retry_refund import retry_refund
from shared.database.transaction import Database
from shared.errors import ServiceError
from shared.ids import is_id

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2


def main(arguments: list[str] | None = None) -> int:
    """An operator's decision, written to the database of DATABASE_URL; the service sends it."""
    parser = argparse.ArgumentParser(prog="python -m services.payment.retry_refund", description=__doc__)
    parser.add_argument("--refund", metavar="ID", required=True)
    refund_id = parser.parse_args(arguments).refund
    url = environ.get("DATABASE_URL", "")
    if not url or not is_id(refund_id):
        sys.stderr.write("DATABASE_URL is not set\n" if not url else f"{refund_id} is not an id\n")
        return EXIT_USAGE
    database = Database(url, pool_size=1, application_name="payment retry refund")
    try:
        refund = retry_refund(database.transaction, refund_id)
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAILED
    finally:
        database.dispose()
    sys.stdout.write(f"refund {refund.id} is due again, attempt {refund.attempt}\n")
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main())

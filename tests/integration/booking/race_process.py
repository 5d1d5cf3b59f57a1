"""A booking process of the race: reads rounds from its input, tries them in threads, prints outcomes."""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from services.booking.settings import BookingSettings
from services.booking.usecases.hold_slot import create_booking
from shared.contracts import booking as contract
from shared.contracts.declaration import Caller, read
from shared.database.transaction import Database
from shared.errors import ServiceError
from shared.ids import new_id


def main() -> int:
    url = os.environ["DATABASE_URL"]
    database = Database(url, pool_size=10, application_name="booking race")
    settings = BookingSettings(database_url=url, amqp_uri="")

    def attempt(wanted: dict[str, Any], barrier: Barrier) -> str:
        request = read(contract.CreateBookingRequestSchema, {**wanted, "idempotency_key": new_id()})
        barrier.wait()
        try:
            create_booking(database.transaction, settings, request, Caller(user_id=new_id()))
        except ServiceError as error:
            return error.code
        return "held"

    with ThreadPoolExecutor(10) as pool:
        for line in sys.stdin:
            attempts = json.loads(line)
            barrier = Barrier(len(attempts))
            outcomes = pool.map(attempt, attempts, [barrier] * len(attempts))
            sys.stdout.write(json.dumps(list(outcomes)) + "\n")
            sys.stdout.flush()
    database.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Every lock of this service, and the order in which they are taken.

1. the key of an idempotent command (`shared.database.idempotency`), then the series that it is about,
   or the line of those who wait at a provider, after the call to look at it;
2. a provider's supply: shared by whoever books by it or pays late, alone by whoever changes it;
3. whoever holds slots: the customer and the address, in order of their numbers;
4. what several bookings count on: sessions, capped staff and services, and all resources of a visit
   that occupies more than one, in order of their numbers;
5. bookings, in order of their ids.
What payment tells of a payment is written, and so locked, before all of these.
One person's slot needs none: the exclusion constraint on `allocation` is its lock, taken last, and
nobody waits for another lock while it waits for that one's transaction.
"""

import hashlib
from collections.abc import Collection

from sqlalchemy import Connection, bindparam, text

from services.booking.domain.booking import Booking
from services.booking.domain.local_time import Interval
from services.booking.store.records import select_bookings, to_booking, to_bookings
from services.booking.store.tables import booking as table
from shared.database.session import send_with_next, unread

# They go with the next statement, whose snapshot is younger than the locks.
_LOCK = unread(
    "SELECT pg_advisory_xact_lock(number) FROM unnest(%(numbers)s::bigint[]) AS number", numbers="bigint[]"
)
_SHARE_AND_LOCK = unread(
    """
SELECT CASE number WHEN %(shared)s THEN pg_advisory_xact_lock_shared(number)
    ELSE pg_advisory_xact_lock(number) END
FROM unnest(%(numbers)s::bigint[]) AS number
""",
    shared="bigint",
    numbers="bigint[]",
)
_SHARE_VISITS = text("""
SELECT FROM booking
WHERE customer_id = CAST(:customer_id AS uuid) AND state IN ('pending', 'confirmed', 'in_progress')
    AND lower(visit) > :visit_from - interval '56 hours' AND lower(visit) < :visit_to
ORDER BY id
FOR SHARE
""")


def share_supply_and_lock_holders(connection: Connection, provider_id: str, holders: Collection[str]) -> None:
    """Nobody changes the provider's hours and rules before this transaction ends; and one at a time counts
    and takes what the same customer or address holds (rule C18), or has at one time (rule C19)."""
    shared = _number(f"supply {provider_id}")
    numbers = [shared, *_numbers(holders)]
    send_with_next(connection, _SHARE_AND_LOCK, {"shared": shared, "numbers": numbers})


def share_supply_and_lock_counted(
    connection: Connection, provider_id: str, holder: str, names: Collection[str]
) -> None:
    """`share_supply_and_lock_holders`, and then `lock_counted`."""
    shared = _number(f"supply {provider_id}")
    numbers = [shared, _number(holder), *_numbers(names)]
    send_with_next(connection, _SHARE_AND_LOCK, {"shared": shared, "numbers": numbers})


def change_supply(connection: Connection, provider_id: str) -> None:
    """Nobody books by the provider's hours and rules, or changes them, before this transaction ends."""
    _lock(connection, [f"supply {provider_id}"])


def lock_holders(connection: Connection, holders: Collection[str]) -> None:
    """`share_supply_and_lock_holders` where nothing is booked by the provider's hours and rules."""
    _lock(connection, holders)


def lock_counted(connection: Connection, names: Collection[str]) -> None:
    """One at a time counts and takes what several bookings count on (rules C9 and C10).

    `names`: ids of staff, units and services; a session by its service and start.
    """
    if names:
        _lock(connection, names)


def lock_series(connection: Connection, series_id: str) -> None:
    """One at a time books, pays or cancels visits of one series; before all other locks but the key."""
    _lock(connection, [f"series {series_id}"])


def lock_line(connection: Connection, provider_id: str) -> None:
    """One at a time offers freed time to those who wait at a provider; before all locks of a hold."""
    _lock(connection, [f"line {provider_id}"])


def lock_bookings_of_series(connection: Connection, series_id: str) -> list[Booking]:
    """All visits of a series as they are now, in order of their ids. Call it under `lock_series`."""
    statement = select_bookings().where(table.c.series_id == series_id).order_by(table.c.id).with_for_update()
    return to_bookings(connection.execute(statement).all())


def lock_booking(connection: Connection, booking_id: str) -> Booking | None:
    """The booking as it is now; nobody else changes it before this transaction ends."""
    row = connection.execute(_ONE, {"booking_id": booking_id}).one_or_none()
    return to_booking(row) if row else None


def share_visits(connection: Connection, customer_id: str, between: Interval) -> None:
    """What this customer has then is cancelled, moved and ended before this transaction or after it: who does
    sees what it writes, or else is seen by whoever reads it."""
    values = {"customer_id": customer_id, "visit_from": between.start, "visit_to": between.end}
    connection.execute(_SHARE_VISITS, values)


def lock_bookings(connection: Connection, booking_ids: Collection[str]) -> list[Booking]:
    """Those of these that there are, as they are now, in order of their ids."""
    statement = select_bookings().where(table.c.id.in_(booking_ids)).order_by(table.c.id).with_for_update()
    return to_bookings(connection.execute(statement).all())


def _lock(connection: Connection, names: Collection[str]) -> None:
    send_with_next(connection, _LOCK, {"numbers": _numbers(names)})


def _numbers(names: Collection[str]) -> list[int]:
    return sorted({_number(name) for name in names})


def _number(holder: str) -> int:
    """A signed 64-bit number for PostgreSQL's advisory locks."""
    digest = hashlib.sha256(f"booking holder {holder}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


# Made once: building a statement anew for each look costs more than the look.
_ONE = select_bookings().where(table.c.id == bindparam("booking_id")).with_for_update()

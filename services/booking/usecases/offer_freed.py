"""Offers time that got free to the first in line whose wish it fits: a hold like any other, for them alone.

A call is written in the transaction that frees the time, and deleted in the one that finds nobody left to
offer it to: whatever dies in between, the line is looked at again.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.care import Recipient, whereabouts
from services.booking.domain.local_time import Interval
from services.booking.domain.occupancy import Occupancy
from services.booking.domain.slots import Slot, free_slots
from services.booking.domain.timetable import Timetable
from services.booking.domain.travel import within_reach
from services.booking.settings import BookingSettings
from services.booking.store.locks import lock_line
from services.booking.store.supplies import Days, Supplied, load_occupied, load_occupied_why
from services.booking.store.waitlist import Entry, has_visit, line_of, offer_to
from services.booking.store.waitlist_calls import Call, answer_call, answer_unheard, call_again, lock_call
from services.booking.store.whereabouts import visits_then
from services.booking.usecases.care_wanted import where_to
from services.booking.usecases.hold_slot import Holder, Part, hold_part, is_final
from services.booking.usecases.refusals import NAMES_ALTERNATIVES
from shared.contracts.booking_forms import CreateBookingRequestSchema
from shared.contracts.declaration import read
from shared.database.idempotency import KEY_MEMBER
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from shared.telemetry.timed_work import work_found

MOST_AT_ONCE = 100
"""Transactions of one turn of the timer."""
TRIES = 5
"""Starts that were taken while they were looked at: those after are as likely to be."""
_ASKED_NOTHING = {"place": None, "recipient": None, "address": None}


class _LeftMeanwhileError(Exception):
    """Whom the time was to be offered to waits no more: nothing of the offer stays."""


class _TakenMeanwhileError(Exception):
    """Others are quicker: there may be more for this line than was tried, and it is looked at again."""


def offer_freed(transaction: Transaction, settings: BookingSettings) -> int:
    """Answer the calls of lines; returns how many offers were made. Safe in several processes at once."""
    offers = 0
    for _ in range(MOST_AT_ONCE):
        try:
            with transaction() as connection:
                call = lock_call(connection)
                if call is None:
                    return offers
                with work_found():
                    made = _answer(connection, settings, call)
                if made is None:
                    return offers
                offers += made
        except _LeftMeanwhileError:
            continue
    return offers


def _answer(connection: Connection, settings: BookingSettings, call: Call) -> int | None:
    """How many offers were made: while one is, the call stays. None: others are quicker, a later turn looks
    again. Raises _LeftMeanwhileError."""
    try:
        is_offered = _offer_to_first(connection, settings, call)
    except _TakenMeanwhileError:
        call_again(connection, call)
        return None
    if not is_offered:
        answer_call(connection, call)
    return int(is_offered)


def _offer_to_first(connection: Connection, settings: BookingSettings, call: Call) -> bool:
    """One at a time for a provider, so that nobody is passed by whoever came later. Where nobody waits, all
    other calls for which nobody does are answered with this one. Raises _LeftMeanwhileError,
    _TakenMeanwhileError."""
    lock_line(connection, call.provider_id)
    line = line_of(connection, call)
    if not line:
        answer_unheard(connection)
    return any(_offer(connection, settings, entry) for entry in line)


def _offer(connection: Connection, settings: BookingSettings, entry: Entry) -> bool:
    taken = 0
    for slot in _starts(connection, entry):
        try:
            booking_id = _hold(connection, settings, entry, slot)
        except ServiceError as error:
            if not is_final(error):
                raise
            taken += any(code.matches(error) for code in NAMES_ALTERNATIVES)
            if taken == TRIES:
                raise _TakenMeanwhileError from None
            continue
        if not offer_to(connection, entry.entry_id, booking_id):
            raise _LeftMeanwhileError
        return True
    return False


def _starts(connection: Connection, entry: Entry) -> Iterator[Slot]:
    """What is free of what they wait for, the earliest first; nothing for whoever has paid for one."""
    days = Days(entry.day, entry.day, (entry.service_id,))
    load = load_occupied_why if entry.asks.get("address") else load_occupied
    supplied = load(connection, entry.provider_id, days)
    if supplied is None:
        return
    offering = supplied.offering
    occupancy = _for_them(entry, supplied)
    if occupancy is None or entry.staff_id not in (None, *offering.staff_ids):
        return
    table = Timetable(offering.supply, offering.now, entry.day, entry.day)
    free = free_slots(table, occupancy, entry.staff_id)[entry.day]
    wanted = [slot for slot in free if entry.wants(slot.start.local)]
    if wanted and not has_visit(connection, entry, table):
        elsewhere = _elsewhere(connection, entry, wanted, offering.now)
        yield from (slot for slot in wanted if not any(slot.visit.overlaps(visit) for visit in elsewhere))


def _for_them(entry: Entry, supplied: Supplied) -> Occupancy | None:
    """With the ways to where they wait; None: by now the service is not given there."""
    try:
        to = where_to(_ASKED_NOTHING | entry.asks, supplied.offering)
    except ServiceError:
        return None
    return within_reach(supplied.occupancy, supplied.offering.supply, to.travel)


def _elsewhere(
    connection: Connection, entry: Entry, wanted: Sequence[Slot], now: datetime
) -> Collection[Interval]:
    """What else they have from the first of these to the last; nothing where they may be in two places."""
    asks = entry.asks
    if asks.get("allow_overlap"):
        return ()
    recipient = Recipient(**asks["recipient"]) if asks.get("recipient") else None
    all_of_them = Interval(wanted[0].visit.start, max(slot.visit.end for slot in wanted))
    return visits_then(connection, whereabouts(entry.customer_id, recipient, all_of_them), now).values()


def _hold(connection: Connection, settings: BookingSettings, entry: Entry, slot: Slot) -> str:
    """The id of the booking. Raises what `hold_part` raises, and then nothing of it stays."""
    savepoint = connection.begin_nested()
    try:
        part = Part(waitlist_id=entry.entry_id)
        made = hold_part(connection, settings, _request(entry, slot), Holder(entry.customer_id), part)
    except ServiceError:
        savepoint.rollback()
        raise
    savepoint.commit()
    booking_id: str = made["booking_id"]
    return booking_id


def _request(entry: Entry, slot: Slot) -> dict[str, Any]:
    """What create_booking would be asked for it."""
    return read(
        CreateBookingRequestSchema,
        {
            **entry.asks,
            "provider_id": entry.provider_id,
            "service_id": entry.service_id,
            "booking_date": slot.start.local.date().isoformat(),
            "start_time": f"{slot.start.local:%H:%M}",
            "utc_offset": slot.start.offset_text,
            KEY_MEMBER: entry.entry_id,
        },
    )

"""Writes bookings: every change with its history row and its allocation, in one statement."""

import json
from typing import Any

from sqlalchemy import Connection, TextClause, text

from services.booking.domain.booking import Booking
from services.booking.domain.states import Change, State
from services.booking.domain.ways import NO_WAY
from services.booking.store.facts import facts
from services.booking.store.quotes import quote_to_json, refund_to_json
from services.booking.store.tables import NO_OVERLAP
from shared.database.kept_plans import kept
from shared.ids import new_id

# Never a bare ON CONFLICT: that would also swallow a duplicate id as 'taken' (rule C5).
_TAKE = f"""
taken AS (
    INSERT INTO allocation (
        id, booking_id, resource_id, blocked, session_id, seat, seats, travel_before, travel_after
    )
    SELECT take.id, CAST(:id AS uuid), take.resource_id,
        tstzrange(
            :blocked_from - make_interval(secs => take.before),
            :blocked_to + make_interval(secs => take.after)
        ),
        CAST(:session_id AS uuid), CAST(:seat AS smallint), CAST(:seats AS smallint), take.before, take.after
    FROM unnest(
        CAST(:allocation_ids AS uuid[]), CAST(:resource_ids AS uuid[]),
        CAST(:travel_before AS integer[]), CAST(:travel_after AS integer[])
    ) AS take (id, resource_id, before, after)
    ON CONFLICT ON CONSTRAINT {NO_OVERLAP} DO NOTHING
    RETURNING booking_id
)"""


def _note(further_ids: str) -> str:
    """`changed` is the booking as it is now, with every column."""
    return f"""
INSERT INTO booking_history
    (booking_id, version, from_state, to_state, actor, actor_id, reason, note, at, facts)
SELECT id, :version, :from_state, :state, :actor, CAST(:actor_id AS uuid), :reason, :note, :at,
    {facts("changed", further_ids)}
FROM changed"""


_NOTE_GIVEN = _note("CAST(:further_ids AS uuid[])")
NOTE_CHANGE = f"{_NOTE_GIVEN} RETURNING booking_id"
_NOTE_TAKEN = f"{_NOTE_GIVEN} RETURNING (SELECT count(*) FROM taken)"

# Who waited for the booking's row has read it as it is, but these as they were when it began to wait
# (PostgreSQL, 'Read Committed Isolation Level').
_NOTE_UNTOUCHED = _note(
    "ARRAY(SELECT resource_id FROM further_resource WHERE booking_id = changed.id ORDER BY resource_id)"
)

_INSTANTS = ("visit_from", "visit_to", "blocked_from", "blocked_to", "at")
_TEXTS = (
    *("state", "from_state", "pending_for", "time_zone", "utc_offset", "notes", "place", "held_from"),
    *("actor", "reason", "note"),
)
_HOLD_TYPES = {
    **dict.fromkeys(_INSTANTS, "timestamptz"),
    **dict.fromkeys(_TEXTS, "text"),
    **dict.fromkeys(("version", "moves"), "integer"),
    **dict.fromkeys(("hold_prolonged", "may_overlap"), "boolean"),
}
_HOLD = kept(
    text(f"""
WITH {_TAKE}, changed AS (
    INSERT INTO booking (
        id, version, state, pending_for, customer_id, provider_id, service_id, staff_id, service_name,
        visit, blocked, time_zone, local_start, utc_offset, quote, notes, series_id, waitlist_id,
        replaces_id, moves, least_notice, place, session_id, seats,
        hold_ends_at, hold_prolonged, held_from, answer_hours, may_overlap, created_at
    )
    SELECT CAST(:id AS uuid), :version, :state, :pending_for, CAST(:customer_id AS uuid),
        CAST(:provider_id AS uuid), CAST(:service_id AS uuid), CAST(:staff_id AS uuid),
        CAST(:service_name AS jsonb),
        tstzrange(:visit_from, :visit_to), tstzrange(:blocked_from, :blocked_to), :time_zone,
        CAST(:local_start AS timestamp), :utc_offset, CAST(:quote AS jsonb), :notes, CAST(:series_id AS uuid),
        CAST(:waitlist_id AS uuid), CAST(:replaces_id AS uuid), :moves, CAST(:least_notice AS interval),
        :place, CAST(:session_id AS uuid), CAST(:seats AS smallint),
        CAST(:hold_ends_at AS timestamptz), :hold_prolonged, :held_from,
        CAST(:answer_hours AS smallint), :may_overlap, :at
    WHERE EXISTS (SELECT FROM taken) RETURNING booking.*
), also AS (
    INSERT INTO further_resource (booking_id, resource_id, starts_at)
    SELECT id, further, :visit_from FROM changed, unnest(CAST(:further_ids AS uuid[])) AS further
)
{_NOTE_TAKEN}"""),
    **_HOLD_TYPES,
)

UPDATE = """
    UPDATE booking SET version = :version, state = :state, pending_for = :pending_for, notes = :notes,
        hold_ends_at = :hold_ends_at, hold_prolonged = :hold_prolonged,
        processing_until = :processing_until, held_from = :held_from,
        payment_id = CAST(:payment_id AS uuid), paid_service = :paid_service, paid_tip = :paid_tip,
        cancel_cause = :cancel_cause, refund = CAST(:refund AS jsonb),
        contest_until = :contest_until, contest = :contest,
        series_id = CAST(:series_id AS uuid), price_reduction = :price_reduction,
        least_notice = CAST(:least_notice AS interval){and_more}
    WHERE id = :id AND version = :version - 1"""

# `freed` runs whether or not it is read (PostgreSQL, 'Data-Modifying Statements in WITH').
_CHANGE = text(f"""
WITH changed AS ({UPDATE.format(and_more="")} RETURNING booking.*), freed AS (
    DELETE FROM allocation WHERE booking_id = :id AND NOT :occupies
)
{_NOTE_UNTOUCHED} RETURNING booking_id""")

# What is taken may be a seat of another session, in other rooms.
_TAKEN = """, blocked = tstzrange(:blocked_from, :blocked_to),
        session_id = CAST(:session_id AS uuid), seats = CAST(:all_seats AS smallint)"""

_TAKE_AGAIN = text(f"""
WITH {_TAKE}, changed AS (
    {UPDATE.format(and_more=_TAKEN)} AND EXISTS (SELECT FROM taken) RETURNING booking.*
), left_behind AS (
    DELETE FROM further_resource USING changed
    WHERE booking_id = changed.id AND resource_id <> ALL (CAST(:further_ids AS uuid[]))
), also AS (
    INSERT INTO further_resource (booking_id, resource_id, starts_at)
    SELECT id, further, :visit_from FROM changed, unnest(CAST(:further_ids AS uuid[])) AS further
    ON CONFLICT ON CONSTRAINT pk_further_resource DO NOTHING
)
{_NOTE_TAKEN}""")


def insert_held(connection: Connection, booking: Booking, change: Change, seat: int | None = None) -> bool:
    """Take what the visit occupies and write the booking; False, and nothing is written: it is taken.

    The exclusion constraint decides (promise C2): a booking that overlaps waits for the other's
    transaction and loses when that commits. All or nothing (rule C9); `seat` of a session (rule C10).
    """
    values = {
        **to_values(booking, None, change),
        "customer_id": booking.customer_id,
        "provider_id": booking.provider_id,
        "service_id": booking.service_id,
        "staff_id": booking.staff_id,
        "service_name": json.dumps(dict(booking.service_name)),
        "visit_from": booking.visit.start,
        "visit_to": booking.visit.end,
        "time_zone": booking.time_zone,
        "local_start": booking.start.local,
        "utc_offset": booking.start.offset_text,
        "quote": json.dumps(quote_to_json(booking.quote)),
        "waitlist_id": booking.waitlist_id,
        "replaces_id": booking.replaces_id,
        "moves": booking.moves,
        "place": booking.place.value,
        "answer_hours": booking.answer_hours,
        "may_overlap": booking.may_overlap,
    }
    return _all_or_nothing(connection, _HOLD, {**values, **_taken(booking, seat)})


def record(connection: Connection, before: Booking, after: Booking, change: Change) -> None:
    """Write a change of a booking that is locked; its slot is free in the same commit when it ends."""
    connection.execute(_CHANGE, to_values(after, before.state, change)).one()


def record_taking_again(
    connection: Connection, before: Booking, after: Booking, change: Change, seat: int | None = None
) -> bool:
    """Like `record`, but what it occupies is taken again with it; False, and nothing changes: it is gone."""
    values = {
        **to_values(after, before.state, change),
        "all_seats": after.seats,
        "visit_from": after.visit.start,
        **_taken(after, seat),
    }
    return _all_or_nothing(connection, _TAKE_AGAIN, values)


def _all_or_nothing(connection: Connection, statement: TextClause, values: dict[str, Any]) -> bool:
    wanted = len(values["resource_ids"])
    if wanted == 1:
        return connection.execute(statement, values).one_or_none() is not None
    savepoint = connection.begin_nested()
    if connection.execute(statement, values).scalar_one_or_none() == wanted:
        savepoint.commit()
        return True
    savepoint.rollback()
    return False


def to_values(booking: Booking, from_state: State | None, change: Change) -> dict[str, Any]:
    hold, payment = booking.hold, booking.payment
    return {
        "id": booking.booking_id,
        "version": booking.version,
        "state": booking.state.value,
        "from_state": from_state.value if from_state else None,
        "series_id": booking.series_id,
        "occupies": booking.occupies,
        "further_ids": list(booking.further_ids),
        "pending_for": booking.pending_for.value if booking.pending_for else None,
        "hold_ends_at": hold.ends_at if hold else None,
        "hold_prolonged": hold.prolonged if hold else False,
        "processing_until": hold.processing_until if hold else None,
        "held_from": booking.held_from,
        "notes": booking.notes,
        "payment_id": payment.payment_id if payment else None,
        "paid_service": payment.paid.service.amount if payment else None,
        "paid_tip": payment.paid.tip.amount if payment else None,
        "cancel_cause": booking.cancel_cause,
        "refund": json.dumps(refund_to_json(booking.refund)) if booking.refund else None,
        "contest_until": booking.missed.contest_until if booking.missed else None,
        "contest": booking.missed.contest if booking.missed else None,
        "least_notice": booking.least_notice,
        "price_reduction": booking.reduction.amount if booking.reduction else 0,
        "actor": change.actor.value,
        "actor_id": change.actor_id,
        "reason": change.reason.value,
        "note": change.note,
        "at": change.at,
    }


def _taken(booking: Booking, seat: int | None) -> dict[str, Any]:
    """In the order of resources, like every lock on them."""
    return {
        "allocation_ids": [new_id() for _ in booking.resource_ids],
        "resource_ids": list(booking.resource_ids),
        "travel_before": [booking.ways.get(one, NO_WAY).before for one in booking.resource_ids],
        "travel_after": [booking.ways.get(one, NO_WAY).after for one in booking.resource_ids],
        "blocked_from": booking.blocked.start,
        "blocked_to": booking.blocked.end,
        "session_id": booking.session_id,
        "seat": seat,
        "seats": booking.seats if seat is not None else None,
    }

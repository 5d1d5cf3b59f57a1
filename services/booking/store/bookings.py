"""Writes bookings: every change with its history row and its allocation, in one statement."""

import json
from typing import Any

from sqlalchemy import Connection, text

from services.booking.domain.booking import Booking
from services.booking.domain.states import Change, State
from services.booking.store.quotes import quote_to_json, refund_to_json
from services.booking.store.tables import NO_OVERLAP
from shared.ids import new_id

# Never a bare ON CONFLICT: that would also swallow a duplicate id as 'taken' (rule C5).
_TAKE = f"""
taken AS (
    INSERT INTO allocation (id, booking_id, resource_id, blocked)
    VALUES (:allocation_id, :id, :staff_id, tstzrange(:blocked_from, :blocked_to))
    ON CONFLICT ON CONSTRAINT {NO_OVERLAP} DO NOTHING
    RETURNING booking_id
)"""

_NOTE = """
INSERT INTO booking_history (booking_id, version, from_state, to_state, actor, actor_id, reason, note, at)
SELECT id, :version, :from_state, :state, :actor, CAST(:actor_id AS uuid), :reason, :note, :at
FROM changed RETURNING booking_id
"""

_HOLD = text(f"""
WITH {_TAKE}, changed AS (
    INSERT INTO booking (
        id, version, state, pending_for, customer_id, provider_id, service_id, staff_id, service_name,
        visit, blocked, time_zone, local_start, utc_offset, quote, notes,
        hold_ends_at, hold_prolonged, held_from, created_at
    )
    SELECT booking_id, :version, :state, :pending_for, CAST(:customer_id AS uuid),
        CAST(:provider_id AS uuid), CAST(:service_id AS uuid), CAST(:staff_id AS uuid),
        CAST(:service_name AS jsonb),
        tstzrange(:visit_from, :visit_to), tstzrange(:blocked_from, :blocked_to), :time_zone,
        CAST(:local_start AS timestamp), :utc_offset, CAST(:quote AS jsonb), :notes,
        CAST(:hold_ends_at AS timestamptz), :hold_prolonged, :held_from, :at
    FROM taken RETURNING id
)
{_NOTE}""")

_UPDATE = """
    UPDATE booking SET version = :version, state = :state, pending_for = :pending_for,
        hold_ends_at = :hold_ends_at, hold_prolonged = :hold_prolonged,
        processing_until = :processing_until, held_from = :held_from,
        payment_id = CAST(:payment_id AS uuid), paid_service = :paid_service, paid_tip = :paid_tip,
        cancel_cause = :cancel_cause, refund = CAST(:refund AS jsonb)
    WHERE id = :id AND version = :version - 1"""

# `freed` runs whether or not it is read (PostgreSQL, 'Data-Modifying Statements in WITH').
_CHANGE = text(f"""
WITH changed AS ({_UPDATE} RETURNING id), freed AS (
    DELETE FROM allocation WHERE booking_id = :id AND NOT :occupies
)
{_NOTE}""")

_TAKE_AGAIN = text(f"""
WITH {_TAKE}, changed AS ({_UPDATE} AND EXISTS (SELECT FROM taken) RETURNING id)
{_NOTE}""")


def insert_held(connection: Connection, booking: Booking, change: Change) -> bool:
    """Take the slot and write the booking; False, and nothing is written, when the slot is taken.

    The exclusion constraint decides (promise C2): a booking that overlaps waits for the other's
    transaction and loses when that commits.
    """
    values = {
        **_values(booking, None, change),
        "customer_id": booking.customer_id,
        "provider_id": booking.provider_id,
        "service_id": booking.service_id,
        "service_name": json.dumps(dict(booking.service_name)),
        "visit_from": booking.visit.start,
        "visit_to": booking.visit.end,
        "time_zone": booking.time_zone,
        "local_start": booking.start.local,
        "utc_offset": booking.start.offset_text,
        "quote": json.dumps(quote_to_json(booking.quote)),
        "notes": booking.notes,
    }
    return connection.execute(_HOLD, {**values, **_slot(booking)}).one_or_none() is not None


def record(connection: Connection, before: Booking, after: Booking, change: Change) -> None:
    """Write a change of a booking that is locked; its slot is free in the same commit when it ends."""
    connection.execute(_CHANGE, _values(after, before.state, change)).one()


def record_taking_again(connection: Connection, before: Booking, after: Booking, change: Change) -> bool:
    """Like `record`, but the slot is taken again with it; False, and nothing changes: it is gone."""
    values = {**_values(after, before.state, change), **_slot(after)}
    return connection.execute(_TAKE_AGAIN, values).one_or_none() is not None


def _values(booking: Booking, from_state: State | None, change: Change) -> dict[str, Any]:
    hold, payment = booking.hold, booking.payment
    return {
        "id": booking.booking_id,
        "version": booking.version,
        "state": booking.state.value,
        "from_state": from_state.value if from_state else None,
        "occupies": booking.occupies,
        "pending_for": booking.pending_for.value if booking.pending_for else None,
        "hold_ends_at": hold.ends_at if hold else None,
        "hold_prolonged": hold.prolonged if hold else False,
        "processing_until": hold.processing_until if hold else None,
        "held_from": booking.held_from,
        "payment_id": payment.payment_id if payment else None,
        "paid_service": payment.paid.service.amount if payment else None,
        "paid_tip": payment.paid.tip.amount if payment else None,
        "cancel_cause": booking.cancel_cause,
        "refund": json.dumps(refund_to_json(booking.refund)) if booking.refund else None,
        "actor": change.actor.value,
        "actor_id": change.actor_id,
        "reason": change.reason.value,
        "note": change.note,
        "at": change.at,
    }


def _slot(booking: Booking) -> dict[str, Any]:
    return {
        "allocation_id": new_id(),
        "staff_id": booking.staff_id,
        "blocked_from": booking.blocked.start,
        "blocked_to": booking.blocked.end,
    }

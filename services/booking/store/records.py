"""Reads bookings back from their rows."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Connection, Row, Select, Uuid, bindparam, func, select, tuple_

from services.booking.domain.booking import Booking, Payment, Place
from services.booking.domain.holds import Hold
from services.booking.domain.local_time import Interval, LocalInstant
from services.booking.domain.no_shows import Contest, Missed
from services.booking.domain.refunds import Paid
from services.booking.domain.states import OCCUPYING, PendingFor, State
from services.booking.store.quotes import quote_from_json, refund_from_json
from services.booking.store.tables import booking as table
from services.booking.store.tables import further_resource
from shared.money import Money

_further = (
    select(further_resource.c.resource_id)
    .where(further_resource.c.booking_id == table.c.id)
    .order_by(further_resource.c.resource_id)
)


@cache
def select_bookings() -> Select[Any]:
    """The columns that `to_booking` reads."""
    return select(
        *(column for column in table.c if column.name not in ("visit", "blocked")),
        func.lower(table.c.visit).label("visit_from"),
        func.upper(table.c.visit).label("visit_to"),
        func.lower(table.c.blocked).label("blocked_from"),
        func.upper(table.c.blocked).label("blocked_to"),
        func.array(_further.scalar_subquery(), type_=ARRAY(Uuid(as_uuid=False))).label("further_ids"),
    )


_ONE = select_bookings().where(table.c.id == bindparam("booking_id"))


def get_booking(connection: Connection, booking_id: str) -> Booking | None:
    row = connection.execute(_ONE, {"booking_id": booking_id}).one_or_none()
    return to_booking(row) if row else None


def list_of_customer(
    connection: Connection, customer_id: str, limit: int, after: tuple[datetime, str] | None
) -> list[Booking]:
    """A customer's bookings, newest first, from behind the key (created_at, id) `after`."""
    statement = (
        select_bookings()
        .where(table.c.customer_id == customer_id)
        .order_by(table.c.created_at.desc(), table.c.id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(table.c.created_at, table.c.id) < tuple_(*after))
    return to_bookings(connection.execute(statement).all())


def future_bookings(
    connection: Connection, now: datetime, limit: int, after: tuple[datetime, str] | None
) -> list[Booking]:
    """Visits that will take place, in order of their start, from behind the key (start, id) `after`.

    Reads the whole table: for operators, not for requests.
    """
    start = func.lower(table.c.visit)
    statement = (
        select_bookings()
        .where(table.c.state.in_(sorted(OCCUPYING)), start > now)
        .order_by(start, table.c.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(start, table.c.id) > tuple_(*after))
    return to_bookings(connection.execute(statement).all())


def to_bookings(rows: Sequence[Row[Any]]) -> list[Booking]:
    return [to_booking(row) for row in rows]


def to_booking(row: Row[Any]) -> Booking:
    quote = quote_from_json(row.quote)
    visit = _interval(row.visit_from, row.visit_to)
    return Booking(
        booking_id=row.id,
        version=row.version,
        state=State(row.state),
        customer_id=row.customer_id,
        provider_id=row.provider_id,
        service_id=row.service_id,
        staff_id=row.staff_id,
        service_name=row.service_name,
        visit=visit,
        blocked=_interval(row.blocked_from, row.blocked_to),
        time_zone=row.time_zone,
        start=LocalInstant(visit.start, row.local_start, _offset(row.utc_offset)),
        quote=quote,
        created_at=row.created_at.astimezone(UTC),
        notes=row.notes,
        series_id=row.series_id,
        waitlist_id=row.waitlist_id,
        place=Place(row.place),
        further_ids=tuple(row.further_ids),
        session_id=row.session_id,
        seats=row.seats,
        pending_for=PendingFor(row.pending_for) if row.pending_for else None,
        hold=_hold(row),
        held_from=row.held_from,
        payment=_payment(row, quote.total.currency),
        cancel_cause=row.cancel_cause,
        refund=refund_from_json(row.refund) if row.refund else None,
        answer_hours=row.answer_hours,
        moves=row.moves,
        least_notice=row.least_notice,
        reduction=Money(row.price_reduction, quote.total.currency) if row.price_reduction else None,
        replaces_id=row.replaces_id,
        missed=_missed(row),
        may_overlap=row.may_overlap,
    )


def _hold(row: Row[Any]) -> Hold | None:
    if row.hold_ends_at is None:
        return None
    return Hold(
        row.hold_ends_at.astimezone(UTC),
        row.processing_until.astimezone(UTC) if row.processing_until else None,
        row.hold_prolonged,
    )


def _missed(row: Row[Any]) -> Missed | None:
    if row.contest_until is None:
        return None
    return Missed(row.contest_until.astimezone(UTC), Contest(row.contest) if row.contest else None)


def _payment(row: Row[Any], currency: str) -> Payment | None:
    if row.payment_id is None:
        return None
    return Payment(row.payment_id, Paid(Money(row.paid_service, currency), Money(row.paid_tip, currency)))


def _interval(start: datetime, end: datetime) -> Interval:
    return Interval(start.astimezone(UTC), end.astimezone(UTC))


def _offset(text: str) -> timedelta:
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return -offset if text.startswith("-") else offset

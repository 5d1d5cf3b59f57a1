"""Moves one visit of a series, that and the following, or all: each by the one way in which visits are moved,
in a transaction of its own (rule T17)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.reasons import Request
from services.booking.domain.series import Outcome
from services.booking.domain.series_moves import Move, Obstacle, Shift, in_order, obstacle_of
from services.booking.domain.states import Actor, Change, Reason
from services.booking.settings import BookingSettings
from services.booking.store.records import get_booking
from services.booking.store.series import instances_of
from services.booking.usecases.book_series import finish_series
from services.booking.usecases.hold_slot import is_final
from services.booking.usecases.once import answer_once
from services.booking.usecases.read_series import own_series
from services.booking.usecases.refund_quote import own_booking
from services.booking.usecases.refusals import customer_of, read_day, read_time
from services.booking.usecases.reschedule import reschedule_booking
from services.booking.usecases.series_scope import Visit, shift_of, visits_to_move, zone_now
from services.booking.usecases.views import booking_view
from shared.contracts.booking_errors import booking_state_conflict
from shared.contracts.booking_moves import RescheduleQuoteSchema, too_many_moves
from shared.contracts.booking_series_forms import Choice
from shared.contracts.booking_series_moves import RESCHEDULE_SERIES, MoveOutcome
from shared.contracts.booking_times_forms import SlotSchema
from shared.contracts.declaration import Caller, read
from shared.database.idempotency import KEY_MEMBER, IdempotentRequest
from shared.database.transaction import Transaction, read_app_now
from shared.errors import ServiceError, invalid_field, request_in_progress

Object = dict[str, Any]

_FOR_GOOD = {Obstacle.TOO_LATE: booking_state_conflict, Obstacle.MOVES_USED_UP: too_many_moves}
"""Nothing that happens meanwhile makes these movable again."""


def reschedule_series(
    transaction: Transaction, settings: BookingSettings, request: Object, caller: Caller
) -> Object:
    """Move each to its new time or leave it where it is (SeriesMovesSchema), once per key; a repeat goes on
    where it stopped.

    Raises `not_found`, `nothing_to_move`, `validation_failed`. What is refused of a visit is told with it.
    """
    customer_of(caller)
    _finish(transaction, settings, request["series_id"], caller)
    with transaction() as connection:
        key = IdempotentRequest.of(RESCHEDULE_SERIES, caller, request)
        plan = answer_once(connection, key, caller, lambda: _plan(connection, request, caller))
    instances = {one["position"]: one for one in plan["instances"]}
    decisions = _decisions(request)
    for move in in_order(_to_move(instances)):
        instance, decision = instances[move.position], decisions.get(move.position)
        asked = _asked(request, decision, move, instance["booking"]["booking_id"])
        instances[move.position] = instance | _move(transaction, settings, asked, caller)
    return plan | {"instances": list(instances.values())}


def _to_move(instances: Mapping[int, Object]) -> Iterator[Move]:
    """Those whose turn has not come."""
    for position, one in instances.items():
        if one["outcome"] != MoveOutcome.OPEN.value:
            continue
        booking = one["booking"]
        agreed = datetime.combine(read_day(booking, "local_date"), read_time(booking, "local_time"))
        day, at = read_day(one, "wanted_date"), read_time(one, "wanted_time")
        yield Move(position, agreed, Request(day, at, one["utc_offset"]))


def _asked(request: Object, decision: Object | None, move: Move, booking_id: str) -> Object:
    """What `reschedule_booking` is asked for this visit, under a key of its own."""
    return {
        "booking_id": booking_id,
        "booking_date": move.wanted.day.isoformat(),
        "start_time": f"{move.wanted.time:%H:%M}",
        "utc_offset": move.wanted.utc_offset,
        "staff_id": request["staff_id"],
        "allow_overlap": request["allow_overlap"],
        "quote_id": decision["quote_id"] if decision else None,
        "reason": request["reason"],
        KEY_MEMBER: f"{RESCHEDULE_SERIES.name} {move.position} {request[KEY_MEMBER]}",
    }


def _move(transaction: Transaction, settings: BookingSettings, asked: Object, caller: Caller) -> Object:
    """What became of it: members of MovedInstanceSchema."""
    try:
        moved = reschedule_booking(transaction, settings, asked, caller)
        return {"outcome": MoveOutcome.MOVED.value, "booking": moved}
    except ServiceError as error:
        if not is_final(error) or request_in_progress.matches(error):
            raise
        code, quote = error.code, error.details.get("quote")
        alternatives = error.details.get("alternatives", ())
    with transaction() as connection:
        booking = own_booking(get_booking(connection, asked["booking_id"]), caller)
    return {
        "outcome": MoveOutcome.REFUSED.value,
        "code": code,
        "alternatives": [read(SlotSchema, one) for one in alternatives],
        "quote": read(RescheduleQuoteSchema, quote) if quote else None,
        "booking": booking_view(booking),
    }


def _finish(transaction: Transaction, settings: BookingSettings, series_id: str, caller: Caller) -> None:
    """What somebody left half done is booked before, so that it is moved with the others."""
    with transaction() as connection:
        series = own_series(connection, series_id, caller)
        is_open = any(one.outcome is Outcome.OPEN for one in instances_of(connection, series_id))
    if is_open:
        finish_series(transaction, settings, series.series_id)


def _plan(connection: Connection, request: Object, caller: Caller) -> Object:
    """Where each will be, counted from where it is now: a repeat does not count from where that was."""
    series = own_series(connection, request["series_id"], caller)
    visits, shift, decided = (
        visits_to_move(connection, series, request),
        shift_of(request),
        _decisions(request),
    )
    if not decided.keys() <= {one.position for one in visits}:
        raise invalid_field("decisions", "Each for one of the visits that are meant.")
    at = read_app_now(connection)
    change = Change(Actor.CUSTOMER, caller.user_id, Reason.RESCHEDULED, at)
    is_kept, zone_name = series.kept_at is not None, zone_now(connection, series)
    instances = [
        _instance(one, shift, zone_name, decided.get(one.position), change, is_kept) for one in visits
    ]
    return {"series_id": series.series_id, "instances": instances}


def _decisions(request: Object) -> dict[int, Object]:
    decided = {one["position"]: one for one in request["decisions"]}
    if len(decided) < len(request["decisions"]):
        raise invalid_field("decisions", "One for a visit at most.")
    return decided


def _instance(
    visit: Visit, shift: Shift, zone_name: str, decision: Object | None, change: Change, is_kept: bool
) -> Object:
    wanted = _wanted(shift.of(visit.booking, zone_name), decision)
    obstacle = obstacle_of(visit.booking, wanted, zone_name, shift.staff_id, change, is_kept)
    outcome, code = MoveOutcome.OPEN, _FOR_GOOD.get(obstacle) if obstacle else None
    if decision and Choice(decision["choice"]) is Choice.SKIP:
        outcome, code = MoveOutcome.SKIPPED, None
    elif obstacle is Obstacle.UNCHANGED:
        outcome = MoveOutcome.UNCHANGED
    elif code is not None:
        outcome = MoveOutcome.REFUSED
    return {
        "position": visit.position,
        "wanted_date": wanted.day.isoformat(),
        "wanted_time": f"{wanted.time:%H:%M}",
        "utc_offset": wanted.utc_offset,
        "outcome": outcome.value,
        "code": code.code if code else None,
        "alternatives": [],
        "quote": None,
        "booking": booking_view(visit.booking),
    }


def _wanted(meant: Request, decision: Object | None) -> Request:
    if decision is None or Choice(decision["choice"]) is not Choice.ALTERNATIVE:
        return meant
    if decision["start_time"] is None:
        raise invalid_field("decisions", "An alternative has a startTime.")
    day = meant.day if decision["booking_date"] is None else read_day(decision, "booking_date", "decisions")
    return Request(day, read_time(decision, "start_time", "decisions"), decision["utc_offset"])

"""Says of visits of a series what moving each would mean, and what there is instead (rule T17)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking
from services.booking.domain.local_time import Interval
from services.booking.domain.moving import terms_of
from services.booking.domain.reasons import find
from services.booking.domain.series import Prospect, Series
from services.booking.domain.series_moves import Move, in_order, left_behind, obstacle_of
from services.booking.domain.states import Actor, Change, Reason
from services.booking.domain.travel import travel_to, within_reach
from services.booking.store.supplies import Days, Supplied, load_occupied_why
from services.booking.usecases.availability import on_offer
from services.booking.usecases.preview_series import prospect_view, read_together
from services.booking.usecases.read_series import own_series
from services.booking.usecases.series_scope import shift_of, visits_to_move, zone_now
from services.booking.usecases.two_places import other_visit
from services.booking.usecases.views_of_moves import reschedule_quote_view
from services.booking.usecases.ways_again import point_of
from shared.contracts.booking import customer_in_two_places, place_not_offered
from shared.contracts.declaration import Caller
from shared.database.transaction import Transaction, read_app_now
from shared.geo import Point

Object = dict[str, Any]

_NOTHING: Object = {"code": None, "message": None, "next_existing": None, "alternatives": []}
"""To be said of a start, where the visit can't be moved at all."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """The visits by their positions, in the order in which they will be moved."""

    series: Series
    visits: dict[int, Booking]
    moves: list[Move]
    point: Point | None
    staff_id: str | None
    change: Change


def preview_series_move(transaction: Transaction, request: Object, caller: Caller) -> Object:
    """SeriesMovePreviewSchema; changes nothing. Raises `not_found`, `nothing_to_move`, `validation_failed`.

    A visit is in nobody's way when it will have been moved before.
    """
    with transaction() as connection:
        asked = _read(connection, request, caller)
    loaded = dict(_loaded(transaction, asked))
    seen: dict[int, Object] = {}
    gone: list[Booking] = []
    for move in asked.moves:
        visit = asked.visits[move.position]
        view = _view(asked, loaded[move.wanted.day], move, [*gone, visit])
        if view["prospect"] == Prospect.FREE.value and not request["allow_overlap"]:
            view |= _elsewhere(transaction, asked, view, gone)
        if view["prospect"] == Prospect.FREE.value:
            gone.append(visit)
        seen[move.position] = view
    return {
        "series_id": asked.series.series_id,
        "instances": [seen[position] for position in sorted(seen)],
        "computed_at": asked.change.at,
    }


def _read(connection: Connection, request: Object, caller: Caller) -> _Asked:
    series = own_series(connection, request["series_id"], caller)
    shift, zone_name = shift_of(request), zone_now(connection, series)
    visits = {one.position: one.booking for one in visits_to_move(connection, series, request)}
    moves = [Move(position, one.start.local, shift.of(one, zone_name)) for position, one in visits.items()]
    change = Change(Actor.CUSTOMER, caller.user_id, Reason.RESCHEDULED, read_app_now(connection))
    # All visits of a series are at one place.
    point = point_of(connection, next(iter(visits.values())))
    return _Asked(series, visits, in_order(moves), point, shift.staff_id, change)


def _loaded(transaction: Transaction, asked: _Asked) -> Iterator[tuple[date, Supplied]]:
    for days in read_together(sorted({move.wanted.day for move in asked.moves})):
        read = Days(days[0], days[-1], (asked.series.service_id,))
        with transaction() as connection:
            found = load_occupied_why(connection, asked.series.provider_id, read)
        supplied = on_offer(found, asked.staff_id)
        yield from ((day, supplied) for day in days)


def _view(asked: _Asked, supplied: Supplied, move: Move, gone: Sequence[Booking]) -> Object:
    """MoveProspectSchema; `gone`: the visit itself, and those that will have been moved before."""
    visit, supply = asked.visits[move.position], supplied.offering.supply
    travel = travel_to(supply, visit.place, asked.point)
    occupancy = within_reach(left_behind(supplied.occupancy, gone, move.wanted), supply, travel)
    supplied = replace(supplied, occupancy=occupancy)
    view = prospect_view(supplied, move.wanted, asked.staff_id) | {
        "position": move.position,
        "booking_id": visit.booking_id,
        "previous_starts_at": visit.visit.start,
        "quote": None,
    }
    is_kept = asked.series.kept_at is not None
    obstacle = obstacle_of(visit, move.wanted, supply.time_zone, asked.staff_id, asked.change, is_kept)
    if obstacle is not None:
        return view | _NOTHING | {"prospect": obstacle.value}
    if visit.place not in supplied.offering.places:
        return view | {
            "prospect": Prospect.CLOSED.value,
            "code": place_not_offered.code,
            "message": place_not_offered.message,
            "alternatives": [],
        }
    if view["prospect"] == Prospect.FREE.value:
        view["quote"] = _quote_view(asked, supplied, move, visit)
    return view


def _elsewhere(transaction: Transaction, asked: _Asked, view: Object, gone: Sequence[Booking]) -> Object:
    """What else the customer has then, where it will not have been moved before this one (rule C19)."""
    visit = asked.visits[view["position"]]
    then = Interval(view["quote"]["starts_at"], view["quote"]["ends_at"])
    with transaction() as connection:
        other = other_visit(connection, visit, then, asked.change.at, *(one.booking_id for one in gone))
    if other is None:
        return {}
    prospect = {"prospect": Prospect.CONFLICT.value, "quote": None}
    return prospect | {"code": customer_in_two_places.code, "message": customer_in_two_places.message}


def _quote_view(asked: _Asked, supplied: Supplied, move: Move, visit: Booking) -> Object:
    offering = supplied.offering
    start = find(offering.supply, move.wanted, offering.now, asked.staff_id, supplied.occupancy)
    terms = terms_of(visit, start.start.instant, offering.quote(), offering.now)
    return reschedule_quote_view(visit, start, terms)

"""customer/series/{id}/reschedule: visits of a series at other times, one, it and the following, or all."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.process import resources
from services.gateway.routes.contract_bodies import overlap_allowed
from shared.contracts import booking_series_moves as contract
from shared.contracts.booking_series_forms import MOST_INSTANCES, Choice, Scope
from shared.contracts.booking_series_moves import (
    FARTHEST_SHIFT,
    SeriesMovePreviewSchema,
    SeriesMovesSchema,
)
from shared.contracts.fields import Id, local_date, local_time, utc_offset

blueprint = Blueprint(
    "series_moves", __name__, url_prefix="/customer/series", description="Visits that repeat"
)

NO_STORE = {"Cache-Control": "no-store"}


class NewTimesBody(Schema):
    """Which visits; `position` counts from 1 and is needed unless all are meant. They are moved to another
    local time, by so many days (Mondays to Tuesdays: 1), to another of the staff, or several of these."""

    scope = fields.String(required=True, validate=validate.OneOf([scope.value for scope in Scope]))
    position = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, MOST_INSTANCES)
    )
    start_time = local_time(data_key="startTime", load_default=None, allow_none=True)
    shift_days = fields.Integer(
        data_key="shiftDays",
        load_default=0,
        strict=True,
        validate=validate.Range(-FARTHEST_SHIFT, FARTHEST_SHIFT),
    )
    staff_id = Id(data_key="staffId", load_default=None, allow_none=True)
    allow_overlap = overlap_allowed()


class MoveDecisionBody(Schema):
    """What becomes of one visit; an alternative is another start. With `quoteId` of the preview exactly what
    that shows is done, or nothing."""

    position = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_INSTANCES))
    choice = fields.String(required=True, validate=validate.OneOf([choice.value for choice in Choice]))
    booking_date = local_date(data_key="bookingDate", load_default=None, allow_none=True)
    start_time = local_time(data_key="startTime", load_default=None, allow_none=True)
    utc_offset = utc_offset(data_key="utcOffset")
    quote_id = fields.String(
        data_key="quoteId", load_default=None, allow_none=True, validate=validate.Length(1, 100)
    )


class RescheduleSeriesBody(NewTimesBody):
    """A visit without a decision is taken to its new time."""

    decisions = fields.List(
        fields.Nested(MoveDecisionBody), load_default=(), validate=validate.Length(max=MOST_INSTANCES)
    )
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))


@blueprint.post("/<id:series_id>/reschedule/preview")
@declares(Access.CUSTOMER, Budget.BOOKING)
@blueprint.body(NewTimesBody)
@blueprint.answers(SeriesMovePreviewSchema, "What moving each visit would mean.")
def preview_series_move(body: dict[str, Any], series_id: str) -> Answer:
    """Every visit that is not over: free and at which price, or why not and what there is instead. Moves
    nothing."""
    wanted = body | {"series_id": series_id}
    return Answer(resources().services.ask(contract.PREVIEW_SERIES_MOVE, wanted), headers=NO_STORE)


@blueprint.post("/<id:series_id>/reschedule")
@declares(Access.CUSTOMER, Budget.BOOKING)
@blueprint.body(RescheduleSeriesBody)
@blueprint.answers(SeriesMovesSchema, "What became of each visit: moved, or where it was and why.")
def reschedule_series(body: dict[str, Any], series_id: str) -> Answer:
    """Move agreed visits before their start, each by itself; one that can't be moved stays where it was."""
    key = idempotency_key()
    wanted = body | {"series_id": series_id, "idempotency_key": key}
    moved = resources().services.ask(contract.RESCHEDULE_SERIES, wanted)
    return Answer(moved, headers={HEADER: key, **NO_STORE})

"""customer/series/*: visits that repeat, looked at before, booked, cancelled one, following or all."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.presentation import presenter
from services.gateway.process import resources
from services.gateway.routes.bookings import CreateBookingBody
from services.gateway.routes.cancelling import CancelBookingBody
from services.gateway.routes.lists import PageQuery
from shared.contracts import booking_series as contract
from shared.contracts.booking_series import series_quote_changed
from shared.contracts.booking_series_forms import (
    MOST_INSTANCES,
    Choice,
    Scope,
    SeriesListSchema,
    SeriesPreviewSchema,
    SeriesRefundQuoteSchema,
    SeriesSchema,
)
from shared.contracts.fields import Id, local_date, local_time, utc_offset
from shared.errors import ServiceError

blueprint = Blueprint("series", __name__, url_prefix="/customer/series", description="Visits that repeat")

NO_STORE = {"Cache-Control": "no-store"}


def _rule() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 200))


class PreviewSeriesBody(Schema):
    """`rule`: an RRULE with FREQ, INTERVAL, BYDAY, BYMONTHDAY, and COUNT or UNTIL; at most 52 visits."""

    provider_id = Id(data_key="providerId", required=True)
    service_id = Id(data_key="serviceId", required=True)
    booking_date = local_date(data_key="bookingDate", required=True)
    start_time = local_time(data_key="startTime", required=True)
    rule = _rule()
    staff_id = Id(data_key="staffId", load_default=None, allow_none=True)


class DecisionBody(Schema):
    """What becomes of the instance of a day; an alternative is another start."""

    booking_date = local_date(data_key="bookingDate", load_default=None, allow_none=True)
    local_date = local_date(data_key="localDate", required=True)
    choice = fields.String(required=True, validate=validate.OneOf([choice.value for choice in Choice]))
    start_time = local_time(data_key="startTime", load_default=None, allow_none=True)
    utc_offset = utc_offset(data_key="utcOffset")


class CreateSeriesBody(CreateBookingBody):
    """`bookingDate` and `startTime` are those of the first visit that the rule may have."""

    rule = _rule()
    decisions = fields.List(
        fields.Nested(DecisionBody), load_default=(), validate=validate.Length(max=MOST_INSTANCES)
    )


class ScopeQuery(Schema):
    """Which visits; `position` counts from 1 and is needed unless all are meant."""

    scope = fields.String(required=True, validate=validate.OneOf([scope.value for scope in Scope]))
    position = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, MOST_INSTANCES))


class CancelSeriesBody(CancelBookingBody):
    """Which visits; with `refundQuoteId` exactly what was quoted is given back, or 409."""

    scope = fields.String(required=True, validate=validate.OneOf([scope.value for scope in Scope]))
    position = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, MOST_INSTANCES)
    )


@blueprint.post("/preview")
@declares(Access.CUSTOMER, Budget.BOOKING)
@blueprint.body(PreviewSeriesBody)
@blueprint.answers(SeriesPreviewSchema, "What would become of each visit.")
def preview_series(body: dict[str, Any]) -> Answer:
    """Every instance: free, or why it is not and what there is instead. Holds nothing."""
    return Answer(resources().services.ask(contract.PREVIEW_SERIES, body), headers=NO_STORE)


@blueprint.post("")
@declares(Access.CUSTOMER, Budget.BOOKING)
@blueprint.body(CreateSeriesBody)
@blueprint.answers(SeriesSchema, "The visits that could be held are held. Pay one to keep them all.", 201)
def create_series(body: dict[str, Any]) -> Answer:
    """Hold all visits of a series; each one's result is told."""
    key = idempotency_key()
    made = resources().services.ask(contract.CREATE_SERIES, body | {"idempotency_key": key})
    location = f"/api/v1/customer/series/{made['series_id']}"
    return Answer(made, 201, headers={HEADER: key, "Location": location})


@blueprint.get("")
@declares(Access.CUSTOMER, Budget.OTHER)
@blueprint.query(PageQuery)
@blueprint.answers(SeriesListSchema, "Your series, newest first.")
def list_series(query: dict[str, Any]) -> Answer:
    """The caller's own series."""
    return Answer(resources().services.ask(contract.LIST_SERIES, query), limit=query["limit"])


@blueprint.get("/<id:series_id>")
@declares(Access.CUSTOMER, Budget.OTHER)
@blueprint.answers(SeriesSchema, "The series with its visits as they are now.")
def get_series(series_id: str) -> Answer:
    """One series, for its customer."""
    return Answer(resources().services.ask(contract.GET_SERIES, {"series_id": series_id}))


@blueprint.get("/<id:series_id>/refund-quote")
@declares(Access.CUSTOMER, Budget.OTHER)
@blueprint.query(ScopeQuery)
@blueprint.answers(SeriesRefundQuoteSchema, "What cancelling gives back.")
def get_series_refund_quote(query: dict[str, Any], series_id: str) -> Answer:
    """What cancelling these visits now gives back and until when; hand its id on when cancelling."""
    quote = resources().services.ask(contract.GET_SERIES_REFUND_QUOTE, query | {"series_id": series_id})
    return Answer(quote, headers=NO_STORE)


@blueprint.post("/<id:series_id>/cancel")
@declares(Access.CUSTOMER, Budget.BOOKING)
@blueprint.body(CancelSeriesBody)
@blueprint.answers(SeriesSchema, "The visits are cancelled.")
def cancel_series(body: dict[str, Any], series_id: str) -> Answer:
    """Cancel future visits: one, it and the following, or all; each gives back by its own notice."""
    key = idempotency_key()
    wanted = body | {"series_id": series_id, "idempotency_key": key}
    try:
        return Answer(resources().services.ask(contract.CANCEL_SERIES, wanted), headers={HEADER: key})
    except ServiceError as error:
        if series_quote_changed.matches(error) and "quote" in error.details:
            quote = presenter(SeriesRefundQuoteSchema)(error.details["quote"])
            raise series_quote_changed(quote=quote) from None
        raise

"""customer/bookings/{id}/reschedule: an agreed visit at another time, with what that means shown before."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.presentation import presenter
from services.gateway.process import resources
from services.gateway.routes.contract_bodies import overlap_allowed
from shared.contracts import booking
from shared.contracts.booking_forms import BookingSchema
from shared.contracts.booking_moves import RescheduleQuoteSchema
from shared.contracts.fields import Id, local_date, local_time, utc_offset
from shared.errors import ServiceError

blueprint = Blueprint("rescheduling", __name__, url_prefix="/customer/bookings", description="Bookings")

NO_STORE = {"Cache-Control": "no-store"}


class RescheduleQuery(Schema):
    """A start in the provider's local time; `utcOffset` picks one of a repeated hour."""

    booking_date = local_date(data_key="date", required=True)
    start_time = local_time(data_key="time", required=True)
    staff_id = Id(data_key="staffId", load_default=None, allow_none=True)
    utc_offset = utc_offset(data_key="utcOffset")
    allow_overlap = fields.Boolean(
        data_key="allowOverlap", load_default=None, truthy={"true"}, falsy={"false"}
    )


class RescheduleBody(Schema):
    """With `quoteId` exactly what the quote shows is done, or 409 `quote_changed`; with `allowOverlap` also
    when you have another visit then, or 409 `customer_in_two_places`."""

    booking_date = local_date(data_key="bookingDate", required=True)
    start_time = local_time(data_key="startTime", required=True)
    staff_id = Id(data_key="staffId", load_default=None, allow_none=True)
    utc_offset = utc_offset(data_key="utcOffset")
    allow_overlap = overlap_allowed()
    quote_id = fields.String(
        data_key="quoteId", load_default=None, allow_none=True, validate=validate.Length(1, 100)
    )
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))


@blueprint.get("/<id:booking_id>/reschedule-quote")
@declares(Access.CUSTOMER, Budget.OTHER)
@blueprint.query(RescheduleQuery)
@blueprint.answers(RescheduleQuoteSchema, "What moving the visit there means.")
def get_reschedule_quote(query: dict[str, Any], booking_id: str) -> Answer:
    """Price, what is due back, and what cancelling gives back afterwards; hand its id on when
    rescheduling."""
    wanted = query | {"booking_id": booking_id}
    return Answer(resources().services.ask(booking.GET_RESCHEDULE_QUOTE, wanted), headers=NO_STORE)


@blueprint.post("/<id:booking_id>/reschedule")
@declares(Access.CUSTOMER, Budget.BOOKING)
@blueprint.body(RescheduleBody)
@blueprint.answers(BookingSchema, "The visit is at the new time.")
def reschedule_booking(body: dict[str, Any], booking_id: str) -> Answer:
    """Move an agreed visit before its start; when the time is taken it stays where it was."""
    key = idempotency_key()
    wanted = body | {"booking_id": booking_id, "idempotency_key": key}
    try:
        moved = resources().services.ask(booking.RESCHEDULE_BOOKING, wanted)
    except ServiceError as error:
        if booking.quote_changed.matches(error) and "quote" in error.details:
            quote = presenter(RescheduleQuoteSchema)(error.details["quote"])
            raise booking.quote_changed(quote=quote) from None
        raise
    return Answer(moved, headers={HEADER: key, **NO_STORE})

"""customer/bookings/*: holding a time, looking at bookings, cancelling."""

from typing import Any

from flask import Response

from services.gateway import context
from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.process import resources
from services.gateway.routes.booking_notes import NotesBody, note
from services.gateway.routes.calendar_files import CONTENT_TYPE, visit_file
from services.gateway.routes.cancelling import CancelBookingBody, cancel
from services.gateway.routes.lists import PageQuery
from services.gateway.routes.visit_wishes import WishedVisitBody
from shared.contracts import booking
from shared.contracts.booking_care import BookingDetailSchema
from shared.contracts.booking_care_forms import NotesSchema
from shared.contracts.booking_forms import BookingSchema, BookingsSchema, RefundQuoteSchema
from shared.contracts.fields import Id, local_date, local_time, utc_offset

blueprint = Blueprint("bookings", __name__, url_prefix="/customer/bookings", description="Bookings")

NO_STORE = {"Cache-Control": "no-store"}


class CreateBookingBody(WishedVisitBody):
    """A start in the provider's local time; `utcOffset` picks one of a repeated hour."""

    booking_date = local_date(data_key="bookingDate", required=True)
    start_time = local_time(data_key="startTime", required=True)
    utc_offset = utc_offset(data_key="utcOffset")


class HoldBody(CreateBookingBody):
    """`replacesBookingId`: an agreed visit of yours that is given up for this one once it is paid, with all
    of its money back; for a time that costs more (`costs_more`)."""

    replaces_booking_id = Id(data_key="replacesBookingId", load_default=None, allow_none=True)


@blueprint.post("")
@declares(Access.CUSTOMER, Budget.BOOKING)
@blueprint.body(HoldBody)
@blueprint.answers(BookingSchema, "The time is held for you. Pay to confirm it.", 201)
def create_booking(body: dict[str, Any]) -> Answer:
    """Hold a time; the answer has the quote and until when the hold lasts."""
    key = idempotency_key()
    made = resources().services.ask(booking.CREATE_BOOKING, body | {"idempotency_key": key})
    location = f"/api/v1/customer/bookings/{made['booking_id']}"
    return Answer(made, 201, headers={HEADER: key, "Location": location})


@blueprint.get("")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.query(PageQuery)
@blueprint.answers(BookingsSchema, "Your bookings, newest first.")
def list_bookings(query: dict[str, Any]) -> Answer:
    """The caller's own bookings."""
    return Answer(resources().services.ask(booking.LIST_BOOKINGS, query), limit=query["limit"])


@blueprint.get("/<id:booking_id>")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.answers(BookingDetailSchema, "The booking.")
def get_booking(booking_id: str) -> Answer:
    """One booking, for its customer and its provider; each sees of recipient and address what they need."""
    found = resources().services.ask(booking.GET_BOOKING, {"booking_id": booking_id})
    return Answer(found, headers=NO_STORE)


@blueprint.patch("/<id:booking_id>")
@declares(Access.CUSTOMER, Budget.OTHER)
@blueprint.body(NotesBody)
@blueprint.answers(NotesSchema, "Your note is changed.")
def change_notes(body: dict[str, Any], booking_id: str) -> Answer:
    """Change your note to the provider, or take it away (`null`), until the visit is over."""
    return note("customer", booking_id, body)


@blueprint.get("/<id:booking_id>.ics")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.sends(CONTENT_TYPE, "The visit as iCalendar (RFC 5545).")
def get_visit_file(booking_id: str) -> Response:
    """The visit for the reader's own calendar; of a cancelled one, what takes it out again."""
    visit = resources().services.ask(booking.GET_VISIT, {"booking_id": booking_id})
    return visit_file(visit, context.current().locale)


@blueprint.get("/<id:booking_id>/refund-quote")
@declares(Access.CUSTOMER, Budget.OTHER)
@blueprint.answers(RefundQuoteSchema, "What cancelling gives back.")
def get_refund_quote(booking_id: str) -> Answer:
    """What cancelling now gives back and until when; hand its id on when cancelling."""
    quote = resources().services.ask(booking.GET_REFUND_QUOTE, {"booking_id": booking_id})
    return Answer(quote, headers=NO_STORE)


@blueprint.post("/<id:booking_id>/cancel")
@declares(Access.CUSTOMER, Budget.BOOKING)
@blueprint.body(CancelBookingBody, required=False)
@blueprint.answers(BookingSchema, "The booking is cancelled.")
def cancel_booking(body: dict[str, Any], booking_id: str) -> Answer:
    """Cancel before the start; the body may be left out."""
    return cancel(booking_id, body)

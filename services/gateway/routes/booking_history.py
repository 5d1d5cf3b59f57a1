"""What became of a booking: for its customer, its provider and administrators, each as they may know."""

from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.process import resources
from shared.contracts import booking
from shared.contracts.booking_history_forms import BookingHistorySchema

blueprint = Blueprint("booking_history", __name__, description="What became of a booking")

NO_STORE = {"Cache-Control": "no-store"}
ANSWER = "Every change, the first first."


@blueprint.get("/customer/bookings/<id:booking_id>/history")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.answers(BookingHistorySchema, ANSWER)
def own_history(booking_id: str) -> Answer:
    """Who has changed your booking, when and why; which of the provider's people it was is not said."""
    return _history(booking_id)


@blueprint.get("/provider/bookings/<id:booking_id>/history")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.answers(BookingHistorySchema, ANSWER)
def history_of_a_visit(booking_id: str) -> Answer:
    """Who has changed the booking, when and why; what its customer wrote about it is not said."""
    return _history(booking_id)


@blueprint.get("/admin/bookings/<id:booking_id>/history")
@declares(Access.ADMIN, Budget.OTHER)
@blueprint.answers(BookingHistorySchema, ANSWER)
def history_of_anybody(booking_id: str) -> Answer:
    """Everything that is kept about who has changed the booking, when and why."""
    return _history(booking_id)


def _history(booking_id: str) -> Answer:
    found = resources().services.ask(booking.GET_BOOKING_HISTORY, {"booking_id": booking_id})
    return Answer(found, headers=NO_STORE)

"""What a move is refused for before it is tried: of the visit, of what is offered, of what was shown."""

from services.booking.domain import moving
from services.booking.domain.booking import Booking
from services.booking.domain.moving import MoveRefusedError, Terms, TooManyMovesError
from services.booking.domain.offering import Offering
from services.booking.domain.reasons import Start
from services.booking.domain.states import Change
from services.booking.usecases.refusals import elsewhere
from services.booking.usecases.views_of_moves import reschedule_quote_id, reschedule_quote_view
from shared.contracts.booking import booking_state_conflict, quote_changed, too_many_moves
from shared.contracts.booking_moves import RescheduleQuoteSchema
from shared.contracts.declaration import write
from shared.errors import invalid_field, not_found


def check_movable(booking: Booking, change: Change, is_kept: bool = False) -> None:
    """Raise `too_many_moves` and `booking_state_conflict`."""
    try:
        moving.check_movable(booking, change, is_kept)
    except TooManyMovesError:
        raise too_many_moves(most=booking.quote.policy.most_moves) from None
    except MoveRefusedError:
        raise booking_state_conflict(state=booking.state.value) from None


def check_offered(offering: Offering, booking: Booking, asked: str | None) -> None:
    """Raise `not_found` for who does not do it, `place_not_offered` where it is given no more."""
    if asked is not None and asked not in offering.staff_ids:
        raise not_found()
    if booking.place not in offering.places:
        raise elsewhere(offering.places)


def check_other(booking: Booking, start: Start, asked: str | None) -> None:
    """Raise `validation_failed` when nothing would change."""
    if start.start.instant == booking.visit.start and asked in (None, booking.staff_id):
        raise invalid_field("start_time", "The visit is at this time already.")


def check_quote(quote_id: str | None, booking: Booking, start: Start, terms: Terms) -> None:
    """Raise `quote_changed` when something else was shown (rule B3)."""
    if quote_id not in (None, reschedule_quote_id(booking, start, terms)):
        view = reschedule_quote_view(booking, start, terms)
        raise quote_changed(quote=write(RescheduleQuoteSchema, view))

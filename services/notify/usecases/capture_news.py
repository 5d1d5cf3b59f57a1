"""Tells what was taken of a hold for a visit that was cancelled late, and what of it is released."""

from services.notify.domain.visit import Kind
from services.notify.store import visits
from services.notify.usecases.entries import News, UnknownVisitError, add_entries, visit_of
from shared.contracts.payment_forms import CANCELLED_VISIT
from shared.database.transaction import Transaction
from shared.messages.envelope import Event
from shared.messages.inbox import first_time
from shared.money import Money


def tell_capture(transaction: Transaction, event: Event) -> None:
    """One entry for each person and payment, after that of the cancellation.

    What is taken because the visit took place, or because the hold would have lapsed, was promised when it
    was paid: nothing is told. Raises UnknownVisitError until the cancellation itself was told.
    """
    data = event.data
    with transaction() as connection:
        is_new = first_time(connection, event.id, "notify.on_payment_captured")
        if not is_new or data["cause"] != CANCELLED_VISIT:
            return
        facts = visits.get(connection, data["booking_id"])
        if facts is None or facts["cancel_cause"] is None:
            raise UnknownVisitError(data["booking_id"])
        taken = Money.from_wire(data["captured_amount"])
        rest = Money.from_wire(data["amount"]) - taken
        released = str(rest) if rest.amount else ""
        add_entries(connection, News(data["payment_id"], Kind.TAKEN, visit_of(facts), str(taken), released))

"""Tells what was taken of a hold for a visit that was cancelled late or missed, and what is released."""

from typing import Any

from services.notify.domain.visit import Kind
from services.notify.store import visits
from services.notify.usecases.entries import News, UnknownVisitError, add_entries, visit_of
from shared.contracts.payment_forms import CANCELLED_VISIT, MISSED_VISIT
from shared.database.transaction import Transaction
from shared.messages.envelope import Event
from shared.messages.inbox import first_time
from shared.money import Money


def tell_capture(transaction: Transaction, event: Event) -> None:
    """One entry for each person and payment, after that of the cancellation, or of the missed visit.

    What is taken because the visit took place, or because the hold would have lapsed, was promised when it
    was paid: nothing is told. Raises UnknownVisitError until that itself was told.
    """
    data = event.data
    with transaction() as connection:
        is_new = first_time(connection, event.id, "notify.on_payment_captured")
        if not is_new or data["cause"] not in (CANCELLED_VISIT, MISSED_VISIT):
            return
        facts = visits.get(connection, data["booking_id"])
        missed = data["cause"] == MISSED_VISIT
        if facts is None or not (_is_missed(facts) if missed else facts["cancel_cause"]):
            raise UnknownVisitError(data["booking_id"])
        taken = Money.from_wire(data["captured_amount"])
        rest = Money.from_wire(data["amount"]) - taken
        released = str(rest) if rest.amount else ""
        told = News(data["payment_id"], Kind.TAKEN, visit_of(facts), str(taken), released, missed=missed)
        if taken.amount:
            add_entries(connection, told)


def _is_missed(facts: dict[str, Any]) -> bool:
    """Missed, or cancelled since, when that was overturned; a copy of an older release does not say it."""
    return facts.get("state", MISSED_VISIT) == MISSED_VISIT or bool(facts["cancel_cause"])

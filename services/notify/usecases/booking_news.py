"""Tells what happened to a booking to its customer and its provider's members."""

from services.notify.domain.visit import Kind
from services.notify.store import visits
from services.notify.usecases.entries import News, add_entries, facts_of, visit_of
from shared.database.transaction import Transaction
from shared.messages.envelope import Event
from shared.messages.inbox import first_time


def tell(transaction: Transaction, event: Event) -> None:
    """One entry for each person concerned; a second delivery changes nothing, and a reminder to pay that
    comes after newer news of its booking makes none.

    Members are those known now. Whose membership becomes known later gets the entries of later
    events; earlier bookings are not told afterwards, as to someone who joins a provider later.
    """
    kind = Kind(event.type.name)
    with transaction() as connection:
        if not first_time(connection, event.id, f"notify.on_{kind}"):
            return
        booking_id, version = event.data["booking_id"], event.aggregate_version
        visits.put(connection, booking_id, version, facts_of(event.data))
        # What is paid or over by now is not to be paid: a reminder that was overtaken would be untrue.
        if kind is Kind.PAYMENT_DUE and visits.version_of(connection, booking_id) > version:
            return
        add_entries(connection, News(event.id, kind, visit_of(event.data)))

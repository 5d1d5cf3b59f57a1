"""Tells that money goes back, once for each refund, and when that did not work."""

from services.notify.domain.visit import Kind
from services.notify.store import visits
from services.notify.usecases.entries import News, UnknownVisitError, add_entries, visit_of
from shared.contracts.payment_forms import RefundStatus
from shared.database.transaction import Transaction
from shared.messages.envelope import Event
from shared.messages.inbox import first_time
from shared.money import Money


def tell_refund(transaction: Transaction, event: Event) -> None:
    """One entry for each person and refund, however often its state changes; one more if it failed.

    Nothing is told of a refund of nothing. Raises UnknownVisitError.
    """
    data = event.data
    amount = Money.from_wire(data["service_refund"]) + Money.from_wire(data["tip_refund"])
    with transaction() as connection:
        if not first_time(connection, event.id, "notify.on_payment_refunded") or not amount.amount:
            return
        facts = visits.get(connection, data["booking_id"])
        if facts is None:
            raise UnknownVisitError(data["booking_id"])
        visit = visit_of(facts)
        if data["refund_status"] == RefundStatus.FAILED:
            add_entries(connection, News(event.id, Kind.REFUND_FAILED, visit, str(amount)))
        else:
            add_entries(connection, News(data["refund_id"], Kind.REFUNDED, visit, str(amount)))

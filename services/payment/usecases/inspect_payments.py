"""What administrators see of payments and refunds: all that is in the books."""

from typing import Any

from services.payment.domain.document_numbers import Series
from services.payment.domain.refunds import RefundStatus
from services.payment.store import documents, ledger, payments, refunds
from services.payment.store.ledger import LedgerLine
from services.payment.store.rows import Payment
from services.payment.usecases.administrator import administrator_of
from services.payment.usecases.desk import Desk
from services.payment.usecases.refund_views import refund_view
from services.payment.usecases.refunds_due import refunded_or_owed
from services.payment.usecases.views import amounts_view
from shared.contracts.declaration import Caller
from shared.cursors import read_cursor, write_cursor
from shared.money import Money


def inspect_payment(desk: Desk, payment_id: str, caller: Caller) -> dict[str, Any]:
    """One payment with its refunds and ledger (PaymentRecordSchema). Raises `not_found`."""
    administrator_of(caller)
    with desk.reading() as connection:
        payment = payments.by_id(connection, payment_id)
        others = payments.ids_of_booking(connection, payment.booking_id)
        owed = refunded_or_owed(connection, payment)
        numbers = documents.of_payment(connection, payment.id)
        invoice = numbers.get(payment.id)
        return _payment_view(payment) | {
            "invoice_number": str(invoice) if invoice else None,
            "left": (Money(payment.captured_amount, payment.currency) - owed.total).to_wire(),
            "refunds": [
                refund_view(payment, one, numbers.get(one.id))
                for one in refunds.of_payment(connection, payment.id)
            ],
            "other_payment_ids": [other for other in others if other != payment.id],
            "ledger": [_line_view(line) for line in ledger.lines_of_payment(connection, payment.id)],
        }


def list_refunds(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Refunds of everybody, newest first (RefundsSchema). Raises `not_found`, `cursor_invalid`."""
    administrator_of(caller)
    state = RefundStatus(request["state"]) if request["state"] else None
    query = ("list_refunds", request["payment_id"], state)
    cursor, limit = request["cursor"], request["limit"]
    before = None if cursor is None else read_cursor(cursor, query, (str,))[0]
    with desk.reading() as connection:
        found = refunds.page(connection, request["payment_id"], state, before, limit + 1)
        page = found[:limit]
        of = payments.by_ids(connection, {one.payment_id for one in page})
        numbers = documents.of_subjects(connection, Series.CREDIT_NOTE, [one.id for one in page])
    following = write_cursor(query, (page[-1].id,)) if len(found) > limit else None
    views = [refund_view(of[one.payment_id], one, numbers.get(one.id)) for one in page]
    return {"refunds": views, "next": following}


def _payment_view(payment: Payment) -> dict[str, Any]:
    return amounts_view(payment) | {
        "payment_id": payment.id,
        "booking_id": payment.booking_id,
        "customer_id": payment.customer_id,
        "provider_id": payment.provider_id,
        "payment_intent_id": payment.intent_id,
        "kind": payment.kind,
        "state": payment.state.value,
        "captured": Money(payment.captured_amount, payment.currency).to_wire(),
        "refunded": payment.refunded.total.to_wire(),
        "failure_code": payment.failure_code,
        "simulated": payment.simulated,
        "created_at": payment.created_at,
    }


def _line_view(line: LedgerLine) -> dict[str, Any]:
    return {
        "posted_at": line.posted_at,
        "kind": line.kind,
        "account": line.account,
        "amount": line.amount.to_wire(),
        "reference": line.reference,
    }

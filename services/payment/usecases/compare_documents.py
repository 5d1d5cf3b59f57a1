"""Holds what was taken and given back against the documents for it, and their numbers against a gap."""

from collections.abc import Iterator

from sqlalchemy import Connection

from services.payment.domain.document_numbers import Series
from services.payment.domain.refunds import ACCEPTED
from services.payment.domain.states import CAPTURED
from services.payment.store import documents
from services.payment.usecases.compare import Books, Difference


def documents_missing(books: Books) -> Iterator[Difference]:
    """Money that was taken without an invoice, or given back without a credit note."""
    payment = books.payment
    if payment.state in CAPTURED and payment.id not in books.documents:
        yield Difference(
            payment.id, "invoice_missing", f"captured {payment.captured_amount} {payment.currency}"
        )
    for refund in books.refunds:
        if refund.status in ACCEPTED and refund.id not in books.documents:
            yield Difference(payment.id, "credit_note_missing", f"refund {refund.id}")


def series_that_differ(connection: Connection) -> list[Difference]:
    """Series of numbers with a gap, or whose counter says another number than their last document; of no
    payment."""
    found = documents.series_that_differ(connection)
    return [
        Difference(
            "",
            "number_series_differs",
            f"{Series(series)} {year}: last {last}, {number} documents, highest {highest}",
        )
        for series, year, last, number, highest in found
    ]

"""Invoices, credit notes and statements as PDF, in the caller's language, for those whose they are."""

import base64
from datetime import datetime
from typing import Any

from services.payment.documents.invoice import CreditNote, Invoice, Parties, credit_note_pdf, invoice_pdf
from services.payment.documents.statement import Statement, statement_pdf
from services.payment.documents.words import words_of
from services.payment.domain.document_numbers import DocumentNumber
from services.payment.domain.refunds import ACCEPTED
from services.payment.domain.states import CAPTURED
from services.payment.settings import Mode
from services.payment.store import documents, payments, refunds, statements
from services.payment.store.books import forbid_writing
from services.payment.store.rows import Payment
from services.payment.usecases.desk import Desk
from services.payment.usecases.read_statements import SUMMED, all_lines, period_of
from shared.contracts.declaration import Caller
from shared.contracts.payment import statement_too_long
from shared.database.transaction import read_app_now
from shared.errors import not_found
from shared.money import Money

MOST_LINES = 300
"""Of a statement as PDF; what is longer is for a program to read, as CSV."""


def get_invoice(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The invoice of a payment whose money was taken. `lines` are what the quote said; where they are not
    what was taken, the service is one line. Raises `not_found`."""
    with desk.transaction() as connection:
        payment = _own(payments.by_id(connection, request["payment_id"]), caller)
        numbers = documents.of_payment(connection, payment.id)
    number = numbers.get(payment.id)
    invoice = Invoice(
        number=_written(number),
        issued_at=_issued_at(desk, number, payment.created_at),
        parties=_parties(payment, request),
        lines=_lines(payment, request, caller.locale),
        total=Money(payment.captured_amount, payment.currency),
        simulated=payment.simulated,
    )
    return _answer(desk.aside(lambda: invoice_pdf(invoice, caller.locale)), invoice.number)


def get_credit_note(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The credit note of a refund that was accepted (rule M23). Raises `not_found`."""
    with desk.transaction() as connection:
        refund = refunds.by_id(connection, request["refund_id"])
        payment = _own(payments.by_id(connection, refund.payment_id), caller)
        numbers = documents.of_payment(connection, payment.id)
    if refund.status not in ACCEPTED or payment.id != request["payment_id"]:
        raise not_found()
    parts, number = refund.parts(payment.currency), numbers.get(refund.id)
    note = CreditNote(
        number=_written(number),
        invoice_number=_written(numbers.get(payment.id)),
        issued_at=_issued_at(desk, number, refund.created_at),
        parties=_parties(payment, request),
        service=parts.service,
        tip=parts.tip,
        simulated=payment.simulated,
    )
    return _answer(desk.aside(lambda: credit_note_pdf(note, caller.locale)), note.number)


def get_statement_pdf(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """A provider's statement of some days. Raises `statement_too_long`, and like `get_statement`."""
    with desk.transaction() as connection:
        forbid_writing(connection)
        now = read_app_now(connection)
        period = period_of(connection, request, caller)
        lines = all_lines(connection, period, MOST_LINES + 1)
        if len(lines) > MOST_LINES:
            raise statement_too_long(lines=MOST_LINES)
        of = (connection, period.provider_id, period.currency)
        sums = statements.sums(*of, period.instants)
        opening = statements.balance_before(*of, period.instants[0])
    statement = Statement(
        provider=request["provider_name"] or period.provider_id,
        currency=period.currency,
        first=period.first,
        last=period.last,
        zone=period.zone,
        opening=opening,
        closing=opening + sum(line.amount for line in lines),
        sums={kind: sums[kind] for kind in SUMMED if sums.get(kind)},
        lines=lines,
        simulated=desk.mode is Mode.STAND_IN,
    )
    return _answer(desk.aside(lambda: statement_pdf(statement, caller.locale, now)), None)


def _written(number: DocumentNumber | None) -> str | None:
    return None if number is None else str(number)


def _issued_at(desk: Desk, number: DocumentNumber | None, otherwise: datetime) -> datetime:
    """In the operator's zone, so that the date lies in the number's year."""
    return (otherwise if number is None else number.issued_at).astimezone(desk.operator_zone)


def _own(payment: Payment, caller: Caller) -> Payment:
    is_own = payment.customer_id == caller.user_id or caller.is_admin
    if not is_own or payment.state not in CAPTURED:
        raise not_found()
    return payment


def _parties(payment: Payment, request: dict[str, Any]) -> Parties:
    return Parties(
        customer=request["customer_name"],
        provider=request["provider_name"],
        visit=request["visit"],
        booking_id=payment.booking_id,
        payment_id=payment.id,
    )


def _lines(payment: Payment, request: dict[str, Any], locale: str) -> list[tuple[str, Money]]:
    """What was taken, as the quote named it if it is still that: of a hold less may have been taken."""
    words = words_of(locale)
    tip = payment.split.tip if payment.captured_amount == payment.split.total.amount else None
    service = Money(payment.captured_amount, payment.currency) - (tip or Money(0, payment.currency))
    named = [(line["name"], Money.from_wire(line["amount"])) for line in request["lines"]]
    is_same = {money.currency for _, money in named} == {payment.currency}
    if not is_same or sum(money.amount for _, money in named) != service.amount:
        named = [(words["service"], service)]
    return [*named, (words["tip"], tip)] if tip and tip.amount else named


def _answer(pdf: bytes, number: str | None) -> dict[str, Any]:
    return {"pdf_base64": base64.b64encode(pdf).decode(), "number": number}

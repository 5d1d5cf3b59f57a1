"""An invoice of a payment, and a credit note of a refund, as their customer keeps them (promise D5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.payment.documents.page import Page, amount
from services.payment.documents.words import words_of
from shared.money import Money


@dataclass(frozen=True)
class Parties:
    """Who paid whom for what, as the customer reads it. Names that are not known are left out."""

    customer: str | None
    provider: str | None
    visit: str | None
    booking_id: str
    payment_id: str


@dataclass(frozen=True)
class Invoice:
    """`lines` add up to `total`. `number` is null for what is only a receipt so far."""

    number: str | None
    issued_at: datetime
    parties: Parties
    lines: Sequence[tuple[str, Money]]
    total: Money
    simulated: bool


@dataclass(frozen=True)
class CreditNote:
    """What went back of an invoice: its service part and its tip part."""

    number: str | None
    invoice_number: str | None
    issued_at: datetime
    parties: Parties
    service: Money
    tip: Money
    simulated: bool


def invoice_pdf(invoice: Invoice, locale: str) -> bytes:
    """The invoice as PDF, with its fonts inside."""
    words = words_of(locale)
    page = Page(locale, words["invoice"], invoice.issued_at)
    page.facts(_facts(words["number"], invoice.number, invoice.issued_at, invoice.parties, locale))
    rows = [(name, amount(money)) for name, money in invoice.lines]
    page.table((words["item"], words["amount"]), (0.7, 0.3), rows, amounts=1)
    page.sums([(words["total"], amount(invoice.total))])
    if invoice.simulated:
        page.note(words["simulated"])
    return page.bytes()


def credit_note_pdf(note: CreditNote, locale: str) -> bytes:
    """The credit note as PDF, with its fonts inside."""
    words = words_of(locale)
    page = Page(locale, words["credit_note"], note.issued_at)
    facts = _facts(words["number"], note.number, note.issued_at, note.parties, locale)
    if note.invoice_number:
        facts.insert(1, (words["of_invoice"], note.invoice_number))
    page.facts(facts)
    parts = [(words["service"], note.service), (words["tip"], note.tip)]
    rows = [(name, amount(money)) for name, money in parts if money.amount]
    page.table((words["item"], words["amount"]), (0.7, 0.3), rows, amounts=1)
    page.sums([(words["given_back"], amount(note.service + note.tip))])
    if note.simulated:
        page.note(words["simulated"])
    return page.bytes()


def _facts(
    number_word: str, number: str | None, issued_at: datetime, parties: Parties, locale: str
) -> list[tuple[str, str]]:
    words = words_of(locale)
    facts = [
        (number_word if number else words["reference"], number or parties.payment_id),
        (words["issued"], f"{issued_at:%Y-%m-%d}"),
        (words["customer"], parties.customer),
        (words["provider"], parties.provider),
        (words["visit"], parties.visit),
        (words["booking"], parties.booking_id),
        (words["payment"], parties.payment_id),
    ]
    return [(name, value) for name, value in facts if value]

"""Documents as PDF: what they say can be read, their fonts are inside, and Arabic letters are joined."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pypdf
import pytest
from pypdf.generic import ContentStream

from services.payment.documents.invoice import CreditNote, Invoice, Parties, credit_note_pdf, invoice_pdf
from services.payment.documents.page import Page
from services.payment.documents.statement import Statement, statement_pdf
from services.payment.documents.words import WORDS
from services.payment.domain.statements import LineKind, StatementLine
from shared.money import Money

SPACE = b"\0 "
NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
BOOKING, PAYMENT = "01890000-0000-7000-8000-000000000040", "01890000-0000-7000-8000-000000000050"
NAMES = {"en": ("Maryam Al-Said", "Calm Hands"), "ar": ("مريم السعيد", "أيدٍ هادئة")}
MASSAGE = {"en": "Swedish massage 60 minutes", "ar": "تدليك سويدي 60 دقيقة"}


def parties(locale: str) -> Parties:
    customer, provider = NAMES[locale]
    return Parties(customer, provider, "2027-01-15 10:00 (America/New_York)", BOOKING, PAYMENT)


def invoice(locale: str, number: str | None = "INV-2026-000123") -> bytes:
    words = WORDS.get(locale, WORDS["en"])
    named = locale if locale in NAMES else "en"
    lines = [(MASSAGE[named], Money(10000, "USD")), (words["tip"], Money(500, "USD"))]
    of = Invoice(number, NOW, parties(named), lines, Money(10500, "USD"), simulated=True)
    return invoice_pdf(of, locale)


def credit_note(locale: str) -> bytes:
    service, tip = Money(7500, "KWD"), Money(0, "KWD")
    note = CreditNote(
        "CN-2026-000007", "INV-2026-000123", NOW, parties(locale), service, tip, simulated=False
    )
    return credit_note_pdf(note, locale)


def statement(locale: str, lines: int = 3) -> bytes:
    line = StatementLine(NOW, PAYMENT, LineKind.EARNED, BOOKING, PAYMENT, 10000, 500, -1000, 9500, None)
    of = Statement(
        provider="Calm Hands",
        currency="USD",
        first=date(2026, 11, 1),
        last=date(2026, 11, 30),
        zone="America/New_York",
        opening=0,
        closing=9500 * lines,
        sums={LineKind.EARNED: 9500 * lines},
        lines=[line] * lines,
        simulated=False,
    )
    return statement_pdf(of, locale, NOW)


def read(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def words_in(pdf: bytes) -> set[str]:
    """The words of all pages, whatever their order: Arabic lines are stored as they are seen."""
    return {word for page in read(pdf).pages for word in page.extract_text().split()}


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_an_invoice_can_be_read(locale: str) -> None:
    """promise D5: number, names, lines, what was paid, and that no money moved."""
    found = words_in(invoice(locale))
    expected = {"INV-2026-000123", BOOKING, PAYMENT, "100.00", "5.00", "105.00", "USD", "2026-11-26"}
    assert expected <= found
    for text in (*NAMES[locale], MASSAGE[locale], WORDS[locale]["total"]):
        assert set(text.split()) <= found, text
    assert len(set(WORDS[locale]["simulated"].split()) & found) > 3


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_a_credit_note_names_its_invoice(locale: str) -> None:
    """rule M23: with a number of its own; three decimals stay three."""
    found = words_in(credit_note(locale))
    assert {"CN-2026-000007", "INV-2026-000123", "7.500", "KWD"} <= found
    assert WORDS[locale]["tip"] not in found


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_a_statement_has_its_heads_on_every_page(locale: str) -> None:
    """promise F2: each line with its visit, and what they add up to."""
    pdf = statement(locale, lines=60)
    pages = read(pdf).pages
    assert len(pages) > 1
    for page in pages:
        found = page.extract_text().split()
        assert WORDS[locale]["balance"] in found
        assert BOOKING[:13] in found
    assert "5700.00" in words_in(pdf)


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_fonts_are_inside(locale: str) -> None:
    """promise D5: it looks the same wherever it is opened, and its text can be searched."""
    for pdf in (invoice(locale), credit_note(locale), statement(locale)):
        for page in read(pdf).pages:
            resources: Any = page["/Resources"]
            fonts = [font.get_object() for font in resources["/Font"].values()]
            assert fonts
            for font in fonts:
                descendant = font["/DescendantFonts"][0].get_object()
                assert "/FontFile2" in descendant["/FontDescriptor"]
                assert "/ToUnicode" in font


def glyphs(text: str) -> list[bytes]:
    """What a page draws for a text: the number of each glyph within its font, as the file has it."""
    reader = read(Page("ar", text, NOW).bytes())
    content = ContentStream(reader.pages[0].get_contents(), reader)
    shown = [operands[0].original_bytes for operands, operator in content.operations if operator == b"Tj"]
    drawn = b"".join(shown)
    return [drawn[at : at + 2] for at in range(0, len(drawn), 2)]


def test_arabic_letters_are_joined() -> None:
    """promise D5: one letter has four forms: alone, and at the beginning, within and at the end of a word."""
    alone, *word = (glyph for glyph in reversed(glyphs("ع ععع")) if glyph != SPACE)
    assert len(word) == 3
    assert len({alone, *word}) == 4


def test_what_has_no_number_is_named_by_its_payment() -> None:
    """promise D5: and a language that we don't write is English."""
    found = words_in(invoice("fr", number=None))
    assert {"Invoice", "Reference"} <= found
    assert "Number" not in found


def test_every_language_has_every_word() -> None:
    assert WORDS["en"].keys() == WORDS["ar"].keys()

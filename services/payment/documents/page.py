"""A page of a document in English or Arabic: fonts inside, Arabic shaped and mirrored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.money import Money

FONTS = Path(__file__).parent / "fonts"
LATIN, ARABIC = "noto", "noto-arabic"
MARGIN = 18.0
WIDTH = 210.0 - 2 * MARGIN
SMALL, NORMAL, LARGE = 8.0, 10.0, 18.0
ROW = 6.5
GREY = (110, 110, 110)
RIGHT_TO_LEFT = frozenset({"ar"})


@dataclass(frozen=True)
class Look:
    """How a cell looks: its size in points, its height in millimetres, bold, with a line under it."""

    size: float = NORMAL
    height: float = ROW
    bold: bool = False
    under: bool = False


TITLE, PLAIN, SUM = Look(LARGE, 12, bold=True), Look(), Look(bold=True)
HEAD, CELL = Look(SMALL, bold=True, under=True), Look(SMALL)


class Page:
    """An A4 document that is written from its top to its bottom.

    What stands in one cell is of one script or a sentence: a number between Arabic words would be turned
    around by the rules of mixed writing, in a cell of its own it is not.
    """

    def __init__(self, locale: str, title: str, written_at: datetime) -> None:
        # Loaded by the first document: with what it brings it is a fourth of a process that draws none.
        from fpdf import FPDF

        self._mirrored = locale in RIGHT_TO_LEFT
        self._pdf = FPDF(format="A4")
        self._pdf.set_margins(MARGIN, MARGIN)
        self._pdf.set_auto_page_break(True, MARGIN)
        for family, name in ((LATIN, "NotoSans"), (ARABIC, "NotoSansArabic")):
            self._pdf.add_font(family, "", FONTS / f"{name}-Regular.ttf")
            self._pdf.add_font(family, "B", FONTS / f"{name}-Bold.ttf")
        self._pdf.set_fallback_fonts([ARABIC], exact_match=False)
        self._pdf.set_title(title)
        self._pdf.set_lang(locale)
        self._pdf.set_creation_date(written_at)
        self._pdf.add_page()
        self._write(title, WIDTH, TITLE, self._start, ends_line=True)

    def note(self, text: str) -> None:
        """A sentence in grey; as many lines as it needs."""
        self._pdf.set_text_color(*GREY)
        self._font(SMALL, bold=False)
        self._pdf.set_text_shaping(True)
        self._pdf.multi_cell(WIDTH, 4.5, text, align=self._start, new_x="LMARGIN", new_y="NEXT")
        self._pdf.set_text_color(0)

    def facts(self, pairs: Sequence[tuple[str, str]]) -> None:
        """A name and its value on each line."""
        for name, value in pairs:
            self._row(((name, WIDTH * 0.3, False), (value, WIDTH * 0.7, False)), PLAIN)
        self.gap()

    def table(
        self, heads: Sequence[str], shares: Sequence[float], rows: Sequence[Sequence[str]], amounts: int
    ) -> None:
        """Rows under their heads, which come again on each page. `shares` of the width add up to 1; the last
        `amounts` columns are amounts."""
        widths = [WIDTH * share for share in shares]
        is_amount = [position >= len(heads) - amounts for position in range(len(heads))]
        cells = list(zip(heads, widths, is_amount, strict=True))
        self._row(cells, HEAD)
        for row in rows:
            if self._pdf.will_page_break(ROW):
                self._pdf.add_page()
                self._row(cells, HEAD)
            self._row(list(zip(row, widths, is_amount, strict=True)), CELL)
        self.gap()

    def sums(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Amounts with their names; the last is what it comes to."""
        for position, (name, amount) in enumerate(pairs):
            look = SUM if position == len(pairs) - 1 else PLAIN
            self._row(((name, WIDTH * 0.7, False), (amount, WIDTH * 0.3, True)), look)
        self.gap()

    def gap(self) -> None:
        self._pdf.ln(ROW / 2)

    def bytes(self) -> bytes:
        return bytes(self._pdf.output())

    @property
    def _start(self) -> str:
        return "R" if self._mirrored else "L"

    def _row(self, cells: Sequence[tuple[str, float, bool]], look: Look) -> None:
        ordered = list(reversed(cells)) if self._mirrored else list(cells)
        end = "L" if self._mirrored else "R"
        for position, (text, width, is_amount) in enumerate(ordered):
            align = end if is_amount else self._start
            self._write(text, width, look, align, ends_line=position == len(ordered) - 1)

    def _write(self, text: str, width: float, look: Look, align: str, *, ends_line: bool) -> None:
        self._font(look.size, bold=look.bold)
        # Shaping what is plain costs ten times what writing it costs, and changes nothing.
        self._pdf.set_text_shaping(not text.isascii())
        self._pdf.cell(
            width,
            look.height,
            text,
            border="B" if look.under else 0,
            align=align,
            new_x="LMARGIN" if ends_line else "RIGHT",
            new_y="NEXT" if ends_line else "TOP",
        )

    def _font(self, size: float, *, bold: bool) -> None:
        self._pdf.set_font(LATIN, "B" if bold else "", size)


def amount(money: Money) -> str:
    """`1234.50 USD`: digits and code are the same in every language of ours."""
    return f"{money.decimal()} {money.currency}"

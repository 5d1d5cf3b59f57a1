"""Numbers of invoices and credit notes: a series for each kind and year, without gaps (rule M23)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Series(StrEnum):
    """What is numbered: an invoice for money that was taken, a credit note for a refund of it."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


_PREFIX = {Series.INVOICE: "INV", Series.CREDIT_NOTE: "CN"}
DIGITS = 6


@dataclass(frozen=True)
class DocumentNumber:
    """The `number`-th document of a series and year of the operator, from 1 on."""

    series: Series
    year: int
    number: int
    issued_at: datetime

    def __str__(self) -> str:
        return f"{_PREFIX[self.series]}-{self.year}-{self.number:0{DIGITS}}"

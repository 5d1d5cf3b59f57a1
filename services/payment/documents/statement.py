"""A provider's statement over some days, as it goes to whoever keeps the provider's books (promise F2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.payment.documents.page import Page, amount
from services.payment.documents.words import words_of
from services.payment.domain.statements import LineKind, StatementLine
from shared.money import Money

COLUMNS = ("day", "kind", "booking", "service", "tip", "commission", "amount", "balance")
SHARES = (0.1, 0.17, 0.13, 0.12, 0.1, 0.12, 0.13, 0.13)
AMOUNTS = 5
SHORT_ID = 13
"""Of an id that long parts begin alike: enough to find the visit in the file, which has it whole."""


@dataclass(frozen=True)
class Statement:
    """`sums` by kind add up from the balance before to the balance after."""

    provider: str
    currency: str
    first: date
    last: date
    zone: str
    opening: int
    closing: int
    sums: Mapping[LineKind, int]
    lines: Sequence[StatementLine]
    simulated: bool


def statement_pdf(statement: Statement, locale: str, written_at: datetime) -> bytes:
    """The statement as PDF, with its fonts inside."""
    words, zone = words_of(locale), ZoneInfo(statement.zone)
    page = Page(locale, words["statement"], written_at)
    page.facts(
        [
            (words["provider"], statement.provider),
            (words["period"], f"{statement.first} / {statement.last}"),
            (words["zone"], statement.zone),
        ]
    )

    page.sums(_sums(statement, words))
    page.table([words[name] for name in COLUMNS], SHARES, _rows(statement, words, zone), amounts=AMOUNTS)
    if statement.simulated:
        page.note(words["simulated"])
    return page.bytes()


def _sums(statement: Statement, words: Mapping[str, str]) -> list[tuple[str, str]]:
    named = [(words["opening"], statement.opening)]
    named += [(words[kind.value], minor) for kind, minor in statement.sums.items()]
    named.append((words["closing"], statement.closing))
    return [(name, amount(Money(minor, statement.currency))) for name, minor in named]


def _rows(statement: Statement, words: Mapping[str, str], zone: ZoneInfo) -> list[tuple[str, ...]]:
    rows, balance = [], statement.opening
    for line in statement.lines:
        balance += line.amount
        parts = [part or None for part in (line.service, line.tip, line.commission)]
        amounts = [*parts, line.amount, balance]
        rows.append(
            (
                f"{line.posted_at.astimezone(zone):%Y-%m-%d}",
                words[line.kind.value],
                line.booking_id[:SHORT_ID],
                *("" if one is None else str(Money(one, statement.currency).decimal()) for one in amounts),
            )
        )
    return rows

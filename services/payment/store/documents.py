"""Giving numbers to documents without gaps, and reading them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, select, text

from services.payment.domain.document_numbers import DocumentNumber, Series
from services.payment.domain.operator_days import day_of
from services.payment.store.document_tables import document, number_series
from shared.database.session import send_with_next, unread

# One statement: counting and writing are the same moment, and a subject that has its number counts nothing.
_ISSUE = unread(
    """
WITH counted AS (
    INSERT INTO number_series AS known (series, year, last)
    SELECT %(series)s, %(year)s, 1
    WHERE NOT EXISTS (SELECT FROM document WHERE series = %(series)s AND subject_id = %(subject)s)
    ON CONFLICT (series, year) DO UPDATE SET last = known.last + 1
    RETURNING last
)
INSERT INTO document (series, year, number, subject_id, payment_id, issued_at)
SELECT %(series)s, %(year)s, last, %(subject)s, %(payment)s, %(issued_at)s FROM counted
""",
    series="varchar",
    year="integer",
    **dict.fromkeys(("subject", "payment"), "uuid"),
    issued_at="timestamptz",
)

_COLUMNS: tuple[Any, ...] = (
    document.c.series,
    document.c.year,
    document.c.number,
    document.c.issued_at,
    document.c.subject_id,
)


def issue(
    connection: Connection,
    series: Series,
    subject_id: str,
    payment_id: str,
    issued_at: datetime,
    zone: ZoneInfo,
) -> None:
    """Give a subject its number in the operator's year, once; its payment is locked.

    Everybody who wants the next number of this series and year waits for this transaction to end. It goes
    with the next statement: do it last, so that this is the commit. A transaction takes invoices before
    credit notes.
    """
    values = {
        "series": series.value,
        "year": day_of(issued_at, zone).year,
        "subject": subject_id,
        "payment": payment_id,
        "issued_at": issued_at,
    }
    send_with_next(connection, _ISSUE, values)


def of_payment(connection: Connection, payment_id: str) -> Mapping[str, DocumentNumber]:
    """The numbers of a payment and of its refunds, by the id of what they belong to."""
    query = select(*_COLUMNS).where(document.c.payment_id == payment_id)
    return {row.subject_id: _read(row) for row in connection.execute(query)}


def of_subjects(connection: Connection, series: Series, ids: list[str]) -> Mapping[str, DocumentNumber]:
    """The numbers of these payments or refunds, by their ids; those without one are left out."""
    query = select(*_COLUMNS).where(document.c.series == series, document.c.subject_id.in_(ids))
    return {row.subject_id: _read(row) for row in connection.execute(query)}


def series_that_differ(connection: Connection) -> list[tuple[str, int, int, int, int]]:
    """Series and years whose documents are not exactly 1 to the last number that was given: with that
    number, how many documents there are, and their highest number."""
    found = (
        select(
            document.c.series,
            document.c.year,
            func.count().label("documents"),
            func.max(document.c.number).label("highest"),
        )
        .group_by(document.c.series, document.c.year)
        .subquery()
    )
    documents, highest = func.coalesce(found.c.documents, 0), func.coalesce(found.c.highest, 0)
    known = number_series.c
    query = (
        select(
            func.coalesce(known.series, found.c.series),
            func.coalesce(known.year, found.c.year),
            func.coalesce(known.last, 0),
            documents,
            highest,
        )
        .select_from(
            number_series.join(
                found, (known.series == found.c.series) & (known.year == found.c.year), full=True
            )
        )
        .where((func.coalesce(known.last, 0) != documents) | (documents != highest))
        .order_by(text("1, 2"))
    )
    return [tuple(row) for row in connection.execute(query)]


def _read(row: Row[Any]) -> DocumentNumber:
    return DocumentNumber(Series(row.series), row.year, row.number, row.issued_at)

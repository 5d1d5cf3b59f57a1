"""Reading and writing the versions of the commission. Nothing here changes one."""

import functools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, or_, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from services.payment.domain.commission import CommissionLine, CommissionRules, PaymentFacts
from services.payment.store.tables import commission_line, commission_rule
from shared.ids import new_id

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""From when on the first rules are valid: before any quote."""
ADMINISTRATOR = "administrator"

_LINES = commission_line.c


@dataclass(frozen=True)
class Proposal:
    """Who wanted a version of the rules, and why; the first one has neither."""

    rules: CommissionRules
    source: str
    reason: str | None
    proposed_by: str | None
    created_at: datetime
    fingerprint: str | None = None


def seed(connection: Connection, rate: Decimal) -> CommissionRules:
    """The first rules; written with this rate when there are none yet."""
    connection.execute(
        insert(commission_rule)
        .values(id=new_id(), rate=rate, valid_from=BEGINNING, source="PLATFORM_COMMISSION_RATE")
        .on_conflict_do_nothing(index_elements=["valid_from"])
    )
    return valid_at(connection, BEGINNING)


def valid_at(connection: Connection, instant: datetime, facts: PaymentFacts | None = None) -> CommissionRules:
    """The rules that are valid at an instant (rule M20), with all lines or those that may concern a payment.

    There are always some, since the first are seeded.
    """
    values: dict[str, Any] = {"instant": instant}
    if facts is not None:
        values |= {"provider": facts.provider_id, "of_category": facts.category}
    found = connection.execute(_valid_at(of_one=facts is not None), values).all()
    lines = tuple(_line(row) for row in found if row.line_id is not None)
    return CommissionRules(found[0].id, found[0].rate, found[0].valid_from, lines)


@functools.cache
def _valid_at(*, of_one: bool) -> Select[Any]:
    """The newest rules at an instant, with all of their lines, or with those that may concern one payment."""
    newest = (
        select(commission_rule.c.id, commission_rule.c.rate, commission_rule.c.valid_from)
        .where(commission_rule.c.valid_from <= bindparam("instant"))
        .order_by(commission_rule.c.valid_from.desc())
        .limit(1)
        .subquery()
    )
    concerns = _LINES.rule_id == newest.c.id
    if of_one:
        concerns = and_(
            concerns,
            or_(_LINES.provider_id.is_(None), _LINES.provider_id == bindparam("provider")),
            or_(_LINES.category.is_(None), _LINES.category == bindparam("of_category")),
        )
    columns: list[Any] = [newest, *_line_columns()]
    return select(*columns).outerjoin(commission_line, concerns)


def add(connection: Connection, new: Proposal, request_key: str) -> bool:
    """Write a version; False when this administrator used the key, or another begins at that instant."""
    rules = new.rules
    statement = (
        insert(commission_rule)
        .values(
            id=rules.id,
            rate=rules.rate,
            valid_from=rules.valid_from,
            source=new.source,
            reason=new.reason,
            proposed_by=new.proposed_by,
            request_key=request_key,
            fingerprint=new.fingerprint,
            created_at=new.created_at,
        )
        .on_conflict_do_nothing()
        .returning(commission_rule.c.id)
    )
    if connection.execute(statement).one_or_none() is None:
        return False
    if rules.lines:
        lines = [
            {
                "id": line.id,
                "rule_id": rules.id,
                "provider_id": line.provider_id,
                "category": line.category,
                "from_bookings": line.from_bookings,
                "rate": line.rate,
            }
            for line in rules.lines
        ]
        connection.execute(plain_insert(commission_line), lines)
    return True


def by_request(connection: Connection, proposed_by: str, request_key: str) -> Proposal | None:
    """What this administrator proposed under this key."""
    query = select(commission_rule).where(
        commission_rule.c.proposed_by == proposed_by, commission_rule.c.request_key == request_key
    )
    return next(iter(_proposals(connection, connection.execute(query).all())), None)


def page(connection: Connection, before: datetime | None, limit: int) -> list[Proposal]:
    """Versions, the newest `valid_from` first, before that of the last page."""
    query = select(commission_rule).order_by(commission_rule.c.valid_from.desc()).limit(limit)
    if before is not None:
        query = query.where(commission_rule.c.valid_from < before)
    return _proposals(connection, connection.execute(query).all())


def _proposals(connection: Connection, found: Iterable[Row[Any]]) -> list[Proposal]:
    rows = list(found)
    lines = _lines_of(connection, [row.id for row in rows])
    return [
        Proposal(
            CommissionRules(row.id, row.rate, row.valid_from, tuple(lines[row.id])),
            row.source,
            row.reason,
            row.proposed_by,
            row.created_at,
            row.fingerprint,
        )
        for row in rows
    ]


def _lines_of(connection: Connection, rule_ids: list[str]) -> defaultdict[str, list[CommissionLine]]:
    lines: defaultdict[str, list[CommissionLine]] = defaultdict(list)
    query = select(*_line_columns(), _LINES.rule_id).where(_LINES.rule_id.in_(rule_ids)).order_by(_LINES.id)
    for row in connection.execute(query):
        lines[row.rule_id].append(_line(row))
    return lines


def _line_columns() -> list[Any]:
    return [
        _LINES.id.label("line_id"),
        _LINES.rate.label("line_rate"),
        _LINES.provider_id,
        _LINES.category,
        _LINES.from_bookings,
    ]


def _line(row: Any) -> CommissionLine:
    return CommissionLine(row.line_id, row.line_rate, row.provider_id, row.category, row.from_bookings)

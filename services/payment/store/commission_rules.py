"""Reading and writing the versions of the commission."""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from services.payment.store.rows import CommissionRule
from services.payment.store.tables import commission_rule
from shared.ids import new_id

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""From when on the first rule is valid: before any quote."""


def seed(connection: Connection, rate: Decimal) -> CommissionRule:
    """The first rule; written with this rate when there is none yet."""
    connection.execute(
        insert(commission_rule)
        .values(id=new_id(), rate=rate, valid_from=BEGINNING, source="PLATFORM_COMMISSION_RATE")
        .on_conflict_do_nothing(index_elements=["valid_from"])
    )
    return valid_at(connection, BEGINNING)


def valid_at(connection: Connection, instant: datetime) -> CommissionRule:
    """The rule that is valid at an instant (rule M20). There is always one, since the first is seeded."""
    query = (
        select(commission_rule.c.id, commission_rule.c.rate, commission_rule.c.valid_from)
        .where(commission_rule.c.valid_from <= instant)
        .order_by(commission_rule.c.valid_from.desc())
        .limit(1)
    )
    return CommissionRule(**connection.execute(query).one()._mapping)

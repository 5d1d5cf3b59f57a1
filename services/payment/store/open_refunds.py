"""What still has to go back to customers, read from the partial index of the refunds that are not done."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from services.payment.domain.refunds import RefundStatus

_OPEN = text("""
SELECT status, count(*) AS refunds, extract(epoch FROM app_now() - min(created_at)
    FILTER (WHERE NOT EXISTS (SELECT FROM dispute
        WHERE dispute.payment_id = refund.payment_id AND closed_at IS NULL))) AS age
FROM refund WHERE status <> 'succeeded' AND status <> 'covered' GROUP BY status
""")


@dataclass(frozen=True)
class OpenRefunds:
    """How many there are in a state, and how long ago the oldest of them was owed that no dispute stops."""

    count: int
    oldest_seconds: float


def open_refunds(connection: Connection) -> Mapping[RefundStatus, OpenRefunds]:
    """By state; a state without refunds is left out."""
    return {
        RefundStatus(row.status): OpenRefunds(row.refunds, max(0.0, float(row.age or 0)))
        for row in connection.execute(_OPEN)
    }

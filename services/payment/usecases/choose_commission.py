"""Chooses the commission of a payment, once, by what was true when its price was quoted (rule M20)."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from services.payment.domain.commission import Commission, PaymentFacts, choose, needs_volume
from services.payment.domain.operator_days import month_before
from services.payment.store import commission_rules, payments
from services.payment.store.catalogue import Known
from services.payment.usecases.ordering import quoted_at
from shared import logs

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chosen:
    """The commission, and what it was chosen by. `city` decides nothing; figures are asked by it."""

    commission: Commission
    quoted_at: datetime
    service_id: str
    category: str | None
    city: str | None

    def columns(self) -> dict[str, Any]:
        """As the payment keeps it."""
        return {
            "commission_rule_id": self.commission.rules_id,
            "commission_line_id": self.commission.line_id,
            "commission_rate": self.commission.rate,
            "quoted_at": self.quoted_at,
            "service_id": self.service_id,
            "category": self.category,
            "city": self.city,
        }


def choose_commission(
    connection: Connection, prepared: dict[str, Any], known: Known, zone: ZoneInfo
) -> Chosen:
    """By booking's answer to `prepare_payment` and the catalogue. A service that search never told of has no
    category: it is charged by the lines that name none."""
    service_id, provider_id = prepared["service_id"], prepared["provider_id"]
    instant = quoted_at(prepared["quote"])
    if known.category is None:
        logs.event(log, logging.WARNING, "service_not_known", service_id=service_id)
    facts = PaymentFacts(provider_id, known.category)
    rules = commission_rules.valid_at(connection, instant, facts)
    bookings = 0
    if needs_volume(rules, facts):
        month = month_before(instant, zone)
        bookings = payments.captured_between(connection, provider_id, month.begins, month.ends)
    commission = choose(rules, facts, bookings)
    return Chosen(commission, instant, service_id, known.category, known.city)

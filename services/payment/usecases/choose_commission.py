"""Chooses the commission of a payment, once, by what was true when its price was quoted (rule M20)."""

import logging
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from services.payment.domain.commission import Commission, PaymentFacts, choose, needs_volume
from services.payment.domain.operator_days import month_before
from services.payment.store import catalogue, commission_rules, payments
from services.payment.usecases.ordering import quoted_at
from shared import logs

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chosen:
    """The commission, and the category by which it was chosen."""

    commission: Commission
    category: str | None


def choose_commission(connection: Connection, prepared: dict[str, Any], zone: ZoneInfo) -> Chosen:
    """By booking's answer to `prepare_payment`. A service that search never told of has no category: it is
    charged by the lines that name none."""
    category = catalogue.category_of(connection, prepared["service_id"])
    if category is None:
        logs.event(log, logging.WARNING, "service_not_known", service_id=prepared["service_id"])
    facts = PaymentFacts(prepared["provider_id"], category)
    instant = quoted_at(prepared["quote"])
    rules = commission_rules.valid_at(connection, instant, facts)
    bookings = 0
    if needs_volume(rules, facts):
        month = month_before(instant, zone)
        bookings = payments.captured_between(connection, facts.provider_id, month.begins, month.ends)
    return Chosen(choose(rules, facts, bookings), category)

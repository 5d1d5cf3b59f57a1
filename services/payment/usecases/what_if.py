"""What commission rules would have made of past payments: each is computed anew, refunds and all."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from services.payment.domain.commission import CommissionRules, PaymentFacts, choose, needs_volume
from services.payment.domain.operator_days import Period, month_before
from services.payment.domain.refunds import commission_back
from services.payment.store import captured, payments
from services.payment.store.books import forbid_writing
from services.payment.store.captured import CapturedPayment
from services.payment.usecases.commission_rules import refuse_others, rules_of
from services.payment.usecases.desk import Desk
from services.payment.usecases.periods import days_of
from shared.contracts.declaration import Caller
from shared.contracts.payment_books import period_too_long
from shared.database.transaction import Transaction
from shared.money import Money

MOST_PAYMENTS = 5000
"""Of one answer, which has three seconds; the command has no bound."""

Group = tuple[str, str | None, str]
"""Provider, category, currency."""


@dataclass(frozen=True)
class Kept:
    """How many payments, what the platform kept of them, and what it would have kept; minor units."""

    payments: int = 0
    commission: int = 0
    by_terms: int = 0

    def __add__(self, other: "Kept") -> "Kept":
        return Kept(
            self.payments + other.payments,
            self.commission + other.commission,
            self.by_terms + other.by_terms,
        )


@dataclass
class _Volumes:
    """How many bookings a provider had in a month, each counted once."""

    connection: Connection
    zone: ZoneInfo
    known: dict[tuple[str, datetime], int] = field(default_factory=dict)

    def of(self, provider_id: str, quoted_at: datetime) -> int:
        month = month_before(quoted_at, self.zone)
        key = (provider_id, month.begins)
        if key not in self.known:
            self.known[key] = payments.captured_between(
                self.connection, provider_id, month.begins, month.ends
            )
        return self.known[key]


def differences(
    transaction: Transaction, rules: CommissionRules, period: Period, zone: ZoneInfo
) -> dict[Group, Kept]:
    """By provider, category and currency: every booking that was captured in the period, from one moment's
    state. What is kept is the commission less what of it went back, or is owed back, with refunds."""
    found: defaultdict[Group, Kept] = defaultdict(Kept)
    with transaction() as connection:
        forbid_writing(connection)
        volumes = _Volumes(connection, zone)
        for one in captured.captured_in(connection, period):
            payment = one.payment
            key = (payment.provider_id, payment.category, payment.currency)
            found[key] += Kept(1, one.kept, _kept_by(rules, one, volumes))
    return dict(found)


def totals(found: dict[Group, Kept]) -> dict[str, Kept]:
    """By currency."""
    sums: defaultdict[str, Kept] = defaultdict(Kept)
    for (_, _, currency), kept in found.items():
        sums[currency] += kept
    return dict(sums)


def preview(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The differences as an administrator is shown them. Raises `not_found` for others, `period_too_long`."""
    refuse_others(caller)
    period = days_of(request, desk.operator_zone).period
    with desk.transaction() as connection:
        if captured.count(connection, period, MOST_PAYMENTS + 1) > MOST_PAYMENTS:
            raise period_too_long(most_payments=MOST_PAYMENTS)
    rules = rules_of(request, period.begins)
    found = differences(desk.transaction, rules, period, desk.operator_zone)
    return {
        "time_zone": desk.operator_zone.key,
        "differences": list(_views(found)),
        "totals": [_view(None, None, currency, kept) for currency, kept in sorted(totals(found).items())],
    }


def _kept_by(rules: CommissionRules, one: CapturedPayment, volumes: _Volumes) -> int:
    payment = one.payment
    facts = PaymentFacts(payment.provider_id, payment.category)
    quoted_at = payment.quoted_at or payment.created_at
    bookings = volumes.of(payment.provider_id, quoted_at) if needs_volume(rules, facts) else 0
    service = payment.split.service
    split = replace(payment.split, commission=service.share(choose(rules, facts, bookings).rate))
    taken = payment.taken
    never = commission_back(split, split.service - taken.service)
    kept = replace(taken, commission=split.commission - never)
    gone = Money(one.service_back, payment.currency)
    return kept.commission.amount - commission_back(kept, gone).amount


def _views(found: dict[Group, Kept]) -> Iterator[dict[str, Any]]:
    for provider_id, category, currency in sorted(found, key=lambda one: (one[2], one[0], one[1] or "")):
        yield _view(provider_id, category, currency, found[provider_id, category, currency])


def _view(provider_id: str | None, category: str | None, currency: str, kept: Kept) -> dict[str, Any]:
    return {
        "provider_id": provider_id,
        "category": category,
        "payments": kept.payments,
        "commission": Money(kept.commission, currency).to_wire(),
        "commission_by_terms": Money(kept.by_terms, currency).to_wire(),
        "difference": Money(kept.by_terms - kept.commission, currency).to_wire(),
    }

"""Commission rules as tests propose them, and payments that are captured without a stand-in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.usecases import commission_rules
from services.payment.usecases.desk import Desk
from services.payment.usecases.process_payment import process_payment
from shared.contracts.declaration import Caller, read
from shared.contracts.payment_books import PROPOSE_COMMISSION_RULES
from shared.ids import new_id
from tests.integration.payment.bookings import Booked, Bookings
from tests.integration.payment.records import rows
from tests.integration.payment.scripted_provider import ScriptedProvider

ADMIN = Caller(user_id=new_id(), roles=("admin",))
SOON = timedelta(hours=1)

Line = dict[str, Any]


def line(rate: str, provider_id: str | None = None, category: str | None = None, bookings: int = 0) -> Line:
    return {"rate": rate, "provider_id": provider_id, "category": category, "from_bookings": bookings}


def proposal(*lines: Line, default: str = "0.10", **more: Any) -> dict[str, Any]:
    """A request as the contract reads it."""
    request = {
        "valid_from": (datetime.now(UTC) + SOON).isoformat(),
        "reason": "because",
        "idempotency_key": new_id(),
        "default_rate": default,
        "lines": list(lines),
        **more,
    }
    return read(PROPOSE_COMMISSION_RULES.request, request)


def rule(desk: Desk, owner: Engine, *lines: Line, default: str = "0.10") -> dict[str, Any]:
    """Rules that are valid since yesterday: nobody can propose such, so their beginning is moved."""
    made = commission_rules.propose(desk, proposal(*lines, default=default), ADMIN)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    statement = "UPDATE commission_rule SET valid_from = :at WHERE id = :id RETURNING id"
    rows(owner, statement, at=yesterday, id=made["rules_id"])
    return made


class Market:
    """Bookings, and a payment provider that takes every card."""

    def __init__(self, desk: Desk, owner: Engine, gateway: StripeGateway) -> None:
        self.bookings = Bookings()
        self.owner = owner
        self.provider = ScriptedProvider(gateway)
        self.desk = replace(desk, provider=self.provider, ask_booking=self.bookings.prepare)
        self.bookings.publish_provider(self.desk)

    def paid(
        self,
        category: str | None = "massage",
        amount: int = 10000,
        currency: str = "USD",
        tip: str | None = None,
        prepare: Callable[[Booked], None] | None = None,
    ) -> dict[str, Any]:
        """The row of a captured payment of a new booking."""
        booked = self.bookings.hold(amount, currency)
        if category is not None:
            self.bookings.publish_service(self.desk, booked, category)
        if prepare is not None:
            prepare(booked)
        request = booked.request(tip=Decimal(tip) if tip else None)
        answer = process_payment(self.desk, request, booked.customer)
        [row] = rows(self.owner, "SELECT * FROM payment WHERE id = :id", id=answer["payment_id"])
        return row

    def move(self, payment: dict[str, Any], captured_at: datetime) -> None:
        """As if it had been captured then, in the payment and in the ledger."""
        for statement in (
            "UPDATE payment SET captured_at = :at, quoted_at = :at WHERE id = :id RETURNING id",
            "UPDATE ledger_transaction SET posted_at = :at WHERE payment_id = :id RETURNING id",
            "UPDATE ledger_entry SET posted_at = :at WHERE transaction_id IN "
            "(SELECT id FROM ledger_transaction WHERE payment_id = :id) RETURNING id",
        ):
            rows(self.owner, statement, at=captured_at, id=payment["id"])

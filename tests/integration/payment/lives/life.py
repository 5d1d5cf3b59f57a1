"""A life: one booking and others at the same provider, lived step by step from empty tables."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.provider_accounts import AccountObservation
from services.payment.domain.webhook import WebhookEvent
from services.payment.settings import Mode
from services.payment.usecases.desk import Desk
from services.payment.usecases.webhooks import store
from shared.clock import now
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.payment.bookings import TOO_FAR_TO_HOLD, Booked, Bookings
from tests.integration.payment.invariants import check_money
from tests.integration.payment.records import clear, payments_of, rows, run_jobs
from tests.integration.payment.scripted_provider import ScriptedProvider

PRICES = {"USD": 10001, "KWD": 12350, "JPY": 5000}
OPENED = "UPDATE provider_account SET account_id = :it, transfers_active = true, payouts_enabled = true "


@dataclass
class Life:
    """What the steps of a life work with; `count` of them were made."""

    desk: Desk
    owner: Engine
    provider: ScriptedProvider
    bookings: Bookings
    booked: Booked
    count: int = 0

    @property
    def account_id(self) -> str:
        return f"acct_{self.bookings.provider_id}"

    def payments(self) -> list[dict[str, Any]]:
        """The booking's, the oldest first."""
        return payments_of(self.owner, self.booked.id)

    def run_jobs(self) -> None:
        """All that is waiting, also what a process that died has left."""
        for table in ("payment_op", "provider_op"):
            rows(self.owner, f"UPDATE {table} SET claimed_until = NULL RETURNING id")
        run_jobs(self.desk, self.owner)

    def hear(
        self, kind: str, object_id: str, intent_id: str | None = None, account: str | None = None
    ) -> None:
        """A webhook has come and was worked."""
        event = WebhookEvent(f"evt_{new_id()}", kind, object_id, intent_id, account, False, None, now())
        with self.desk.transaction() as connection:
            store(connection, event)
        for _ in range(2):
            run_jobs(self.desk, self.owner)


StepFunction = Callable[[Life, Any, Any], None]
Step = tuple[StepFunction, Any, Any]


def begin(
    desk: Desk, owner: Engine, gateway: StripeGateway, currency: str, ahead: timedelta = TOO_FAR_TO_HOLD
) -> Life:
    """A booking that is held, at a provider whose account can do everything."""
    clear(owner)
    bookings = Bookings()
    provider = ScriptedProvider(gateway)
    desk = replace(desk, provider=provider, ask_booking=bookings.prepare, mode=Mode.SANDBOX)
    bookings.publish_provider(desk)
    life = Life(desk, owner, provider, bookings, bookings.hold(PRICES[currency], currency, ahead=ahead))
    rows(owner, f"{OPENED} RETURNING 1", it=life.account_id)
    opened = AccountObservation(
        account_id=life.account_id,
        provider_id=bookings.provider_id,
        country="US",
        transfers_active=True,
        payouts_enabled=True,
        details_submitted=True,
        currently_due=(),
        past_due=(),
        pending_verification=(),
        disabled_reason=None,
    )
    provider.connect.accounts[life.account_id] = opened
    return life


def go(life: Life, steps: Sequence[Step]) -> None:
    """Make these steps, each of which may be refused; after every one of them the money must add up."""
    for step, first, second in steps:
        life.count += 1
        with suppress(ServiceError):
            step(life, first, second)
        check_money(life.desk, life.provider)

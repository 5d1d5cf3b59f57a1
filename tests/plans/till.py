"""What the kept plans of payment are asked with: people, a bank and the clock at one desk."""

import base64
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Engine

from services.payment.domain.webhook import WebhookEvent
from services.payment.settings import Mode
from services.payment.store import commission_rules
from services.payment.usecases.desk import Desk
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.webhooks import receive_webhook, store
from services.payment.usecases.work_jobs import job_handlers
from shared.contracts.declaration import RpcMethod, read
from shared.database.transaction import Database, read_app_now
from shared.ids import new_id
from shared.messages import jobs
from shared.messages.jobs import Close, Job, JobRunner
from tests.integration.payment.bookings import Booked, Bookings, published
from tests.integration.payment.records import rows
from tests.integration.payment.scripted_desk import scripted_desk
from tests.integration.payment.scripted_provider import ScriptedProvider
from tests.integration.payment.test_webhooks import about, signed
from tests.integration.payment.visits import with_account

RATE = Decimal("0.1")
DAYS_CLOSED, DAYS_BACK = 3, 2
"""Until when the ledger is closed before the walk, and when something was posted after it."""
LATER = 100
"""Above the version of whatever is there."""


@dataclass(frozen=True)
class Till:
    """`owner` moves what only time could; nobody hears it."""

    desk: Desk
    owner: Engine
    bookings: Bookings
    provider: ScriptedProvider

    @property
    def provider_id(self) -> str:
        return self.bookings.provider_id

    def hold(self, customer_of: Booked | None = None, ahead: timedelta = timedelta(days=10)) -> Booked:
        booked = self.bookings.hold(ahead=ahead)
        if customer_of is not None:
            booked.customer = customer_of.customer
        return booked

    def pay(self, booked: Booked, key: str = "", tip: str | None = None) -> dict[str, Any]:
        request = booked.request(key=key, tip=Decimal(tip) if tip else None)
        return process_payment(self.desk, request, booked.customer)

    def receive(self, intent_id: str) -> None:
        body = about(intent_id)
        receive_webhook(self.desk, base64.b64encode(body).decode(), signed(body))

    def hear(self, kind: str, object_id: str, intent_id: str, account: str | None = None) -> str:
        """A webhook about another object was stored; its job is due."""
        event = WebhookEvent(
            f"evt_{new_id()}", kind, object_id, intent_id, account, False, None, datetime.now(UTC)
        )
        with self.desk.transaction() as connection:
            store(connection, event)
        return event.event_id

    def begin(self, kind: str, key: str, payload: dict[str, Any]) -> None:
        """A job that is due before all others of its kind."""
        with self.desk.transaction() as connection:
            run_at = read_app_now(connection) - timedelta(hours=1)
            jobs.enqueue(connection, kind, key, payload, run_at)

    def work(self, kind: str) -> None:
        """The job of this kind that is due first; what it raises is not tried later."""
        failed: list[Exception] = []

        def handle(job: Job) -> Close:
            try:
                return job_handlers(self.desk)[kind](job)
            except Exception as error:
                failed.append(error)
                raise

        assert JobRunner(self.desk.transaction, {kind: handle}).run_due(1) == 1, kind
        assert not failed, failed

    def without_stripe(self) -> "Till":
        """What stands in the books of others than the walk's own, no payment provider knows."""
        return replace(self, desk=replace(self.desk, provider=None))

    def do(self, kind: str, payload: dict[str, Any]) -> None:
        """Begin a job and work it."""
        self.begin(kind, new_id(), payload)
        self.work(kind)

    def days(self, back: int = 0) -> dict[str, str]:
        """The last days, by their number before today, as requests write them."""
        today = datetime.now(UTC).date()
        return {"from_date": (today - timedelta(days=back)).isoformat(), "to_date": today.isoformat()}


def open_till(database: Database, owner: Engine, provider_id: str) -> Till:
    """A provider that can be paid out, and a ledger that was closed until some days ago."""
    bookings = Bookings()
    bookings.provider_id = provider_id
    desk = replace(
        scripted_desk(database, bookings, Mode.SANDBOX),
        platform_country="US",
        onboarding_url="https://care.example/provider",
    )
    with database.transaction() as connection:
        commission_rules.seed(connection, RATE)
    till = Till(desk, owner, bookings, cast(ScriptedProvider, desk.provider))
    bookings.publish_provider(desk)
    with_account(owner, provider_id)
    rows(owner, _CLOSED)
    return till


def asked(of: RpcMethod, /, **request: Any) -> dict[str, Any]:
    """A request as the contract reads it."""
    return read(of.request, request)


def republished(till: Till) -> Any:
    return published(till.provider_id, payable=True, version=LATER)


# A ledger that was never closed begins with its first posting.
_CLOSED = """
WITH sealed AS (
    INSERT INTO ledger_day (day, begins_at, ends_at, zone)
    SELECT day::date, day, day + interval '1 day', 'UTC'
    FROM (
        SELECT date_trunc('day', app_now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '3 days' AS day
    ) AS one
    WHERE NOT EXISTS (SELECT FROM ledger_day) RETURNING day
)
INSERT INTO ledger_closing_day (day, transactions, entries, entries_digest, balances_digest, previous_digest,
    digest)
SELECT day, 1, 1, '', '', '', 'x' FROM sealed RETURNING day
"""

"""The door of the payment service: RPC methods, event handlers, timers."""

import logging
from typing import Any, ClassVar

from services.payment.clients.request_record import record_to
from services.payment.clients.stripe_gateway import StripeGateway, stripe_client
from services.payment.clients.stripe_webhooks import WebhookReader
from services.payment.settings import Mode, PaymentSettings, operator_zone, payment_mode
from services.payment.store import commission_rules
from services.payment.usecases import (
    commission_rules as rules,
)
from services.payment.usecases import (
    forget,
    hear_events,
    measure,
    money_figures,
    process_payment,
    read_payments,
    webhooks,
    what_if,
)
from services.payment.usecases.catch_up import Rounds
from services.payment.usecases.close_days import Closings
from services.payment.usecases.compare_daily import Comparisons
from services.payment.usecases.desk import Desk
from services.payment.usecases.work_jobs import job_handlers
from shared import clock, logs
from shared.contracts import booking as booking_contract
from shared.contracts import payment as contract
from shared.contracts import payment_books as books
from shared.contracts import search as search_contract
from shared.contracts.declaration import Caller
from shared.messages.envelope import Event
from shared.messages.jobs import JobRunner
from shared.worker import deadline
from shared.worker.entrypoints import every, on_event, rpc
from shared.worker.resources import Resources

log = logging.getLogger(__name__)

JOBS_IN_A_ROW = 100
"""Every payment leaves one that finds nothing to do; the queue must not grow by them."""
SECONDS_OF_JOBS = 3.0
"""With the calls of the last one this ends within STOP_SECONDS, also when Stripe is slow."""
FORGET_SECONDS = 3600
MEASURE_SECONDS = 5


class PaymentResources(Resources):
    """What this process opens once."""

    settings_type: ClassVar[type[PaymentSettings]] = PaymentSettings
    calls_peers: ClassVar[bool] = True
    settings: PaymentSettings
    desk: Desk
    jobs: JobRunner
    rounds: Rounds
    comparisons: Comparisons
    closings: Closings
    kinds_of_jobs: frozenset[str]

    def build(self) -> None:
        """Refuses to start when it is not clear where payments go."""
        mode = payment_mode(self.settings)
        self.desk = Desk(
            transaction=self.transaction,
            mode=mode,
            provider=self._provider(mode),
            ask_booking=self._ask_booking,
            read_webhook=WebhookReader(self.settings.stripe_webhook_secrets, mode),
            seconds_left=lambda: deadline.remaining_seconds(contract.PROCESS_PAYMENT.deadline_seconds),
            resume_seconds=self.settings.resume_seconds,
            unsettled_seconds=self.settings.unsettled_seconds,
            max_tip_percent=self.settings.max_tip_percent,
            operator_zone=operator_zone(self.settings),
        )
        handlers = job_handlers(self.desk)
        self.kinds_of_jobs = frozenset(handlers)
        self.jobs = JobRunner(self.transaction, handlers)
        self.rounds = Rounds(self.desk, self.settings.reconcile_seconds, clock.now)
        self.comparisons = Comparisons(self.desk, clock.now)
        self.closings = Closings(self.desk, clock.now)
        self._seed_commission()
        level = logging.WARNING if mode in (Mode.STAND_IN, Mode.OFF) else logging.INFO
        banner = read_payments.get_payment_mode(self.desk)["banner"]
        logs.event(log, level, "payment_mode", mode=mode.value, banner=banner or "")

    def _provider(self, mode: Mode) -> StripeGateway | None:
        if mode is Mode.OFF:
            return None
        record = record_to(self.settings.request_record)
        return StripeGateway(stripe_client(self.settings), mode, self.internet.call, record)

    def _ask_booking(self, booking_id: str, caller: Caller) -> dict[str, Any]:
        return self.peers.call(booking_contract.PREPARE_PAYMENT, {"booking_id": booking_id}, caller)

    def _seed_commission(self) -> None:
        with self.transaction() as connection:
            first = commission_rules.seed(connection, self.settings.commission_rate)
        if first.rate != self.settings.commission_rate:
            logs.event(log, logging.WARNING, "commission_rate_setting_not_used", rule_id=first.id)


class PaymentService:
    """Payments, commission, webhooks."""

    name = contract.SERVICE
    resources = PaymentResources()

    @rpc(contract.PROCESS_PAYMENT)
    def process_payment(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return process_payment.process_payment(self.resources.desk, request, caller)

    @rpc(contract.CONFIRM_PAYMENT)
    def confirm_payment(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return read_payments.confirm_payment(self.resources.desk, request["payment_intent_id"], caller)

    @rpc(contract.GET_PAYMENT)
    def get_payment(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return read_payments.get_payment(self.resources.desk, request["payment_id"], caller)

    @rpc(contract.LIST_PAYMENTS)
    def list_payments(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return read_payments.list_payments(self.resources.desk, request["limit"], request["cursor"], caller)

    @rpc(contract.RECEIVE_WEBHOOK)
    def receive_webhook(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return webhooks.receive_webhook(self.resources.desk, request["body_base64"], request["signature"])

    @rpc(contract.GET_PAYMENT_MODE)
    def get_payment_mode(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return read_payments.get_payment_mode(self.resources.desk)

    @rpc(books.LIST_COMMISSION_RULES)
    def list_commission_rules(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return rules.list_rules(self.resources.desk, request["limit"], request["cursor"], caller)

    @rpc(books.PROPOSE_COMMISSION_RULES)
    def propose_commission_rules(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return rules.propose(self.resources.desk, request, caller)

    @rpc(books.PREVIEW_COMMISSION_RULES)
    def preview_commission_rules(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return what_if.preview(self.resources.desk, request, caller)

    @rpc(books.GET_MONEY_FIGURES)
    def get_money_figures(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return money_figures.get_money_figures(self.resources.desk, request, caller)

    @on_event(search_contract.PROVIDER_PUBLISHED)
    def on_provider_published(self, event: Event) -> None:
        hear_events.on_provider_published(self.resources.desk, event)

    @on_event(search_contract.SERVICE_PUBLISHED)
    def on_service_published(self, event: Event) -> None:
        hear_events.on_service_published(self.resources.desk, event)

    @on_event(booking_contract.BOOKING_EXPIRED)
    def on_booking_expired(self, event: Event) -> None:
        hear_events.on_booking_expired(self.resources.desk, event)

    @on_event(booking_contract.BOOKING_CANCELLED)
    def on_booking_cancelled(self, event: Event) -> None:
        hear_events.on_booking_cancelled(self.resources.desk, event)

    @on_event(booking_contract.BOOKING_COMPLETED)
    def on_booking_completed(self, event: Event) -> None:
        hear_events.on_booking_completed(self.resources.desk, event)

    @every(seconds=1)
    def begin_round(self) -> None:
        self.resources.rounds.begin_when_due()
        self.resources.comparisons.begin_when_due()
        self.resources.closings.begin_when_due()

    @every(seconds=1)
    def work_jobs(self) -> None:
        self.resources.jobs.run_due(JOBS_IN_A_ROW, SECONDS_OF_JOBS)

    @every(seconds=MEASURE_SECONDS)
    def measure_open_work(self) -> None:
        measure.measure_open_work(self.resources.transaction, self.resources.kinds_of_jobs)

    @every(seconds=FORGET_SECONDS)
    def forget_old(self) -> None:
        forget.forget_old(self.resources.desk)


SERVICE = PaymentService
